"""The primitives that the vault stands on compute what their standards say, and refuse whatever was changed
(tests/vectors/primitives.json names each source)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from storage import sealed
from storage.errors import CannotOpen

Case = dict[str, Any]
KNOWN: dict[str, list[Case]] = msgspec.json.decode((Path(__file__).parent / "primitives.json").read_bytes())


def _cases(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", KNOWN[name], ids=lambda case: case["source"])


def _bytes(case: Case, *names: str) -> list[bytes]:
    return [bytes.fromhex(case[name]) for name in names]


def _mutations(content: bytes) -> list[bytes]:
    """One bit of each byte changed, cut shorter by one byte from either end, one byte longer, empty."""
    flipped = [content[:at] + bytes([content[at] ^ 1 << at % 8]) + content[at + 1 :] for at in range(len(content))]
    return [*flipped, content[:-1], content[1:], content + b"\0", b""]


# ---------------------------------------------------------------- AES-256-GCM
@_cases("aes-256-gcm")
def test_aes_gcm(case: Case) -> None:
    key, nonce, data, plain, ciphertext = _bytes(case, "key", "nonce", "data", "plain", "sealed")
    assert AESGCM(key).encrypt(nonce, plain, data) == ciphertext
    assert AESGCM(key).decrypt(nonce, ciphertext, data) == plain


@_cases("aes-256-gcm")
@pytest.mark.parametrize("part", ["key", "nonce", "data", "sealed"])
def test_aes_gcm_refuses_every_change(case: Case, part: str) -> None:
    (right,) = _bytes(case, part)
    wrong = [changed for changed in _mutations(right) if changed != right]
    assert wrong
    for changed in wrong:
        key, nonce, data, ciphertext = _bytes(case | {part: changed.hex()}, "key", "nonce", "data", "sealed")
        with pytest.raises((InvalidTag, ValueError)):
            AESGCM(key).decrypt(nonce, ciphertext, data)


# ---------------------------------------------------------------- derivations
@_cases("hkdf-sha256")
def test_hkdf(case: Case) -> None:
    secret, salt, info, derived = _bytes(case, "secret", "salt", "info", "derived")
    assert HKDF(SHA256(), len(derived), salt or None, info).derive(secret) == derived


@_cases("scrypt")
def test_scrypt(case: Case) -> None:
    secret, salt = case["secret"].encode(), case["salt"].encode()
    assert hashlib.scrypt(secret, salt=salt, n=case["n"], r=case["r"], p=case["p"], dklen=64).hex() == case["derived"]


@pytest.mark.argon2id
@_cases("argon2id")
def test_argon2id(case: Case) -> None:
    from argon2.low_level import Type, hash_secret_raw

    costs = case["rounds"], case["memory_kib"], case["lanes"]
    derived = hash_secret_raw(case["secret"].encode(), case["salt"].encode(), *costs, 32, Type.ID)
    assert derived.hex() == case["derived"]


# ---------------------------------------------------------------- X25519 and HPKE
@_cases("x25519")
def test_x25519(case: Case) -> None:
    private, public, shared = _bytes(case, "private", "public", "shared")
    assert _exchanged(private, public) == shared


@_cases("x25519-refused")
def test_nothing_is_sealed_to_a_point_of_low_order(case: Case) -> None:
    with pytest.raises(ValueError):
        sealed.seal_to(bytes.fromhex(case["public"]), sealed.RECOVERY_SLOT, bytes(32))


def _exchanged(private: bytes, public: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(public))


def _hpke_opened(case: Case) -> bytes:
    """RFC 9180 in base mode, written down from its text once more: X25519, HKDF-SHA256, AES-GCM."""
    private, info, data, enc, ciphertext = _bytes(case, "private", "info", "data", "enc", "sealed")
    key_bytes = {1: 16, 2: 32}[case["aead"]]
    kem, suite = b"KEM\0\x20", b"HPKE\0\x20\0\x01\0" + bytes([case["aead"]])

    def extract(of: bytes, salt: bytes, label: bytes, secret: bytes) -> bytes:
        return HKDF.extract(SHA256(), salt or None, b"HPKE-v1" + of + label + secret)

    def expand(of: bytes, secret: bytes, label: bytes, context: bytes, size: int) -> bytes:
        return HKDFExpand(SHA256(), size, size.to_bytes(2) + b"HPKE-v1" + of + label + context).derive(secret)

    pair = enc + sealed.public_half(private)
    shared = expand(kem, extract(kem, b"", b"eae_prk", _exchanged(private, enc)), b"shared_secret", pair, 32)
    context = b"\0" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    key = expand(suite, secret, b"key", context, key_bytes)
    return AESGCM(key).decrypt(expand(suite, secret, b"base_nonce", context, 12), ciphertext, data)


@_cases("hpke")
def test_hpke_as_written_down_here_is_the_standard(case: Case) -> None:
    assert _hpke_opened(case).hex() == case["plain"]


def test_what_is_sealed_to_a_public_key_is_hpke() -> None:
    """So the municipality can open a recovery slot with any implementation of the standard."""
    private, public = sealed.new_recovery_key()
    envelope = sealed.seal_to(public, sealed.RECOVERY_SLOT, b"master key")
    parts = {"enc": envelope[:32], "sealed": envelope[32:], "private": private, "info": sealed.RECOVERY_SLOT}
    case = {name: part.hex() for name, part in parts.items()} | {"data": "", "aead": 2}
    assert _hpke_opened(case) == b"master key"


def test_hpke_refuses_every_change() -> None:
    private, public = sealed.new_recovery_key()
    for changed in _mutations(sealed.seal_to(public, sealed.RECOVERY_SLOT, b"master key")):
        with pytest.raises(CannotOpen):
            sealed.open_from(private, sealed.RECOVERY_SLOT, changed)
