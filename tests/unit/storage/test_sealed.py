"""An envelope opens in its place, with its key, unchanged - or not at all (P2)."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import CannotOpen
from storage.sealed import NONCE_BYTES, Place, _seal, open_sealed, padded_size, seal

KEY = AESGCM(bytes(32))
HERE = Place(b"r" * 16, b"k" * 16, 1)
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
