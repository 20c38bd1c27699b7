"""An envelope opens in its place, with its key, unchanged - or not at all (P2)."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import CannotOpen
from storage.sealed import (
    CODE_ALPHABET,
    NONCE_BYTES,
    RECOVERY_SLOT,
    Place,
    _seal,
    new_recovery_key,
    open_from,
    open_sealed,
    padded_size,
    plain_code,
    recovery_code,
    rewrap,
    seal,
    seal_to,
)

KEY = AESGCM(bytes(32))
HERE = Place(b"r" * 16, b"k" * 16, 1)
PRIVATE, PUBLIC = new_recovery_key()
SEALED_TO = seal_to(PUBLIC, RECOVERY_SLOT, b"m" * 32)
ENVELOPE = _seal(KEY, HERE, "Gik ved åen.".encode(), bytes(NONCE_BYTES))


@given(st.binary(max_size=9_000))
def test_what_was_sealed_is_what_opens(payload: bytes) -> None:
    assert open_sealed(KEY, HERE, seal(KEY, HERE, payload)) == payload


@given(st.integers(0, len(ENVELOPE) - 1), st.integers(1, 255))
def test_any_changed_byte_is_refused(at: int, by: int) -> None:
    changed = bytearray(ENVELOPE)
    changed[at] ^= by
    with pytest.raises(CannotOpen):
        open_sealed(KEY, HERE, bytes(changed))


@given(st.integers(0, len(ENVELOPE) - 1))
def test_any_cut_is_refused(length: int) -> None:
    with pytest.raises(CannotOpen):
        open_sealed(KEY, HERE, ENVELOPE[:length])


@pytest.mark.parametrize("elsewhere", [{"row_key": b"x" * 16}, {"key_id": b"x" * 16}, {"version": 2}], ids=str)
def test_it_opens_nowhere_else(elsewhere: dict[str, object]) -> None:
    with pytest.raises(CannotOpen):
        open_sealed(KEY, HERE._replace(**elsewhere), ENVELOPE)


def test_it_opens_under_no_other_key() -> None:
    with pytest.raises(CannotOpen):
        open_sealed(AESGCM(b"\1" * 32), HERE, ENVELOPE)


def test_the_same_payload_never_gives_the_same_envelope() -> None:
    assert len({seal(KEY, HERE, b"ja") for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("size", "bucket"),
    [(0, 256), (256, 256), (257, 512), (1025, 2048), (4096, 4096), (4097, 8192), (8193, 12288)],
)
def test_sizes_show_in_buckets_alone(size: int, bucket: int) -> None:
    assert padded_size(size) == bucket


# ---------------------------------------------------------------- to somebody's public key
@given(st.binary(max_size=500))
def test_what_was_sealed_to_a_key_opens_with_its_private_half(payload: bytes) -> None:
    assert open_from(PRIVATE, b"info", seal_to(PUBLIC, b"info", payload)) == payload


@given(st.integers(0, len(SEALED_TO) - 1), st.integers(1, 255))
def test_any_changed_byte_of_what_was_sealed_to_a_key_is_refused(at: int, by: int) -> None:
    changed = bytearray(SEALED_TO)
    changed[at] ^= by
    with pytest.raises(CannotOpen):
        open_from(PRIVATE, RECOVERY_SLOT, bytes(changed))


@given(st.integers(0, len(SEALED_TO) - 1))
def test_any_cut_of_what_was_sealed_to_a_key_is_refused(length: int) -> None:
    with pytest.raises(CannotOpen):
        open_from(PRIVATE, RECOVERY_SLOT, SEALED_TO[:length])


@pytest.mark.parametrize(
    ("private", "info"),
    [(new_recovery_key()[0], RECOVERY_SLOT), (PRIVATE, b"other"), (b"", b"")],
    ids=["another key", "another use", "no key"],
)
def test_another_key_or_use_opens_nothing_that_was_sealed_to_a_key(private: bytes, info: bytes) -> None:
    with pytest.raises(CannotOpen):
        open_from(private, info, SEALED_TO)


@pytest.mark.parametrize("key", [bytes(32), b"short", b""], ids=["of low order", "short", "empty"])
def test_to_what_is_no_key_nothing_is_sealed(key: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        seal_to(key, RECOVERY_SLOT, b"m")


def test_the_helpdesk_seals_the_master_key_to_the_phone_that_asks_alone() -> None:
    phone, another = new_recovery_key(), new_recovery_key()
    answer = rewrap(PRIVATE, SEALED_TO, phone[1])
    assert open_from(phone[0], b"medgang/recovery-answer/1", answer) == b"m" * 32
    for private, info in ((another[0], b"medgang/recovery-answer/1"), (phone[0], RECOVERY_SLOT)):
        with pytest.raises(CannotOpen):
            open_from(private, info, answer)


def test_another_key_answers_no_request() -> None:
    with pytest.raises(CannotOpen):
        rewrap(new_recovery_key()[0], SEALED_TO, PUBLIC)


def test_a_recovery_code_is_the_same_in_every_release() -> None:
    assert recovery_code(bytes(32), b"wrapped") == "RP37-472W-91"


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100))
def test_a_recovery_code_is_read_aloud_and_typed_again(public_key: bytes, wrapped: bytes) -> None:
    code = recovery_code(public_key, wrapped)
    assert [len(part) for part in code.split("-")] == [4, 4, 2]
    assert set(code) <= {*CODE_ALPHABET, "-"}
    heard = code.lower().replace("0", "o").replace("1", "l").replace("-", " ")
    assert plain_code(heard) == code.replace("-", "")
    assert recovery_code(public_key, wrapped + b"x") != code
