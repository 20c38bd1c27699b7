"""`medgang` from a terminal: what is typed, what is said, what the exit code is, what is still there afterwards."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from mobile_app import cli, demo
from mobile_app.services import Desk
from storage.records import Citizen, ContactNote
from storage.store import Vault

ROOT = Path(__file__).parents[2]
WITHIN_S = 30.0
COMMAND = (sys.executable, "-m", "mobile_app.cli")
HUB_COMMANDS = (
    "serve", "enrol", "devices", "revoke", "import", "export", "recovery-key new", "recovery list", "recovery answer",
)  # fmt: skip
APP_COMMANDS = ("demo", "app", "backup", "restore", "hub")
COMMANDS = [*((name,) for name in APP_COMMANDS), *(("hub", *name.split()) for name in HUB_COMMANDS)]


@dataclass
class Running:
    """A command in a process of its own, its two outputs in files."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    def until(self, text: str) -> str:
        """Everything said, once `text` was."""
        deadline = time.monotonic() + WITHIN_S
        while text not in (said := self.out.read_text()):
            assert self.process.poll() is None, self.err.read_text()
            assert time.monotonic() < deadline, f"{text!r} was not said: {said}"
            time.sleep(0.01)
        return said

    @property
    def url(self) -> str:
        return re.findall(r"http://127\.0\.0\.1:\d+", self.until("Ctrl-C"))[0]

    def stop(self, number: int = signal.SIGINT) -> tuple[int, str, str]:
        """Its exit code, and what it said to both outputs."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> tuple[int, str, str]:
        self.process.wait(WITHIN_S)
        return self.process.returncode, self.out.read_text(), self.err.read_text()


Start = Callable[..., Running]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts `medgang` with these arguments. What still runs at the end is killed."""
    with ExitStack() as stack:

        def started(*arguments: str | Path) -> Running:
            folder = tmp_path_factory.mktemp("said")
            out, err = folder / "out", folder / "err"
            with out.open("wb") as to_out, err.open("wb") as to_err:
                process = subprocess.Popen(
                    [*COMMAND, *map(str, arguments)], cwd=ROOT, env=environment(), stdout=to_out, stderr=to_err
                )
            stack.callback(killed, process)
            return Running(process, out, err)

        yield started


def environment() -> dict[str, str]:
    """Without this machine's own settings of Medgang."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MEDGANG_")}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1"}


def killed(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def started_demo(start: Start, data: Path, *more: str | Path) -> Running:
    return start("demo", "--port", "0", "--data", data, *more)


def refusal_of(running: Running) -> str:
    """What a command that cannot start says. No trace."""
    code, said, complained = running.ended()
    assert (code, said) == (cli.CANNOT_START, "")
    assert "Traceback" not in complained
    return complained


def vault_of(data: Path) -> Path:
    return data / "demo" / "vault.db"


def opened(data: Path) -> Vault:
    vault = Vault(vault_of(data))
    vault.unlock(demo.PIN)
    return vault


def texts(data: Path) -> list[str]:
    vault = opened(data)
    try:
        since_ever = Desk(vault).now().replace(year=2000)
        return sorted(note.text for note in vault.reading.notes_since(since_ever))
    finally:
        vault.close()


def files(data: Path) -> list[str]:
    """Beside the hub's folder."""
    return sorted(file.name for file in (data / "demo").iterdir() if file.is_file())


def write_note(data: Path, text: str) -> None:
    vault = opened(data)
    citizen = vault.reading.all(Citizen)[0]
    desk = Desk(vault)
    now = desk.now()
    vault.save(
        ContactNote(
            id="note-of-the-test",
            citizen_id=citizen.id,
            created_at=now,
            updated_at=now,
            author=desk.author,
            occurred_at=now,
            channel="walk",
            text=text,
        )
    )
    vault.close()


@dataclass(frozen=True)
class Made:
    """A demo that ran once."""

    data: Path
    code: int
    said: str
    complained: str
    answer: httpx2.Response


@pytest.fixture(scope="module")
def made(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Made:
    data = tmp_path_factory.mktemp("made")
    running = started_demo(start, data)
    answer = httpx2.get(running.url, trust_env=False)
    return Made(data, *running.stop(), answer)


@pytest.fixture
def data(made: Made, tmp_path: Path) -> Path:
    """The folder of a demo that ran once, a copy for each test."""
    return shutil.copytree(made.data, tmp_path / "data")


# ---------------------------------------------------------------- help
def test_help_says_what_there_is_and_where_to_begin() -> None:
    done = subprocess.run([*COMMAND, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=WITHIN_S, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(word in done.stdout for word in ("demo", "app", "hub", "Begin with `medgang demo`", "MEDGANG_PORT"))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        cli.main([*command, "--help"])
    said = capsys.readouterr().out
    assert done.value.code == 0
    assert f"usage: medgang {' '.join(command)}" in said
    explained = re.findall(r"^  (?:-h, )?--?[\w-]+.*(?:\n {8,}.*)?", said, re.MULTILINE)
    assert explained
    assert all(re.search(r"  +\w+ \w+|default: ", option) for option in explained), explained


def test_a_command_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        cli.main([])
    assert refused.value.code == 2
    assert "required" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["abc", "-1", "70000", "65535", "8550.5"])
@pytest.mark.parametrize("from_environment", [True, False])
def test_a_port_that_is_none_is_said_so(
    port: str, from_environment: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if from_environment:
        monkeypatch.setenv("MEDGANG_PORT", port)
    with pytest.raises(SystemExit) as refused:
        cli.main(["demo"] if from_environment else ["demo", f"--port={port}"])
    assert refused.value.code == 2
    assert "a port is a number" in capsys.readouterr().err


# ---------------------------------------------------------------- the demo
def test_the_demo_says_where_it_is_and_its_pin(made: Made) -> None:
    assert f"PIN: {demo.PIN}" in made.said
    assert re.search(r"^Medgang demo: http://127\.0\.0\.1:\d+$", made.said, re.MULTILINE)


def test_ctrl_c_stops_it_with_a_word_and_no_complaint(made: Made) -> None:
    assert made.code == 0
    assert "Everything that was written is kept." in made.said
    assert "Traceback" not in made.said + made.complained


def test_the_demo_answers_with_strict_headers(made: Made) -> None:
    headers = made.answer.headers
    assert made.answer.status_code == 200
    assert "Medgang" in made.answer.text
    assert {name: headers[name] for name in ("cache-control", "x-content-type-options", "x-frame-options")} == {
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert not [source for sources in policy.values() for source in sources.split() if "//" in source or source == "*"]


def test_the_demo_has_its_citizens(data: Path) -> None:
    vault = opened(data)
    assert len(vault.reading.all(Citizen)) == 21
    vault.close()


def test_a_second_start_goes_on_with_what_was_written(data: Path, start: Start) -> None:
    write_note(data, "Skrevet i demoen")
    before, inode = texts(data), vault_of(data).stat().st_ino
    running = started_demo(start, data)
    assert httpx2.get(running.url, trust_env=False).status_code == 200
    assert running.stop()[0] == 0
    assert texts(data) == before
    assert "Skrevet i demoen" in before
    assert vault_of(data).stat().st_ino == inode


def test_fresh_begins_anew(data: Path, start: Start) -> None:
    write_note(data, "Skrevet i demoen")
    before = texts(data)
    running = started_demo(start, data, "--fresh")
    running.until("PIN")
    assert running.stop()[0] == 0
    assert len(texts(data)) == len(before) - 1
    assert "Skrevet i demoen" not in texts(data)


@pytest.mark.parametrize("above", [0, demo.HUB_PORT_AFTER])
def test_a_taken_port_is_a_sentence(data: Path, start: Start, above: int) -> None:
    """The port of the page, or the one above it that the demo's hub takes."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = start("demo", "--port", str(port - above), "--data", data)
        complained = refusal_of(refused)
    assert f"Port {port} is taken" in complained
    assert "MEDGANG_PORT" in complained


def test_an_address_that_is_not_this_machines_is_a_sentence(data: Path, start: Start) -> None:
    complained = refusal_of(started_demo(start, data, "--host", "192.0.2.1"))
    assert "Cannot listen on 192.0.2.1" in complained


@pytest.mark.parametrize("more", [(), ("--fresh",)])
def test_a_second_demo_on_the_same_notes_is_refused_and_harms_nothing(
    data: Path, start: Start, more: tuple[str, ...]
) -> None:
    before = texts(data)
    first = started_demo(start, data)
    url = first.url
    assert "is running already" in refusal_of(started_demo(start, data, *more))
    assert httpx2.get(url, trust_env=False).status_code == 200
    assert first.stop()[0] == 0
    assert texts(data) == before


def test_after_a_kill_it_starts_again(data: Path, start: Start) -> None:
    write_note(data, "Før strømmen gik")
    before = texts(data)
    running = started_demo(start, data)
    running.until("PIN")
    running.stop(signal.SIGKILL)
    again = started_demo(start, data)
    assert httpx2.get(again.url, trust_env=False).status_code == 200
    assert again.stop()[0] == 0
    assert texts(data) == before


def test_killed_while_it_was_being_made_it_is_made_anew(tmp_path: Path, start: Start, made: Made) -> None:
    running = started_demo(start, tmp_path)
    deadline = time.monotonic() + WITHIN_S
    while not any((tmp_path / "demo").glob("*.db")):
        assert time.monotonic() < deadline, "no vault was begun"
        assert running.process.poll() is None
        time.sleep(0.001)
    running.stop(signal.SIGKILL)
    again = started_demo(start, tmp_path)
    again.until("PIN")
    assert again.stop()[0] == 0
    assert texts(tmp_path) == texts(made.data)
    assert files(tmp_path) == files(made.data)


def test_ctrl_c_right_after_the_greeting_is_heeded(data: Path, start: Start) -> None:
    for wait_s in (0, 0.003, 0.01, 0.03):
        running = started_demo(start, data)
        running.until("Ctrl-C")
        time.sleep(wait_s)
        code, said, complained = running.stop()
        assert code == 0
        assert "Everything that was written is kept." in said
        assert "never awaited" not in complained


def nothing_of(content: bytes) -> bytes:
    return b""


def half_of(content: bytes) -> bytes:
    return content[: len(content) // 2]


def other_than(content: bytes) -> bytes:
    return b"This is no vault." * 100


@pytest.mark.parametrize("damage", [nothing_of, other_than])
def test_a_damaged_vault_is_said_so_and_left_as_it_is(
    data: Path, start: Start, damage: Callable[[bytes], bytes]
) -> None:
    content = damage(vault_of(data).read_bytes())
    vault_of(data).write_bytes(content)
    complained = refusal_of(started_demo(start, data))
    assert "The demo's notes cannot be opened" in complained
    assert "--fresh" in complained
    assert vault_of(data).read_bytes() == content


def test_half_a_vault_is_opened_to_read_said_so_and_left_as_it_is(data: Path, start: Start) -> None:
    content = half_of(vault_of(data).read_bytes())
    vault_of(data).write_bytes(content)
    running = started_demo(start, data)
    said = running.until("Ctrl-C")
    assert "The demo's notes are damaged: what is whole can be read." in said
    assert "--fresh" in said
    assert httpx2.get(running.url, trust_env=False).status_code == 200
    assert running.stop()[0] == 0
    assert vault_of(data).read_bytes() == content


def test_a_damaged_demo_can_begin_anew(data: Path, start: Start) -> None:
    vault_of(data).write_bytes(b"")
    running = started_demo(start, data, "--fresh")
    running.until("PIN")
    assert running.stop()[0] == 0
    assert texts(data)


# ---------------------------------------------------------------- the app alone, and the hub's commands
def test_the_app_alone_starts_without_a_vault_and_makes_none(tmp_path: Path, start: Start) -> None:
    running = start("app", "--port", "0", "--data", tmp_path)
    url = re.findall(r"http://\S+", running.until("Medgang: http"))[0]
    assert httpx2.get(url, trust_env=False).status_code == 200
    assert running.stop()[0] == 0
    assert list(tmp_path.iterdir()) == []


def test_a_bad_caseload_is_a_table_of_rows_and_nothing_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("MEDGANG_")]:
        monkeypatch.delenv(name)
    file = tmp_path / "caseload.csv"
    file.write_text(
        "case_number,given_name,started_on,contact_every_days\nS-1,Freja,2026-08-03,14\nS-2,,yesterday,\n"
        "S-3,Emil,2026-08-03,1\n",
        encoding="utf-8",
    )
    where = ["--data", str(tmp_path / "hub"), "--consultant", "Karen Holm"]
    assert cli.main(["hub", "import", str(file), *where]) == 1
    said = capsys.readouterr().err
    table = [line.split()[:2] for line in said.splitlines()]
    assert table[0] == ["Row", "Column"]
    assert {(row, column) for row, column in table[1:-1]} == {
        ("3", "given_name"),
        ("3", "started_on"),
        ("4", "contact_every_days"),
    }
    assert said.endswith("Nothing was imported.\n")
    assert cli.main(["hub", "export", *where]) == 1
    assert "Freja" not in capsys.readouterr().out
