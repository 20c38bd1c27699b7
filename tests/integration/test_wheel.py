"""The package as it is installed: whole, without the tests, and able to run far from the checkout."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import venv
from pathlib import Path
from zipfile import ZipFile

import httpx2
import pytest

ROOT = Path(__file__).parents[2]
WITHIN_S = 60.0
#: What a build leaves in the checkout, and what is no part of the package.
NOT_COPIED = shutil.ignore_patterns("build", "*.egg-info", "__pycache__", "data")
PARTS = ("assets", "mobile_app", "storage", "sync", "pyproject.toml", "LICENSE", "README.md")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("wheel")


@pytest.fixture(scope="module")
def wheel(folder: Path) -> Path:
    """Built from a copy, so that the checkout stays as it is."""
    source = folder / "source"
    source.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, source / part, ignore=NOT_COPIED)
        else:
            shutil.copy(ROOT / part, source)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", source]
    done = subprocess.run(build, capture_output=True, text=True, timeout=WITHIN_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = (folder / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with ZipFile(wheel) as packed:
        return set(packed.namelist())


@pytest.fixture(scope="module")
def installed(wheel: Path, folder: Path) -> Path:
    """A fresh environment that holds the wheel, and sees what it depends on in the running one."""
    home = folder / "env"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"]
    done = subprocess.run(
        [*pip, "install", "--quiet", "--no-deps", "--no-index", wheel],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # Plain lines: an editable install of the checkout over there is not followed.
    (site,) = home.glob("lib/python*/site-packages")
    seen = [path for path in sys.path if path.endswith("-packages")]
    (site / "running.pth").write_text("\n".join(seen) + "\n", encoding="utf-8")
    return home


def of_checkout(*folders: str) -> set[str]:
    """Every file of ours below these folders, as a name in the wheel."""
    files = [file for folder in folders for file in (ROOT / folder).rglob("*") if file.is_file()]
    return {file.relative_to(ROOT).as_posix() for file in files if "__pycache__" not in file.parts}


def test_everything_that_runs_is_inside_and_nothing_else(names: set[str]) -> None:
    """No tests, no bench: what the checkout has in its packages, to the file."""
    ours = {name for name in names if ".dist-info/" not in name}
    assert ours == of_checkout("assets", "mobile_app", "storage", "sync")


@pytest.mark.parametrize(
    "name",
    [
        "assets/locale/da/LC_MESSAGES/medgang.mo",
        "assets/locale/en/LC_MESSAGES/medgang.mo",
        "assets/demo/caseload.json",
        "sync/hub/versions/v0001_first.py",
        "mobile_app/views/root.py",
    ],
)
def test_what_is_no_python_or_lies_deep_is_inside(names: set[str], name: str) -> None:
    assert name in names


def test_the_licence_goes_along(names: set[str]) -> None:
    assert [name for name in names if name.endswith("/LICENSE")]


def test_the_installed_command_runs_the_demo_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    said = tmp_path / "said"
    empty = tmp_path / "empty"
    empty.mkdir()
    with said.open("wb") as out:
        running = subprocess.Popen(
            [installed / "bin" / "medgang", "demo", "--port", "0"], cwd=empty, env=environment(), stdout=out, stderr=out
        )
    try:
        answer = httpx2.get(address_in(said, running), trust_env=False)
        running.send_signal(signal.SIGINT)
        assert (answer.status_code, running.wait(WITHIN_S)) == (200, 0)
    finally:
        running.kill()
        running.wait()
    assert (empty / "data" / "demo" / "vault.db").is_file()


def test_the_installed_command_is_not_the_checkouts(installed: Path, tmp_path: Path) -> None:
    ask = (
        "import assets, mobile_app, storage, sync; print(*(p.__path__[0] for p in (assets, mobile_app, storage, sync)))"
    )
    done = subprocess.run(
        [installed / "bin" / "python", "-c", ask],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=True,
    )
    folders = [Path(folder) for folder in done.stdout.split()]
    assert len(folders) == 4
    assert all(folder.is_relative_to(installed) for folder in folders)


def environment() -> dict[str, str]:
    """Without this machine's own settings of Medgang and of Python."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MEDGANG_", "PYTHON"))}


def address_in(said: Path, running: subprocess.Popen[bytes]) -> str:
    """Where the demo is, once it says that it runs."""
    deadline = time.monotonic() + WITHIN_S
    while "Ctrl-C" not in (text := said.read_text()):
        assert running.poll() is None, text
        assert time.monotonic() < deadline, text
        time.sleep(0.02)
    return re.findall(r"http://127\.0\.0\.1:\d+", text)[0]
