"""What was sealed by any version ever released still opens. A vector is added for a new format, never changed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.sealed import Place, open_sealed

FROZEN = sorted(Path(__file__).parent.glob("envelope-*.json"))


@pytest.mark.parametrize("path", FROZEN, ids=lambda path: path.stem)
def test_a_frozen_envelope_opens(path: Path) -> None:
    known = msgspec.json.decode(path.read_bytes())
    place = Place(bytes.fromhex(known["row_key"]), bytes.fromhex(known["key_id"]), known["version"])
    opened = open_sealed(AESGCM(bytes.fromhex(known["key"])), place, bytes.fromhex(known["envelope"]))
    assert opened.decode() == known["payload"]


def test_there_is_a_vector_of_each_format() -> None:
    from storage import sealed

    assert [msgspec.json.decode(path.read_bytes())["format"] for path in FROZEN] == list(range(1, sealed.FORMAT + 1))
