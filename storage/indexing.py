"""The full-text index: FTS5 in memory over folded notes. It is built behind, while a scan answers the searches."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence

from storage.searching import Wanted, folded

Texts = list[tuple[int, str]]

#: Notes taken in at once: about a millisecond in which the screens may wait.
_BATCH = 20
_PAUSE_S = 0.001
#: The first screen and the first search go first.
_HEAD_START_S = 0.2
#: A folded text has nothing but blanks between its words; "ascii" takes all characters beyond ASCII for letters. The
#: last word of a query is a beginning: the short ones, which fit many words, have indexes of their own. Without the
#: lengths of the texts a ranked search takes a third of the time; a long note is then not held to say less.
_SCHEMA = """
CREATE VIRTUAL TABLE found USING fts5 (
    text, content = '', columnsize = 0, prefix = '2 3 4 5', tokenize = 'ascii');
-- Few segments instead of many: SQLite would flush its index into itself at every megabyte.
INSERT INTO found (found, rank) VALUES ('hashsize', 4194304);
"""
_FIND = "SELECT rowid FROM found WHERE found MATCH ? AND rowid BETWEEN ? AND ? ORDER BY {}"
_NEWEST, _BEST = _FIND.format("rowid DESC"), _FIND.format("rank, rowid DESC")


class Index:
    """Not safe to use from several threads at once."""

    def __init__(self) -> None:
        self._db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._db.executescript(_SCHEMA)

    def begin(self) -> None:
        self._db.execute("BEGIN")

    def end(self) -> None:
        self._db.execute("COMMIT")

    def add(self, texts: Iterable[tuple[int, str]]) -> None:
        """Texts by row id. In the order of row ids: out of order FTS5 takes three times as long."""
        rows = [(rowid, folded(text)) for rowid, text in texts]
        self._db.executemany("INSERT INTO found (rowid, text) VALUES (?, ?)", rows)

    def remove(self, rowid: int, text: str) -> None:
        """`text` as it was added: the index does not keep it."""
        self._db.execute("INSERT INTO found (found, rowid, text) VALUES ('delete', ?, ?)", (rowid, folded(text)))

    def find(self, wanted: Wanted, first: int, last: int, *, ranked: bool) -> Iterator[int]:
        """Row ids from `first` to `last`, newest first, or best first and of equals the newest."""
        return (rowid for (rowid,) in self._db.execute(_BEST if ranked else _NEWEST, (wanted.match, first, last)))

    def close(self) -> None:
        self._db.close()


class Builder:
    """Fills a new index in a thread of its own.

    `take` gives the texts of these row ids, as far as they are to be indexed; `done` gets the index when it holds them
    all. Between the batches others have their turn, until somebody waits for the end.
    """

    def __init__(
        self, rowids: Sequence[int], take: Callable[[Sequence[int]], Texts], done: Callable[[Index], None]
    ) -> None:
        self._rowids, self._take, self._done = rowids, take, done
        self._hurry, self._stopped = threading.Event(), False
        self._thread = threading.Thread(target=self._build, name="index", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Until it is built or stopped. Never under a lock that `take` and `done` need."""
        self._hurry.set()
        self._thread.join()

    def stop(self) -> None:
        self._stopped = True
        self.wait()

    def _build(self) -> None:
        self._hurry.wait(_HEAD_START_S)
        index = Index()
        index.begin()
        for first in range(0, len(self._rowids), _BATCH):
            if self._stopped:
                index.close()
                return
            index.add(self._take(self._rowids[first : first + _BATCH]))
            self._hurry.wait(_PAUSE_S)
        index.end()
        self._done(index)
