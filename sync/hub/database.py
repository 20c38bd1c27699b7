"""The hub's database: SQLite embedded, or PostgreSQL for a municipality. The same SQL runs on both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import (
    BindParameter,
    ClauseElement,
    ColumnElement,
    Connection,
    CursorResult,
    Dialect,
    Engine,
    Row,
    Table,
    bindparam,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles

SQLITE_BUSY_TIMEOUT_MS = 30_000
_POSTGRES: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
_POSTGRES_NAMES = {"postgres", "postgresql"}
#: What makes all reads of a transaction see one moment, while others write.
_SNAPSHOT: dict[str, dict[str, Any]] = {
    "sqlite": {"reads_only": True},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
_SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    f"busy_timeout={SQLITE_BUSY_TIMEOUT_MS}",
)


def open_engine(database_url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://...`. Connects to nothing yet."""
    url = make_url(database_url)
    if url.drivername in _POSTGRES_NAMES:
        url = url.set(drivername="postgresql+psycopg")
    # Parameters never reach a log: they may be names and sealed text.
    engine = create_engine(url, hide_parameters=True, pool_size=10, max_overflow=30)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def sqlite_path(database_url: str) -> Path | None:
    """The file of an SQLite database, none for another database."""
    url = make_url(database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write: committed at the end, rolled back by an exception."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads, so that on SQLite it waits for no writer."""
    with engine.connect().execution_options(reads_only=True) as connection:
        yield connection


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads and sees one moment of the whole database, however long it lasts. It keeps no
    writer waiting."""
    with engine.connect().execution_options(**_SNAPSHOT[engine.dialect.name]) as connection:
        yield connection


class Prepared:
    """A statement that every exchange makes: put together once for each sort of database, and then sent past
    SQLAlchemy, which looks at a statement and its values for longer than a database needs to answer. Its values, and
    those it finds, are as the driver has them: SQLite's truths are numbers."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._made: dict[str, tuple[str, list[str] | None, dict[str, Any]]] = {}

    def run(self, connection: Connection, **values: Any) -> CursorResult[Any]:
        """Every value that the statement leaves open is named; others that are given are left out."""
        return connection.exec_driver_sql(*self._with(connection.dialect, values))

    def parts(self, connection: Connection, size: int, **values: Any) -> Iterator[Sequence[Row[Any]]]:
        """What it finds, never more than so many rows in memory."""
        how = {"yield_per": size}
        return connection.exec_driver_sql(*self._with(connection.dialect, values), execution_options=how).partitions()

    def _with(self, dialect: Dialect, values: dict[str, Any]) -> tuple[str, Any]:
        text, order, fixed = self._made.get(dialect.name) or self._for(dialect)
        values = fixed | values
        return text, values if order is None else tuple(_as_sqlite_takes_it(values[name]) for name in order)

    def _for(self, dialect: Dialect) -> tuple[str, list[str] | None, dict[str, Any]]:
        compiled: Any = self._statement.compile(dialect=dialect)
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        made = self._made[dialect.name] = str(compiled), compiled.positiontup, fixed
        return made


class OneOf(ColumnElement[bool]):
    """Whether a column's value is in the list that a Prepared statement is given under this name, however long."""

    inherit_cache = False

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.column: ColumnElement[Any] = column
        self.wanted: BindParameter[Any] = bindparam(name)


@compiles(OneOf, "sqlite")
def _one_of_json(element: OneOf, compiler: Any, **how: Any) -> str:
    wanted = compiler.process(element.wanted, **how)
    return f"{compiler.process(element.column, **how)} IN (SELECT value FROM json_each({wanted}))"  # noqa: S608 - ours


@compiles(OneOf, "postgresql")
def _one_of_array(element: OneOf, compiler: Any, **how: Any) -> str:
    return f"{compiler.process(element.column, **how)} = ANY({compiler.process(element.wanted, **how)})"


def _as_sqlite_takes_it(value: Any) -> Any:
    return msgspec.json.encode(value).decode() if isinstance(value, list) else value


def insert_all(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """These rows, which name the same columns. Past SQLAlchemy, which looks at a row for longer than a database needs
    to store it; on PostgreSQL all travel in one statement."""
    if not rows:
        return
    names = tuple(rows[0])
    values = [tuple(row.values()) for row in rows]
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_from_lists(table, names), tuple(map(list, zip(*values, strict=True))))
    else:
        marks = ", ".join("?" * len(names))
        connection.exec_driver_sql(f"{_into(table, names)} VALUES ({marks})", values)


@cache
def _from_lists(table: Table, names: Sequence[str]) -> str:
    """`%b`: lists travel as bytes, which spares escaping them."""
    kinds = (table.c[name].type.compile(_POSTGRES) for name in names)
    lists = ", ".join(f"%b::{kind}[]" for kind in kinds)
    return f"{_into(table, names)} SELECT * FROM unnest({lists})"  # noqa: S608 - names of ours


def _into(table: Table, names: Sequence[str]) -> str:
    return f"INSERT INTO {table.name} ({', '.join(names)})"


def revision(connection: Connection) -> str:
    """The schema's, as its migration is called."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def migrate(engine: Engine) -> None:
    """Brings the schema to the newest version. Writes; does nothing when it is there already."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _prepare_sqlite(dbapi_connection: Any, _record: Any) -> None:
    # The driver's own BEGIN comes too late for reads and is never immediate: transactions are begun below.
    dbapi_connection.isolation_level = None
    for pragma in _SQLITE_PRAGMAS:
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: one that began by reading could not upgrade and would fail as "busy".
    reads_only = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
