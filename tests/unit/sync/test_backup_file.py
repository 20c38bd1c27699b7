"""The file of a hub's backup: what went in comes out, and no bit of it can change unnoticed."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.hub import backup_file
from sync.hub.backup_file import LAST_LINE_MAX_BYTES, LINE_MAX_BYTES, BackupDamagedError, Reader, Writer, new_file

LINES = [b"first", "blåbær".encode() * 50, b"", b"x" * 300]
LAST = b'{"end": true}'


def written(lines: list[bytes], last: bytes = LAST) -> tuple[bytes, bytes]:
    file = io.BytesIO()
    writer = Writer(file)
    for line in lines:
        writer.line(line)
    digest = writer.digest()
    writer.last_line(last)
    return file.getvalue(), digest


def read(data: bytes) -> tuple[list[bytes], bytes, bytes]:
    reader = Reader(io.BytesIO(data))
    return list(reader.lines()), reader.digest(), reader.last_line()


def test_what_went_in_comes_out() -> None:
    data, digest = written(LINES)
    assert read(data) == (LINES, digest, LAST)
    assert gzip.decompress(data).split(b"\n") == [*LINES, LAST, b""]


@pytest.mark.parametrize("chunk_bytes", [1, 7, 1000])
def test_it_does_not_matter_how_it_is_cut_into_chunks(chunk_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup_file, "_CHUNK_BYTES", chunk_bytes)
    monkeypatch.setattr(backup_file, "LINE_MAX_BYTES", 700)
    data, digest = written(LINES)
    assert read(data) == (LINES, digest, LAST)


def test_no_bit_can_change_unnoticed() -> None:
    data, digest = written(LINES)
    for bit in range(8 * len(data)):
        bent = bytearray(data)
        bent[bit // 8] ^= 1 << bit % 8
        try:
            assert read(bytes(bent))[1:] != (digest, LAST), bit
        except BackupDamagedError:
            continue


def test_however_much_is_cut_off_or_added_it_is_noticed() -> None:
    data, _ = written(LINES)
    for length in range(len(data)):
        with pytest.raises(BackupDamagedError):
            read(data[:length])
    for more in (b"\0", b"more", data):
        with pytest.raises(BackupDamagedError):
            read(data + more)


def test_a_line_without_end_is_refused_before_it_fills_the_memory() -> None:
    data, _ = written([b"first", b"0" * (3 * LINE_MAX_BYTES)])
    with pytest.raises(BackupDamagedError, match="line 2"):
        read(data)


def test_the_last_line_is_bounded() -> None:
    data, _ = written([b"first"], b"0" * (LAST_LINE_MAX_BYTES - 1))
    assert len(read(data)[2]) == LAST_LINE_MAX_BYTES - 1


def filled(path: Path, then: Callable[[], object]) -> None:
    with new_file(path) as (file, _):
        file.write(b"half")
        then()


def test_a_file_that_fails_half_way_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        filled(tmp_path / "backup", lambda: 1 // 0)
    assert list(tmp_path.iterdir()) == []


def test_what_came_into_its_place_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "backup"
    with pytest.raises(FileExistsError):
        filled(path, lambda: path.write_bytes(b"another's"))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"another's"]
