"""From a PIN to the keys: which parameters, which bounds, and what belongs to whom."""

from __future__ import annotations

import time

import pytest

from storage import keys
from storage.errors import CannotOpen, UnboundedKdf
from storage.keys import Algorithm, Kdf, Keyring, Purpose
from tests.vaults import cheap_kdf

SALT = bytes(range(16))
REFUSED_WITHIN_S = 0.05


@pytest.mark.argon2id
def test_a_new_vault_takes_argon2id_as_rfc_9106_advises() -> None:
    kdf = keys.new_kdf()
    assert (kdf.algorithm, kdf.memory_kib, kdf.rounds, kdf.lanes) == (Algorithm.ARGON2ID, 64 * 1024, 3, 4)
    assert keys.new_kdf().salt != kdf.salt


def test_where_argon2id_cannot_be_had_scrypt_of_like_cost_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "hash_secret_raw", None)
    kdf = keys.new_kdf()
    assert (kdf.algorithm, kdf.memory_kib, kdf.rounds, kdf.lanes) == (Algorithm.SCRYPT, 64 * 1024, 8, 2)
    assert len(keys.derive(kdf, "314159")) == 32


def test_a_vault_of_a_phone_with_argon2id_is_refused_in_words_on_one_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "hash_secret_raw", None)
    with pytest.raises(UnboundedKdf):
        keys.derive(Kdf(algorithm=Algorithm.ARGON2ID, salt=SALT), "314159")


# Values of argon2-cffi's low-level function and of hashlib, frozen: a vault must open for ever.
@pytest.mark.parametrize(
    ("kdf", "expected"),
    [
        pytest.param(
            Kdf(algorithm=Algorithm.ARGON2ID, salt=SALT),
            "5a83eae44ca1960415568e9f37a0cf0e51e70d2b542072c37bc437928fca5916",
            marks=pytest.mark.argon2id,
        ),
        (
            Kdf(algorithm=Algorithm.SCRYPT, salt=SALT, rounds=8, lanes=2),
            "20ec750a7681e0fa02a4ece11312f30da317e001e68e9846feffe6341e0a9095",
        ),
    ],
    ids=["argon2id", "scrypt"],
)
def test_the_same_pin_and_parameters_give_the_same_key_in_every_release(kdf: Kdf, expected: str) -> None:
    assert keys.derive(kdf, "gråvejr i åen").hex() == expected


@pytest.mark.parametrize(
    "out_of_bounds",
    [
        {"memory_kib": 4 * 1024 * 1024},
        {"memory_kib": 1024},
        {"rounds": 2**31},
        {"lanes": 2**24 - 1},
        {"salt": b""},
    ],
    ids=str,
)
@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_header_cannot_exhaust_the_phone(algorithm: Algorithm, out_of_bounds: dict[str, object]) -> None:
    began = time.monotonic()
    with pytest.raises(UnboundedKdf):
        keys.derive(Kdf(**{"algorithm": algorithm, "salt": SALT} | out_of_bounds), "314159")
    assert time.monotonic() - began < REFUSED_WITHIN_S


# ---------------------------------------------------------------- slots
def test_a_slot_opens_with_its_pin_and_its_device_alone(kdf: str) -> None:
    slot = keys.wrap(b"m" * 32, "314159", b"device")
    assert keys.unwrap(slot, "314159", b"device") == b"m" * 32
    for pin, device in (("314158", b"device"), ("314159", b"other"), ("314159", b"")):
        with pytest.raises(CannotOpen):
            keys.unwrap(slot, pin, device)


def test_two_slots_of_one_pin_share_nothing(kdf: str) -> None:
    first, second = (keys.wrap(b"m" * 32, "314159") for _ in range(2))
    assert first.kdf.salt != second.kdf.salt
    assert first.wrapped != second.wrapped


def test_decomposed_and_composed_letters_are_the_same_pin() -> None:
    kdf = cheap_kdf("scrypt")
    assert keys.derive(kdf, "a\u030asgård") == keys.derive(kdf, "\u00e5sgård")


# ---------------------------------------------------------------- the ring
def test_a_sealed_ring_gives_the_same_keys_back() -> None:
    ring = Keyring(b"m" * 32)
    key_id = ring.add_citizen("citizen-1")
    again = Keyring(b"m" * 32, ring.sealed())
    sealed = ring.cipher(key_id, Purpose.RECORD).encrypt(bytes(12), b"hej", None)
    assert again.key_id_of("citizen-1") == key_id
    assert again.citizen_of(key_id) == "citizen-1"
    assert again.cipher(key_id, Purpose.RECORD).decrypt(bytes(12), sealed, None) == b"hej"
    assert again.row_key("note-1") == ring.row_key("note-1")


def test_a_ring_opens_under_no_other_master_key() -> None:
    with pytest.raises(CannotOpen):
        Keyring(b"x" * 32, Keyring(b"m" * 32).sealed())


def test_each_citizen_and_each_purpose_has_a_key_of_its_own() -> None:
    ring = Keyring(b"m" * 32)
    ids = [ring.add_citizen(f"citizen-{i}") for i in range(2)]
    ciphers = [ring.cipher(key_id, purpose) for key_id in ids for purpose in Purpose]
    assert len({cipher.encrypt(bytes(12), b"hej", None) for cipher in ciphers}) == len(ids) * len(Purpose)


def test_a_forgotten_key_is_gone() -> None:
    ring = Keyring(b"m" * 32)
    key_id = ring.add_citizen("citizen-1")
    ring.cipher(key_id, Purpose.RECORD)
    ring.forget(key_id)
    assert ring.key_id_of("citizen-1") is None
    with pytest.raises(CannotOpen):
        ring.cipher(key_id, Purpose.RECORD)
