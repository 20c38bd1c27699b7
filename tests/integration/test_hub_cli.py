"""The hub from a terminal: what is typed, what is said, what the exit code is."""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from sync.hub import access, cli, service
from sync.hub.settings import Settings, open_hub
from tests.hubs import TOWN, Phone, through_socket

HEADER = "case_number,given_name,started_on\n"
ONE = HEADER + "S-1,Freja,2026-08-03\n"
PROGRAM = (
    "import argparse, sys; from sync.hub import cli; parser = argparse.ArgumentParser(); "
    "cli.add_commands(parser.add_subparsers()); args = parser.parse_args(); sys.exit(args.run(args))"
)


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("MEDGANG_DATABASE_URL", "MEDGANG_HUB_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MEDGANG_HUB_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def run(*argv: str | Path) -> int:
    parser = argparse.ArgumentParser()
    cli.add_commands(parser.add_subparsers())
    args = parser.parse_args(["hub", *map(str, argv)])
    code: int = args.run(args)
    return code


def in_file(tmp_path: Path, text: str, name: str = "caseload.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_enrol_prints_a_code_and_its_expiry(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("enrol", "--consultant", "Karen Holm") == 0
    assert re.search(r"^\w{5}-\w{5}  .*Karen Holm, until \d\d:\d\d:\d\d$", capsys.readouterr().out, re.MULTILINE)


def test_a_case_is_handed_over_by_its_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("import", in_file(tmp_path, ONE), "--consultant", "Karen Holm") == 0
    assert run("enrol", "--consultant", "Jens Dahl") == 0
    assert run("handover", "S-1", "--to", "Jens Dahl") == 0
    assert "The case S-1 is with Jens Dahl now." in capsys.readouterr().out
    assert run("export", "--consultant", "Jens Dahl") == 0
    assert "Freja" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("number", "to", "said"),
    [
        ("S-1", "Ingen Kender", "knows no consultant called Ingen Kender"),
        ("S-9", "Karen Holm", "knows no case S-9"),
        ("S-1", "Karen Holm", "is with Karen Holm already"),
    ],
)
def test_what_cannot_be_handed_over_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], number: str, to: str, said: str
) -> None:
    assert run("import", in_file(tmp_path, ONE), "--consultant", "Karen Holm") == 0
    assert run("handover", number, "--to", to) == 1
    assert said in capsys.readouterr().err


def test_there_is_no_hub_to_hand_over_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("handover", "S-1", "--to", "Karen Holm") == 2
    assert "There is no hub at" in capsys.readouterr().err


def test_import_and_export_bring_the_same_people_back(tmp_path: Path) -> None:
    assert run("import", in_file(tmp_path, ONE), "--consultant", "Karen Holm") == 0
    out = tmp_path / "out.json"
    assert run("export", "--consultant", "Karen Holm", "--out", out) == 0
    (person,) = json.loads(out.read_text(encoding="utf-8"))["citizens"]
    assert (person["case_number"], person["given_name"]) == ("S-1", "Freja")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_export_without_a_file_goes_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("import", in_file(tmp_path, ONE), "--consultant", "Karen Holm")
    capsys.readouterr()
    assert run("export") == 0
    assert json.loads(capsys.readouterr().out)["citizens"][0]["given_name"] == "Freja"


def test_an_exported_caseload_can_be_imported_elsewhere(tmp_path: Path) -> None:
    run("import", in_file(tmp_path, ONE), "--consultant", "Karen Holm")
    out = tmp_path / "out.json"
    run("export", "--out", out)
    assert run("import", out, "--consultant", "Bent Lund", "--data", tmp_path / "other") == 0


def test_every_error_of_a_file_is_a_row_and_nothing_is_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = in_file(tmp_path, ONE + "S-2,,2026-08-03\nS-3,Noah,i går\n")
    assert run("import", bad, "--consultant", "Karen Holm") == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0].split()[:2] == ["Row", "Column"]
    assert {line.split()[0] for line in said[1:-1]} == {"3", "4"}
    assert said[-1] == "Nothing was imported."
    assert run("import", in_file(tmp_path, ONE), "--consultant", "Karen Holm") == 0


def test_a_case_number_that_is_at_the_hub_is_an_error_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run("import", in_file(tmp_path, ONE), "--consultant", "Karen Holm")
    more = in_file(tmp_path, HEADER + "S-9,Noah,2026-08-03\nS-1,Freja,2026-08-03\n", "more.csv")
    assert run("import", more, "--consultant", "Bent Lund") == 1
    assert re.search(r"case_number +S-1 is at the hub already", capsys.readouterr().err)
    hub = open_hub(Settings.of(os.environ))
    assert [record.case_number for record in service.export_records(hub, TOWN)] == ["S-1"]
    hub.close()


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("import", tmp_path / "none.csv", "--consultant", "Karen Holm") == 1
    assert "Cannot read" in capsys.readouterr().err


def test_an_unknown_consultant_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "--consultant", "Ingen") == 1
    assert "no consultant called Ingen" in capsys.readouterr().err
    assert run("revoke", "--consultant", "Ingen") == 1


@pytest.mark.parametrize(
    "options",
    [
        ["--database", "nonsense"],
        ["--database", "sqlite:////proc/none/hub.db"],
        ["--database", "postgresql://127.0.0.1:1/hub"],
    ],
)
def test_a_database_that_does_not_open_is_a_sentence(
    options: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MEDGANG_HUB_KEY_FILE", str(tmp_path / "server.key"))
    assert run("enrol", "--consultant", "Karen Holm", *options) == 2
    assert "cannot be opened" in capsys.readouterr().err


def test_postgresql_without_a_key_file_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("serve", "--database", "postgresql://127.0.0.1:1/hub") == 2
    assert "MEDGANG_HUB_KEY_FILE" in capsys.readouterr().err


def test_a_taken_port_is_a_sentence_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert run("serve", "--port", str(taken.getsockname()[1])) == 2
    assert "Choose another --port" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["-1", "65536", "x"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("serve", "--port", port)
    assert "a port is a number" in capsys.readouterr().err


@pytest.mark.parametrize("command", cli._COMMANDS)
def test_help_explains_each_in_plain_words(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(*command.split(), "--help")
    assert ended.value.code == 0
    assert cli._COMMANDS[command][0] in " ".join(capsys.readouterr().out.split())


def test_serve_says_its_address_answers_and_ends_on_ctrl_c(data_folder: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "hub", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        address = server.stdout.readline().split()[-1]
        assert httpx2.get(address + "/v1/health", trust_env=False).json()["status"] == "ok"
        hub = open_hub(Settings.of(os.environ))
        assert Phone(through_socket(address)).enrol(access.new_enrol_code(hub, TOWN, "Karen").text).status_code == 200
        hub.close()
    finally:
        server.send_signal(signal.SIGINT)
        said, errors = server.communicate(timeout=20)
    assert server.returncode == 0, errors
    assert said == "Stopped.\n"
    assert "Traceback" not in errors


def test_where_no_hub_is_nobody_is_said_to_wait(data_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("recovery", "list") == cli.CANNOT_START
    assert f"There is no hub at {data_folder.absolute()}" in capsys.readouterr().err
    assert not data_folder.exists()
