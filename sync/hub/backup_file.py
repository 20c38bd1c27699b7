"""The file of a hub's backup: lines of JSON in a gzip file, to be read by `zcat` too. docs/hub-backup.md describes it.

The last line is a gzip member of its own, not compressed, with one possible form: so its digest can be over the bytes
of the file before it, and no bit of a file can change unnoticed. All sizes are bounded, whatever the file says.
"""

from __future__ import annotations

import os
import struct
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct, field

from sync.hub.durability import Mark

FORMAT = 1
UNFINISHED = ".unfinished"
#: A record of 768 KiB takes 1 MiB in base64; a header takes 100 bytes for each municipality.
LINE_MAX_BYTES = 4 * 1024 * 1024
#: What a gzip member that is stored, not compressed, can hold.
LAST_LINE_MAX_BYTES = 0xFFFF
_CHUNK_BYTES = 64 * 1024
#: Most of a backup is sealed, and for what is not the quick level is nearly as good.
_LEVEL = 1
_GZIP = 31
_MEMBER_HEAD = bytes.fromhex("1f8b08000000000000ff")


class BackupDamagedError(Exception):
    """The file is not what was written. `line` is the first bad one (from 1), 0 where no line is to blame."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}" if line else what)
        self.line = line


class Header(Struct, frozen=True, kw_only=True, rename={"format": "medgang_hub_backup"}):
    """The first line. `made_at` is UTC seconds, `server_key` the name of the key (not the key), `columns` says what
    stands in a row of each table."""

    format: int = field(default=FORMAT)
    revision: str
    made_at: int
    server_key: str
    municipalities: dict[str, Mark]
    columns: dict[str, tuple[str, ...]]


class End(Struct, frozen=True, forbid_unknown_fields=True):
    """The last line: rows of each table, SHA-256 over the bytes of the file before this line, and what only the server
    key can put under that digest."""

    rows: dict[str, int]
    sha256: str
    mac: str


@contextmanager
def new_file(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A file to fill and where it lies until the end; then it is on the disk under the name `path`, whole, or an
    exception removes it. Readable by its owner alone. Raises OSError (FileExistsError: nothing is written over)."""
    if path.exists():
        raise FileExistsError(path)
    handle, name = tempfile.mkstemp(suffix=UNFINISHED, prefix=path.name + ".", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file, unfinished
        if path.exists():
            raise FileExistsError(path)
        unfinished.rename(path)
        _sync_folder(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def flush(file: BinaryIO) -> None:
    """Everything written so far is on the disk."""
    file.flush()
    os.fsync(file.fileno())


class Writer:
    """Puts lines into `file`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._digest = file, sha256()
        self._packer = zlib.compressobj(_LEVEL, wbits=_GZIP)

    def line(self, line: bytes) -> None:
        self._put(self._packer.compress(line + b"\n"))

    def digest(self) -> bytes:
        """Over the whole file so far; only the last line may follow."""
        self._put(self._packer.flush())
        return self._digest.digest()

    def last_line(self, line: bytes) -> None:
        self._file.write(_member(line + b"\n"))

    def _put(self, packed: bytes) -> None:
        self._digest.update(packed)
        self._file.write(packed)


class Reader:
    """Reads what a Writer wrote: all `lines`, then `last_line`. Every method raises BackupDamagedError."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._digest = file, sha256()
        self._unpacker = zlib.decompressobj(wbits=_GZIP)
        #: The line that was read last, from 1.
        self.at = 0

    def lines(self) -> Iterator[bytes]:
        """Each line but the last, without its end."""
        rest = b""
        while not self._unpacker.eof:
            *whole, rest = (rest + self._unpacked()).split(b"\n")
            for line in whole:
                self.at += 1
                yield line
            if len(rest) > LINE_MAX_BYTES:
                raise BackupDamagedError(self.at + 1, "it is longer than any line can be")
        if rest:
            raise BackupDamagedError(self.at + 1, "it has no end")

    def digest(self) -> bytes:
        """Over the bytes of the file that the lines so far were in."""
        return self._digest.digest()

    def last_line(self) -> bytes:
        self.at += 1
        member = self._unpacker.unused_data + self._file.read(2 * LAST_LINE_MAX_BYTES)
        line = member[len(_member(b"")) - 8 : -8]
        if len(line) > LAST_LINE_MAX_BYTES or _member(line) != member:
            raise BackupDamagedError(self.at, "the last line is missing or damaged: the file was cut off or changed")
        return line.removesuffix(b"\n")

    def _unpacked(self) -> bytes:
        packed = self._unpacker.unconsumed_tail or self._file.read(_CHUNK_BYTES)
        if not packed:
            raise BackupDamagedError(self.at + 1, "the file was cut off here")
        try:
            plain = self._unpacker.decompress(packed, LINE_MAX_BYTES)
        except zlib.error as error:
            raise BackupDamagedError(self.at + 1, "from here on the file cannot be unpacked") from error
        left = self._unpacker.unused_data if self._unpacker.eof else self._unpacker.unconsumed_tail
        self._digest.update(packed[: len(packed) - len(left)])
        return plain


def _member(line: bytes) -> bytes:
    """A gzip member of one stored block."""
    block = struct.pack("<BHH", 1, len(line), len(line) ^ 0xFFFF) + line
    return _MEMBER_HEAD + block + struct.pack("<II", zlib.crc32(line), len(line))


def _sync_folder(folder: Path) -> None:
    """The name is on the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
