"""What the benchmark calls good enough, and what it writes."""

from __future__ import annotations

import asyncio
import dataclasses
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from bench import page, phrases
from bench.lines import Line
from bench.processes import Process
from bench.sync import goals as sync
from bench.sync import material
from bench.vault.goals import MANY, MEASURES, Measured, compare, figures
from bench.vault.stores import STORES
from storage import records
from tests.unit.domain import sentences


def measured(**ours: float) -> Measured:
    """Every store measures 10 in everything, ours what is given."""
    alike = {(store, MANY): dict.fromkeys(MEASURES, 10.0) for store in STORES}
    alike["ours", MANY] |= ours
    return alike


def goal(measure: str, **ours: float) -> Line:
    lines = compare(measured(**ours), (MANY,))
    (line,) = (line for line in lines if line.goal is not None and line.name.startswith(MEASURES[measure]))
    return line


def test_a_goal_is_met_up_to_its_ratio_and_not_beyond() -> None:
    assert goal("unlock_ms", unlock_ms=17.0).met
    assert not goal("unlock_ms", unlock_ms=17.1).met


def test_a_shred_may_take_its_limit_and_one_checkpoint() -> None:
    assert goal("shred_ms", shred_ms=60.0).met
    assert not goal("shred_ms", shred_ms=60.1).met


def test_memory_is_held_against_the_limit_whatever_the_others_need() -> None:
    assert goal("rss_mib", rss_mib=60.0).met
    assert not goal("rss_mib", rss_mib=60.1).met


def test_each_comparison_is_reported_once() -> None:
    names = [line.name for line in (*compare(measured(), (MANY,)), *sync.compare(synced()))]
    assert len(names) == len(set(names))


# ---------------------------------------------------------------- syncing
SIZES = (1_000, sync.AVERAGE, sync.LOAD, 100_000)


def synced(**ours: float) -> sync.Measured:
    """Every side measures 10 in everything at every number of records, ours what is given."""
    sides = ("ours", "pouchdb", "pouchdb-1000", "bare", "gzip")
    alike = {(measure, side, size): 10.0 for measure in sync.MEASURES for side in sides for size in SIZES}
    return alike | {(measure, "ours", size_of(measure)): value for measure, value in ours.items()}


def size_of(measure: str) -> int:
    return sync.LOAD if measure.startswith("load") else sync.AVERAGE


def sync_goal(measure: str, against: str, **ours: float) -> Line:
    name = f"{sync.MEASURES[measure]}, {size_of(measure):,} records / {against}"
    (line,) = (line for line in sync.compare(synced(**ours)) if line.name == name)
    return line


@pytest.mark.parametrize(
    ("measure", "against", "most"),
    [
        ("nothing_requests", "limit", 1),
        ("nothing_bytes", "limit", 2_000),
        ("nothing_ms", "pouchdb", 3.3),
        ("one_ms", "pouchdb", 10),
        ("one_ms", "ours, 1,000 records", 13),
        ("office_ms", "limit", 2_000),
        ("first_s", "pouchdb", 2.5),
        ("first_s", "bare", 40),
        ("first_bytes", "gzip", 11),
        ("push_s", "pouchdb", 3.3),
        ("push_s", "bare", 40),
        ("load_us", "bare", 20),
    ],
)
def test_a_sync_may_take_so_much_and_no_more(measure: str, against: str, most: float) -> None:
    assert sync_goal(measure, against, **{measure: most}).met
    assert not sync_goal(measure, against, **{measure: most * 1.01}).met


def test_what_was_not_measured_is_left_out() -> None:
    """There is no node, say."""
    without = {key: value for key, value in synced().items() if not key[1].startswith("pouchdb")}
    lines = sync.compare(without)
    assert lines and not any("pouchdb" in line.name for line in lines)


def test_a_changed_draft_is_the_same_record_with_another_text() -> None:
    (before,), (after,) = material.drafts(1, "karen", 0), material.drafts(1, "karen", 1)
    assert before.id == after.id
    assert set(records.difference(records.to_fields(before), records.to_fields(after))) == {"text", "updated_at"}


def test_the_proxy_counts_requests_and_every_byte_and_delays_a_round_trip(tmp_path: Path) -> None:
    asyncio.run(_through_a_proxy(tmp_path))


async def _through_a_proxy(tmp_path: Path) -> None:
    asked = b"POST /v1/sync HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            await reader.readexactly(len(asked))
            writer.write(b"x" * 100)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    command = (sys.executable, "-m", "bench.sync.proxy", str(port), "0.05")
    with Process(*command, errors=tmp_path / "log") as proxy:
        began = asyncio.get_running_loop().time()
        reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
        for _ in range(2):
            writer.write(asked)
            assert len(await reader.readexactly(100)) == 100
        took_s = asyncio.get_running_loop().time() - began
        writer.close()
        assert proxy.ask("count") == {"requests": 2, "bytes": 2 * (len(asked) + 100)}
        assert took_s >= 4 * 0.05, "two handshakes and two questions"
        assert proxy.ask("count") == {"requests": 0, "bytes": 0}
    server.close()


# ---------------------------------------------------------------- phrases
def test_a_moment_is_right_when_ours_gives_it_alone_and_the_other_among_its() -> None:
    plans = [sentence for sentence in sentences.read("held-out-english") if sentence.moments][:2]
    both = {plan.text: [*plan.moments, "2026-12-24 10:00"] for plan in plans}
    assert phrases._right(plans, lambda sentence, _language: both[sentence.text], "en") == 100
    assert phrases._right(plans, phrases._ours, "en") == 100
    assert phrases._right(plans, lambda *_: [], "en") == 0


def test_whatever_is_offered_where_nothing_is_planned_is_false() -> None:
    tales = [sentence for sentence in sentences.read("held-out-english") if not sentence.moments][:4]
    first = tales[0].text
    assert phrases._false(tales, lambda sentence, _language: ["x"] if sentence.text == first else [], "en") == 25


def test_dateparser_is_given_the_moment_of_the_note() -> None:
    (plan,) = (one for one in sentences.read("held-out-english") if one.text == "Follow up in two weeks")
    assert phrases._searched(plan, "en") == ["2026-12-07 09:00"]


def test_nothing_of_the_other_is_no_ratio_to_break_on() -> None:
    assert Line.of("false", 0, 0, 0.1).met
    assert not Line.of("false", 1, 0, 0.1).met


def test_the_table_of_phrases_has_what_has_no_goal_too() -> None:
    assert "| 100 | 30.00 |  |  |" in page.lines_table([Line.of("exact", 100, 30)])


# ---------------------------------------------------------------- the page
def test_a_missed_goal_stands_out_in_the_table() -> None:
    line = goal("unlock_ms", unlock_ms=18.0)
    assert "**no**" in page.goals_table([line])
    assert "**no**" not in page.goals_table([dataclasses.replace(line, met=True)])


def test_the_page_has_the_places_the_run_fills_and_shows_its_pictures() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    names = ("goals", "growth", "sync goals", "sync", "phrases")
    assert all(text.count(f"<!-- bench: {name} {end} -->") == 1 for name in names for end in ("begin", "end"))
    assert all(growth.file in text for growth in (page.VAULT_GROWTH, page.SYNC_GROWTH))


def test_a_picture_shows_every_number_of_notes_and_runs_nothing() -> None:
    alike = {(store, n): measured()[store, MANY] for store in STORES for n in (1_000, MANY)}
    for growth, found in ((page.VAULT_GROWTH, figures(alike)), (page.SYNC_GROWTH, synced())):
        drawn = page.picture(growth, found)
        assert b"1,000" in drawn
        assert b"10,000" in drawn
        assert b"<script" not in drawn


def test_after_a_picture_packages_still_know_their_versions() -> None:
    page.picture(page.VAULT_GROWTH, figures(measured()))
    assert version("sqlalchemy")
