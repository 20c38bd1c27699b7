"""A forgotten PIN at the hub: who may ask, how long it waits, who is answered, and that the hub can open nothing."""

from __future__ import annotations

import argparse
import os
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from storage.errors import CannotOpen
from storage.sealed import (
    RECOVERY_ANSWER,
    RECOVERY_SLOT,
    new_recovery_key,
    open_from,
    public_half,
    recovery_code,
    seal_to,
)
from sync.hub import access, cli, lost, recovery
from sync.hub.database import reading
from sync.hub.sealing import read_key_file
from sync.hub.settings import Hub, Settings
from sync.hub.tables import metadata
from sync.protocol import RECOVERY_ASKS_MAX, RECOVERY_PATH, RECOVERY_TTL_S, EnrolReply, RecoveryAsk, RecoveryReply
from tests.hubs import TOWN, Clock, Phone, problem_of, through_client

MASTER_KEY = b"M" * 32
Ask = Callable[..., Any]


@pytest.fixture
def key_file(hub: Hub, tmp_path: Path) -> Path:
    """The helpdesk's: the municipality has a recovery key."""
    path = tmp_path / "recovery.key"
    recovery.new_key(hub, TOWN, path)
    return path


@pytest.fixture
def helpdesk(key_file: Path) -> bytes:
    return read_key_file(key_file)


@pytest.fixture
def phone(new_phone: Callable[[], Phone]) -> Phone:
    return new_phone()


@pytest.fixture
def question(phone: Phone, helpdesk: bytes) -> RecoveryAsk:
    return asked_by(phone, helpdesk)


def asked_by(phone: Phone, helpdesk: bytes, public_key: bytes | None = None) -> RecoveryAsk:
    wrapped = seal_to(public_half(helpdesk), RECOVERY_SLOT, MASTER_KEY)
    public_key = public_key or new_recovery_key()[1]
    return RecoveryAsk(device_id=phone.device_id, public_key=public_key, wrapped=wrapped)


def code_of(question: RecoveryAsk) -> str:
    return recovery_code(question.public_key, question.wrapped)


@pytest.fixture
def ask(client: TestClient[Any]) -> Ask:
    """Posts a question, unsigned; the raw answer."""

    def post(question: RecoveryAsk, **changes: Any) -> Any:
        body = msgspec.json.encode(msgspec.structs.replace(question, **changes))
        return client.post(RECOVERY_PATH, content=body)

    return post


def answer_in(reply: Any) -> bytes:
    assert reply.status_code == 200, reply.text
    return msgspec.json.decode(reply.content, type=RecoveryReply).answer


def open_codes(hub: Hub) -> list[str]:
    return [found.code for found in recovery.open_questions(hub, TOWN)]


# ---------------------------------------------------------------- the key
def test_the_private_half_goes_to_its_file_alone(hub: Hub, key_file: Path, helpdesk: bytes) -> None:
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    with reading(hub.engine) as connection:
        assert access.find_recovery_key(connection, TOWN) == public_half(helpdesk)
    assert helpdesk not in dump(hub)


def test_a_key_is_replaced_on_purpose_alone_and_no_file_is_written_over(
    hub: Hub, key_file: Path, helpdesk: bytes, tmp_path: Path
) -> None:
    with pytest.raises(recovery.RecoveryKeyExistsError):
        recovery.new_key(hub, TOWN, tmp_path / "second.key")
    with pytest.raises(FileExistsError):
        recovery.new_key(hub, TOWN, key_file, replace=True)
    with reading(hub.engine) as connection:
        assert access.find_recovery_key(connection, TOWN) == public_half(helpdesk)
    recovery.new_key(hub, TOWN, tmp_path / "second.key", replace=True)
    with reading(hub.engine) as connection:
        assert access.find_recovery_key(connection, TOWN) == public_half(read_key_file(tmp_path / "second.key"))


def test_enrolling_and_every_sync_tell_the_key(hub: Hub, client: TestClient[Any], tmp_path: Path) -> None:
    def enrolled(phone: Phone) -> bytes:
        answer = phone.enrol(access.new_enrol_code(hub, TOWN, "Karen Holm").text)
        return msgspec.json.decode(answer.content, type=EnrolReply).recovery_public_key

    early, late = Phone(through_client(client)), Phone(through_client(client))
    assert (enrolled(early), early.sync().recovery_public_key) == (b"", b"")
    recovery.new_key(hub, TOWN, tmp_path / "recovery.key")
    public_key = public_half(read_key_file(tmp_path / "recovery.key"))
    assert (enrolled(late), early.sync().recovery_public_key) == (public_key, public_key)


# ---------------------------------------------------------------- asking
def test_a_question_waits_with_its_code_device_and_consultant(hub: Hub, ask: Ask, question: RecoveryAsk) -> None:
    assert answer_in(ask(question, take=True)) == b""
    (found,) = recovery.open_questions(hub, TOWN)
    assert (found.code, found.consultant_name, found.device_name) == (code_of(question), "Karen Holm", "Pixel")
    assert recovery.open_questions(hub, "nabokommune") == ()


def test_the_same_question_again_is_one_and_another_takes_its_place(
    hub: Hub, ask: Ask, phone: Phone, helpdesk: bytes, question: RecoveryAsk
) -> None:
    for _ in range(RECOVERY_ASKS_MAX + 5):
        assert answer_in(ask(question, take=True)) == b""
    assert open_codes(hub) == [code_of(question)]
    later = asked_by(phone, helpdesk)
    ask(later)
    assert open_codes(hub) == [code_of(later)]


def test_too_many_questions_of_one_device_are_turned_away_for_a_day(
    hub: Hub, ask: Ask, clock: Clock, phone: Phone, new_phone: Callable[..., Phone], helpdesk: bytes
) -> None:
    for _ in range(RECOVERY_ASKS_MAX):
        last = asked_by(phone, helpdesk)
        assert answer_in(ask(last)) == b""
    answer = ask(asked_by(phone, helpdesk))
    assert (answer.status_code, problem_of(answer)) == (429, "too_many")
    assert open_codes(hub) == [code_of(last)]
    assert answer_in(ask(asked_by(new_phone("Bent Lund"), helpdesk))) == b""
    clock.ahead = timedelta(seconds=RECOVERY_TTL_S + 1)
    assert answer_in(ask(asked_by(phone, helpdesk))) == b""


@pytest.mark.parametrize("device_id", ["nobody", "nobody\0", "' OR 1=1 --"])
def test_an_unknown_device_asks_nothing(hub: Hub, ask: Ask, question: RecoveryAsk, device_id: str) -> None:
    answer = ask(question, device_id=device_id)
    assert (answer.status_code, problem_of(answer)) == (401, "device_unknown")
    assert open_codes(hub) == []


@pytest.mark.parametrize(
    "changes",
    [{"public_key": b"k" * 31}, {"public_key": b"k" * 33}, {"wrapped": b""}, {"wrapped": b"w" * 513}],
    ids=str,
)
def test_a_question_of_another_size_is_invalid(hub: Hub, ask: Ask, question: RecoveryAsk, changes: Any) -> None:
    answer = ask(question, **changes)
    assert (answer.status_code, problem_of(answer)) == (400, "invalid")
    assert open_codes(hub) == []


def test_of_an_unsigned_request_no_more_than_4_kib_are_read(client: TestClient[Any], question: RecoveryAsk) -> None:
    body = msgspec.json.encode(question)
    padded = body + b" " * 4096
    answer = client.post(RECOVERY_PATH, content=padded)
    assert (answer.status_code, problem_of(answer)) == (413, "too_large")
    assert client.post(RECOVERY_PATH, content=body).status_code == 200


# ---------------------------------------------------------------- the answer
def test_the_answer_opens_for_the_phone_that_asked_and_is_handed_over_once(
    hub: Hub, ask: Ask, phone: Phone, helpdesk: bytes
) -> None:
    private_key, public_key = new_recovery_key()
    question = asked_by(phone, helpdesk, public_key)
    ask(question)
    recovery.answer(hub, TOWN, code_of(question), helpdesk)
    assert open_codes(hub) == []
    assert answer_in(ask(question)) == b""  # asking alone takes nothing
    answer = answer_in(ask(question, take=True))
    assert open_from(private_key, RECOVERY_ANSWER, answer) == MASTER_KEY
    assert answer_in(ask(question, take=True)) == b""
    assert open_codes(hub) == [code_of(question)]  # a lost answer is asked for again, under the same code


def test_neither_key_nor_answer_tells_the_hub_the_master_key(
    hub: Hub, ask: Ask, helpdesk: bytes, question: RecoveryAsk
) -> None:
    ask(question)
    recovery.answer(hub, TOWN, code_of(question), helpdesk)
    there = dump(hub)
    assert question.wrapped in there
    assert MASTER_KEY not in there
    assert helpdesk not in there


@pytest.mark.parametrize("heard", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} "])
def test_a_code_is_taken_as_it_was_heard(
    hub: Hub, ask: Ask, helpdesk: bytes, question: RecoveryAsk, heard: Callable[[str], str]
) -> None:
    ask(question)
    assert recovery.answer(hub, TOWN, heard(code_of(question)), helpdesk).code == code_of(question)


def test_a_mistyped_code_or_one_of_another_municipality_answers_nobody(
    hub: Hub, ask: Ask, helpdesk: bytes, question: RecoveryAsk
) -> None:
    ask(question)
    code = code_of(question)
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    for municipality, typed in ((TOWN, wrong), (TOWN, ""), ("nabokommune", code)):
        with pytest.raises(recovery.UnknownCodeError):
            recovery.answer(hub, municipality, typed, helpdesk)
    assert open_codes(hub) == [code]


def test_two_questions_with_one_code_are_answered_to_neither(
    hub: Hub, ask: Ask, new_phone: Callable[[], Phone], helpdesk: bytes, question: RecoveryAsk
) -> None:
    ask(question)
    ask(question, device_id=new_phone().device_id)
    with pytest.raises(recovery.UnknownCodeError):
        recovery.answer(hub, TOWN, code_of(question), helpdesk)


def test_another_key_answers_nothing(hub: Hub, ask: Ask, question: RecoveryAsk) -> None:
    ask(question)
    with pytest.raises(CannotOpen):
        recovery.answer(hub, TOWN, code_of(question), new_recovery_key()[0])
    assert answer_in(ask(question, take=True)) == b""


def test_after_a_day_question_and_answer_are_gone(
    hub: Hub, ask: Ask, clock: Clock, helpdesk: bytes, question: RecoveryAsk
) -> None:
    ask(question)
    recovery.answer(hub, TOWN, code_of(question), helpdesk)
    clock.ahead = timedelta(seconds=RECOVERY_TTL_S + 1)
    with pytest.raises(recovery.UnknownCodeError):
        recovery.answer(hub, TOWN, code_of(question), helpdesk)
    assert answer_in(ask(question, take=True)) == b""


def test_a_revoked_device_asks_nothing_and_gets_no_answer(
    hub: Hub, ask: Ask, helpdesk: bytes, question: RecoveryAsk
) -> None:
    ask(question)
    recovery.answer(hub, TOWN, code_of(question), helpdesk)
    lost.revoke(hub, TOWN, consultant_name="Karen Holm")
    assert question.wrapped not in dump(hub)
    answer = ask(question, take=True)
    assert (answer.status_code, problem_of(answer)) == (401, "device_revoked")


def test_revoking_one_leaves_the_question_of_another(
    hub: Hub, ask: Ask, new_phone: Callable[..., Phone], helpdesk: bytes, question: RecoveryAsk
) -> None:
    other = asked_by(new_phone("Bent Lund"), helpdesk)
    ask(question)
    ask(other)
    lost.revoke(hub, TOWN, consultant_name="Karen Holm")
    assert open_codes(hub) == [code_of(other)]


# ---------------------------------------------------------------- the helpdesk's terminal
Run = Callable[..., int]


@pytest.fixture
def run(settings: Settings, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`medgang hub ...` on the database of `hub`."""
    monkeypatch.setenv("MEDGANG_HUB_KEY_FILE", str(settings.key_file))

    def command(*argv: str | Path) -> int:
        parser = argparse.ArgumentParser()
        cli.add_commands(parser.add_subparsers())
        args = parser.parse_args(["hub", *map(str, argv), "--database", settings.database_url])
        code: int = args.run(args)
        return code

    return command


def test_the_terminal_makes_a_key_lists_and_answers(
    hub: Hub, run: Run, ask: Ask, phone: Phone, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "town.key"
    assert run("recovery", "list") == 0
    assert "Nobody is waiting." in capsys.readouterr().out
    assert run("recovery-key", "new", "--out", out) == 0
    said, helpdesk = capsys.readouterr().out, read_key_file(out)
    assert str(out) in said
    assert out.read_text().strip() not in said
    question = asked_by(phone, helpdesk)
    ask(question)
    assert run("recovery", "list") == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["Code", "Consultant", "Phone", "Asked"]
    assert row.split("  ") == [code_of(question), "Karen Holm", "Pixel", "0 min ago"]
    assert run("recovery", "answer", code_of(question).lower(), "--key", out) == 0
    assert "Karen Holm can choose a new PIN" in capsys.readouterr().out
    assert answer_in(ask(question, take=True)) != b""


def test_the_terminal_says_why_it_makes_no_key(
    run: Run, key_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("recovery-key", "new", "--out", tmp_path / "second.key") == 1
    assert "has a recovery key already" in capsys.readouterr().err
    assert run("recovery-key", "new", "--replace", "--out", key_file) == 1
    assert "No key was made." in capsys.readouterr().err
    assert not (tmp_path / "second.key").exists()


def test_the_terminal_says_why_it_does_not_answer(
    run: Run, ask: Ask, key_file: Path, question: RecoveryAsk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(question)
    other = tmp_path / "other.key"
    recovery.create_key_file(other, os.urandom(32))
    for code, key, sentence in (
        ("AAAA-AAAA-AA", key_file, "No open request has this code."),
        (code_of(question), other, "does not open this request"),
        (code_of(question), tmp_path / "none.key", "There is no recovery key at"),
    ):
        assert run("recovery", "answer", code, "--key", key) == 1
        said = capsys.readouterr()
        assert sentence in said.err
        assert said.out == ""
    assert answer_in(ask(question, take=True)) == b""


def test_what_a_phone_calls_itself_moves_no_cursor(
    hub: Hub, run: Run, ask: Ask, client: TestClient[Any], helpdesk: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    phone = Phone(through_client(client))
    phone.enrol(access.new_enrol_code(hub, TOWN, "Karen Holm").text, device_name="\x1b[2JPixel\r\n")
    ask(asked_by(phone, helpdesk))
    assert run("recovery", "list") == 0
    assert "?[2JPixel??" in capsys.readouterr().out


def dump(hub: Hub) -> bytes:
    """Every cell of the database."""
    with reading(hub.engine) as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(select(table))]
    return b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row)
