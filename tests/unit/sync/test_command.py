"""What is said about a device that is lost: whose word counts, and what a phone does about it."""

from __future__ import annotations

import itertools

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from sync import command
from sync.command import Command, Outbox, Step, Verb, is_genuine, next_step
from sync.signing import key_text

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
HUB = key_text(KEY.public_key())
SAID = command.signed(KEY, "device-1", Verb.STOLEN, 1_795_420_800)


# ---------------------------------------------------------------- whose word counts
def test_the_hubs_word_about_this_phone_counts_also_after_the_way() -> None:
    assert is_genuine(SAID, HUB, "device-1")
    assert is_genuine(msgspec.json.decode(msgspec.json.encode(SAID), type=Command), HUB, "device-1")


@pytest.mark.parametrize(
    "bent",
    [
        {"device_id": "device-2"},
        {"verb": Verb.HANDED_IN},
        {"issued_at": SAID.issued_at + 1},
        {"signature": b""},
        {"signature": bytes(64)},
        {"signature": SAID.signature[:-1] + bytes([SAID.signature[-1] ^ 1])},
    ],
    ids=str,
)
def test_a_command_bent_anywhere_counts_nothing(bent: dict[str, object]) -> None:
    other = replace(SAID, **bent)
    assert not is_genuine(other, HUB, other.device_id)


def test_of_another_hub_for_another_phone_or_by_no_key_it_counts_nothing() -> None:
    another = key_text(Ed25519PrivateKey.generate().public_key())
    assert not is_genuine(SAID, another, "device-1")
    assert not is_genuine(SAID, HUB, "device-2")
    for no_key in ("", "!" * 43, "A" * 42):
        assert not is_genuine(SAID, no_key, "device-1")


def test_no_two_commands_are_signed_as_the_same_bytes() -> None:
    ids = ["a", "a\nstolen", "a\nstolen\n1", ""]
    signed = [command.signed_bytes(*each) for each in itertools.product(ids, list(Verb), (1, 11))]
    assert len(set(signed)) == len(signed)


# ---------------------------------------------------------------- what a phone does about it
EMPTY, WAITS, REFUSED = Outbox(), Outbox(waiting=2), Outbox(not_taken=1)
BOTH = Outbox(waiting=1, not_taken=1)


@pytest.mark.parametrize(
    ("verb", "outbox", "is_open", "agreed", "step"),
    [
        (None, WAITS, True, True, Step.NOTHING),
        (None, EMPTY, False, False, Step.NOTHING),
        (Verb.HANDED_IN, EMPTY, False, False, Step.WIPE),
        (Verb.HANDED_IN, EMPTY, True, False, Step.WIPE),
        (Verb.HANDED_IN, WAITS, False, False, Step.OPEN_FIRST),
        (Verb.HANDED_IN, REFUSED, False, False, Step.OPEN_FIRST),
        (Verb.HANDED_IN, REFUSED, False, True, Step.OPEN_FIRST),
        (Verb.HANDED_IN, WAITS, True, False, Step.SEND),
        (Verb.HANDED_IN, WAITS, True, True, Step.SEND),
        (Verb.HANDED_IN, BOTH, True, False, Step.SEND),
        (Verb.HANDED_IN, BOTH, True, True, Step.SEND),
        (Verb.HANDED_IN, REFUSED, True, False, Step.ASK),
        (Verb.HANDED_IN, REFUSED, True, True, Step.WIPE),
    ],
)
def test_what_comes_next(verb: Verb | None, outbox: Outbox, is_open: bool, agreed: bool, step: Step) -> None:
    assert next_step(verb, outbox, is_open=is_open, agreed=agreed) == step


def test_a_stolen_phone_is_emptied_whatever_waits_on_it() -> None:
    for outbox, is_open, agreed in itertools.product((EMPTY, WAITS, REFUSED, BOTH), (True, False), (True, False)):
        assert next_step(Verb.STOLEN, outbox, is_open=is_open, agreed=agreed) == Step.WIPE
