"""A process that is killed in the middle of its work, at a moment a test chooses.

A *point* is the moment before an SQL statement on a file or a hub's database, before a hub's commit, and before the
process creates, renames, removes, cuts or syncs a file. `killed_at` really kills a child process there; `watched` only
tells, for a test that copies the files as they lie at that moment - which is what a kill leaves.
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Engine, event

from storage import keys

#: Python's audit events that change a folder or a file. `open` counts only where it writes.
_FILE_EVENTS = {"os.rename", "os.remove", "os.truncate", "os.chmod", "os.mkdir", "os.rmdir", "os.link"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_connect = sqlite3.connect
Reached = Callable[[], None]
#: Yields once when the work begins (from there on it may be killed), then after each step that is done for good.
Steps = Callable[[], Iterator[None]]


class Ran(NamedTuple):
    """What became of a child: `acknowledged` steps had returned when it ended."""

    killed: bool
    acknowledged: int


def killed_at(steps: Steps, point: int) -> Ran:
    """Runs `steps` in a forked child that gets SIGKILL at its `point`-th point, the first being 1; should the work
    have fewer, it ends by itself. Raises AssertionError with the child's traceback where it failed on its own."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the threads of other tests have no part in the child
        child = os.fork()
    if child == 0:
        _work(steps, point, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        heard = told.read()
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert killed or os.WEXITSTATUS(status) == 0, heard.decode(errors="replace")
    return Ran(killed, heard.count(b"\0"))


def _work(steps: Steps, point: int, writer: int) -> None:
    """The child's life. It never returns."""
    left, armed = point, False

    def reached() -> None:
        nonlocal left
        left -= armed
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        with watched(reached):
            sys.addaudithook(lambda event, arguments: reached() if _changes_files(event, arguments) else None)
            working = steps()
            next(working)
            armed = True
            for _ in working:
                os.write(writer, b"\0")
    except BaseException:
        os.write(writer, traceback.format_exc().encode())
        os._exit(1)
    os._exit(0)


def _changes_files(event: str, arguments: tuple[Any, ...]) -> bool:
    return event in _FILE_EVENTS or (event == "open" and bool((arguments[2] or 0) & _WRITES))


@contextmanager
def watched(reached: Reached) -> Iterator[None]:
    """Calls `reached` before every statement of each database file that is opened within, of every hub, and before each
    fsync."""
    fsync = os.fsync

    def connect(database: Any, *args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection = _connect(database, *args, **kwargs)
        if database != ":memory:":  # what lies in memory alone dies in every kill
            connection.set_trace_callback(lambda _: reached())
        return connection

    def synced(file: Any) -> None:
        reached()
        fsync(file)

    def asked(*_: Any) -> None:
        reached()

    with pytest.MonkeyPatch.context() as patch, ExitStack() as undo:
        patch.setattr(sqlite3, "connect", connect)
        patch.setattr(os, "fsync", synced)
        for moment in ("before_cursor_execute", "commit"):
            event.listen(Engine, moment, asked)
            undo.callback(event.remove, Engine, moment, asked)
        yield


def copied(folder: Path, to: Path) -> Path:
    """The folder as it lies now, in an empty place."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(folder, to)
    return to


@pytest.fixture
def quick_kdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """A derivation that costs nothing, for tests that open vaults by the hundred. All around it is as it always is."""
    monkeypatch.setattr(keys, "derive", lambda kdf, pin: sha256(kdf.salt + pin.encode()).digest())
