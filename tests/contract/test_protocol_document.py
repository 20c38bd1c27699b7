"""docs/protocol.md says what the code does: its example verifies, its replies parse, its tables are complete."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from storage.records import decode, from_fields, to_fields
from sync import signing
from sync.command import DEVICE_BODY_MAX_BYTES, DEVICE_PATH, Verb, signed_bytes
from sync.hub.problems import PROBLEMS
from sync.lease import LEASE
from sync.protocol import (
    BODY_MAX_BYTES,
    MUTATIONS_MAX,
    PAGE_MAX,
    PAGE_MAX_BYTES,
    RECOVERY_ASKS_MAX,
    RECOVERY_BODY_MAX_BYTES,
    RECOVERY_TTL_S,
    REQUEST_MAX_BYTES,
    SYNC_PATH,
    Reason,
    Status,
    SyncReply,
    SyncRequest,
)

DOCUMENT = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)\n```", DOCUMENT, re.DOTALL)
    return found


def test_the_request_of_the_example_verifies() -> None:
    head, _, body = block("http").partition("\n\n")
    lines = (line.partition(": ") for line in head.splitlines()[1:])
    headers = {name.lower(): value for name, _, value in lines}
    public_key = re.search(r"public key `([\w-]{43})`", DOCUMENT)
    assert public_key is not None
    signed = signing.verify(
        "POST",
        "https://hub.example" + SYNC_PATH,
        headers,
        body.encode(),
        find_key=lambda keyid: signing.key_from_text(public_key[1]),
        now=datetime(2026, 11, 23, 8, tzinfo=UTC),
    )
    assert signed.created == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert msgspec.json.decode(body, type=SyncRequest).mutations[0].base_version == 3
    assert headers["signature-input"].removeprefix("medgang=") in block("text")


def test_the_reply_of_the_example_is_one() -> None:
    reply = msgspec.json.decode(block("json"), type=SyncReply)
    assert reply.cursor == reply.durable_seq == reply.outcomes[-1].seq > reply.changes[-1].seq
    for change in reply.changes:
        assert decode(bytes(change.payload)).id == change.record_id
        assert from_fields(to_fields(bytes(change.payload))) == msgspec.json.format(bytes(change.payload), indent=-1)


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_is_in_the_table_with_its_status(code: str) -> None:
    assert re.search(rf"^\| `{code}` \| {PROBLEMS[code][0]} \|", DOCUMENT, re.MULTILINE)


def test_every_outcome_is_in_the_table() -> None:
    assert {f"| `{status}`" in DOCUMENT for status in (Status.APPLIED, Status.STALE)} == {True}
    assert {f"| `refused` `{reason}`" in DOCUMENT for reason in Reason} == {True}


def test_the_bounds_named_are_those_of_the_code() -> None:
    assert BODY_MAX_BYTES == PAGE_MAX_BYTES == 1024 * 1024
    assert f"at most {MUTATIONS_MAX}; the phone keeps them under {REQUEST_MAX_BYTES // 1024} KiB" in DOCUMENT
    assert f"at most {PAGE_MAX}, about 1 MiB" in DOCUMENT
    assert RECOVERY_BODY_MAX_BYTES == DEVICE_BODY_MAX_BYTES
    assert f"({RECOVERY_BODY_MAX_BYTES // 1024} KiB as sent for `/v1/recovery` and `/v1/device`)" in DOCUMENT
    assert f"shows its records for {LEASE.days} days without an exchange" in DOCUMENT
    assert f"After {RECOVERY_ASKS_MAX} different ones" in DOCUMENT
    assert f"gone after {RECOVERY_TTL_S // 3600} hours" in DOCUMENT


def test_a_command_is_signed_over_the_lines_named() -> None:
    first, *names = signed_bytes("{device_id}", "{verb}", 1).decode().split("\n")
    assert names == ["{device_id}", "{verb}", "1"]
    assert f"over the four lines `{first}`, device id, verb, `issued_at`" in " ".join(DOCUMENT.split())
    assert all(f"`{verb}`: it " in DOCUMENT for verb in Verb)
    assert f"`POST {DEVICE_PATH}`" in DOCUMENT
