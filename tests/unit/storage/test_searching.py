"""Search: what is found, by the scan and by the index alike, and how a hit is shown."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import indexing, records
from storage.errors import VaultLocked
from storage.indexing import Index
from storage.reading import NOTES_PAGE, ReadModel
from storage.records import ContactNote
from storage.row import Head, RowStatus, Standing
from storage.searching import Wanted, folded
from storage.store import Vault
from tests.vaults import NOON, Drawer, note

#: Letters that fold, are composed, look like others or separate words; few, so that texts and queries meet.
ALPHABET = 'aAeEoOåÅæÆøØxkiIsSß1_ \n\t"\\.-,éΣσς\u0130ı\u212a\u212b\u030a\u0301\u0000\u00adﬁ日👍'
WORDY = st.text(ALPHABET, max_size=12)
WAITING = Standing(RowStatus.WAITING, 0, 0)


def _heads(notes: Iterable[ContactNote | bytes]) -> Iterator[Head]:
    """As the scan of a vault gives them."""
    for one in notes:
        payload = one if isinstance(one, bytes) else records.encode(one)
        fields = records.to_fields(payload)
        yield Head(fields["id"], fields["citizen_id"], payload, WAITING)


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The index is begun when somebody waits for it, not before."""
    monkeypatch.setattr(indexing, "_HEAD_START_S", 3600.0)


def _model(*notes: ContactNote | bytes) -> ReadModel:
    model = ReadModel()
    model.fill(_heads(notes))
    return model


def _texts(*texts: str) -> list[ContactNote]:
    """note-0, note-1 ... a minute apart."""
    return [note(f"note-{i}", text=text, occurred_at=NOON + timedelta(minutes=i)) for i, text in enumerate(texts)]


def _ids(model: ReadModel, query: str, **how: Any) -> list[str]:
    return [hit.note.id for hit in model.search(query, **how)]


@pytest.fixture(params=["scan", "index"])
def found(request: pytest.FixtureRequest, waiting: None) -> Iterator[Any]:
    """Searches these texts, by the scan or by the index: the ids."""
    models: list[ReadModel] = []

    def search(texts: list[str], query: str, **how: Any) -> list[str]:
        model = _model(*_texts(*texts))
        models.append(model)
        if request.param == "index":
            model.wait_for_index()
        return _ids(model, query, **how)

    yield search
    for model in models:
        model.close()


# ---------------------------------------------------------------- what is found
def test_every_word_must_be_there(found: Any) -> None:
    assert found(["bolig og praktik", "bolig", "praktik"], "praktik bolig") == ["note-0"]


def test_the_last_word_may_be_a_beginning_and_the_others_may_not(found: Any) -> None:
    texts = ["praktikpladsen ved åen", "åens praktik"]
    assert found(texts, "prakt") == ["note-1", "note-0"]
    assert found(texts, "åen prakt") == ["note-0"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("Åen", "gik ved åen"), ("øresund", "ØRESUND"), ("ærlig", "Ærlighed"), ("år", "Året gik"), ("kl", "kl. 10.15"),
        ("Aage", "Åge"), ("åge", "hos Aage"), ("maerke", "mærke"), ("Soeren", "Søren"), ("sørensen", "Soerensen"),
        ("A\u030age", "åge"), ("åge", "A\u030age"), ("\u212bge", "åge"), ("idé", "ide\u0301en"), ("ΟΔΟΣ", "οδός οδος"),
    ],
)  # fmt: skip
def test_danish_letters_are_found_however_they_are_written(found: Any, query: str, text: str) -> None:
    assert found([text, "noget helt andet"], query) == ["note-0"]


@pytest.mark.parametrize("name", ["Kaare", "Kåre", "Ae", "Ærø", "Aaø", "Joel", "Kaae"])
def test_a_name_is_found_by_each_beginning_of_it(found: Any, name: str) -> None:
    assert [found([name], name[:length]) for length in range(1, len(name) + 1)] == [["note-0"]] * len(name)


def test_a_ring_or_a_stroke_makes_another_letter(found: Any) -> None:
    texts = ["åen", "aen", "søen", "soen"]
    assert found(texts, "aen") == ["note-1"]
    assert found(texts, "søen") == ["note-2"]


@pytest.mark.parametrize(
    "query", ["", " ", "*", '"', "'--", "_", "AND", "text:hej", "NEAR(", "\0", "👍", "^", "-", "\ud800"]
)
def test_no_query_breaks_the_search(found: Any, query: str) -> None:
    assert found(["Hej med dig."], query) == []


def test_ranked_the_best_come_first_and_of_equals_the_newest(found: Any) -> None:
    texts = ["bolig bolig bolig", "bolig og mere", "mere bolig end før"]
    assert found(texts, "bolig", ranked=True) == ["note-0", "note-2", "note-1"]


def test_no_more_are_found_than_asked_for(found: Any) -> None:
    assert found(["bolig"] * 5, "bolig", limit=3) == ["note-4", "note-3", "note-2"]


def test_what_the_json_of_a_note_says_beside_its_text_is_not_found(found: Any) -> None:
    assert found(["kort\nbesked"], "contact_note") == found(["kort\nbesked"], "nbesked") == []


# ---------------------------------------------------------------- scan and index
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(WORDY | st.text(max_size=8), min_size=1, max_size=6), query=WORDY, data=st.data())
def test_scan_and_index_find_the_same(waiting: None, texts: list[str], query: str, data: st.DataObject) -> None:
    query = data.draw(st.sampled_from([query, *(text[:5] for text in texts), *(text[-5:] for text in texts)]))
    model = _model(*_texts(*(normalize("NFC", text) if i % 2 else text for i, text in enumerate(texts))))
    by_scan = _ids(model, query)
    model.wait_for_index()
    by_index, ranked = _ids(model, query), _ids(model, query, ranked=True)
    model.close()
    assert by_scan == by_index
    assert sorted(ranked) == sorted(by_index)


@settings(max_examples=300, deadline=None)
@given(text=WORDY | st.text(), query=WORDY)
def test_no_hit_is_passed_over_unopened(text: str, query: str) -> None:
    for asked in (query, text[:6], text[-6:]):
        wanted = Wanted(asked)
        if wanted.holds(text) and wanted.words:
            assert wanted.may_be_in(records.encode(note(text=text)))


def test_no_other_letter_than_ours_is_folded_into_an_ascii_letter() -> None:
    """What the scan relies on, for all of Unicode; and that a folded text stays as it is."""
    into_ascii = set()
    for code in (*range(0xD800), *range(0xE000, sys.maxunicode + 1)):
        made = folded(chr(code))
        assert folded(made) == made
        if code > 0x7F and any(letter.isascii() and letter.isalnum() for letter in made):
            into_ascii.add(chr(code))
    assert into_ascii == set("åæøÅÆØ\u212b")


def test_letters_written_as_escapes_are_found_as_well(waiting: None) -> None:
    """Another hub may write its JSON so."""
    payload = records.encode(note(text="åen")).replace("åen".encode(), rb"\u0061en \u00e5en")
    model = _model(payload)
    assert _ids(model, "aen") == _ids(model, "åen") == ["note-1"]
    model.close()


def test_a_note_of_a_shape_unknown_here_is_not_shown_and_holds_up_no_other(waiting: None) -> None:
    strange = records.encode(note("strange", text="bolig")).replace(b'"walk"', b'"telepathy"')
    model = _model(*_texts("bolig", "bolig"), strange)
    assert _ids(model, "bolig") == ["note-1", "note-0"]
    assert [one.id for one in model.notes_of("citizen-1")] == ["note-1", "note-0"]
    assert model.count_notes("citizen-1") == 2
    assert model.get("strange") is None
    model.wait_for_index()
    assert _ids(model, "bolig") == ["note-1", "note-0"]
    assert model.outstanding()[-1] == (None, "strange", RowStatus.WAITING)
    model.close()


# ---------------------------------------------------------------- filters
@pytest.mark.parametrize("query", ["bolig", ""])
def test_filters_leave_what_is_asked_for(waiting: None, query: str) -> None:
    model = _model(
        note("walk", text="bolig", channel="walk"),
        note("call", text="bolig", channel="phone", occurred_at=NOON + timedelta(days=1)),
        note("late", text="bolig", citizen_id="citizen-2", occurred_at=NOON + timedelta(days=2)),
    )
    for by_index in (False, True):
        if by_index:
            model.wait_for_index()
        assert _ids(model, query, citizen_ids=frozenset({"citizen-1"})) == ["call", "walk"]
        assert _ids(model, query, citizen_ids=frozenset({"citizen-1", "citizen-2"})) == ["late", "call", "walk"]
        assert _ids(model, query, citizen_ids=frozenset()) == []
        assert _ids(model, query, channels=frozenset({"phone"})) == ["call"]
        assert _ids(model, query, since=NOON + timedelta(days=1)) == ["late", "call"]
        assert _ids(model, query, until=NOON + timedelta(days=1)) == ["walk"]
        assert _ids(model, query, since=NOON, until=NOON + timedelta(days=2), limit=1) == ["call"]
        assert _ids(model, query, since=NOON, ranked=True) == ["late", "call", "walk"]
        assert _ids(model, query, since=NOON, channels=frozenset({"phone"}), ranked=True) == ["call"]
    model.close()


def test_notes_of_before_1970_are_within_every_until(waiting: None) -> None:
    model = _model(note(text="bolig", occurred_at=datetime(1961, 1, 1, tzinfo=UTC)))
    assert _ids(model, "bolig", until=NOON) == ["note-1"]
    model.close()


# ---------------------------------------------------------------- while the index is built
def test_what_changes_while_the_index_is_built_is_true_afterwards(
    waiting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The builder stops behind its first batch: notes it has taken in, and others, are mended, moved and deleted."""
    reached, go_on = threading.Event(), threading.Event()
    add = Index.add

    def paused(index: Index, texts: Any) -> None:
        add(index, texts)
        reached.set()
        assert go_on.wait(30)

    monkeypatch.setattr(Index, "add", paused)
    texts = ["gammel"] * (2 * indexing._BATCH)
    model = _model(*_texts(*texts))
    waiter = threading.Thread(target=model.wait_for_index)
    waiter.start()
    assert reached.wait(30)
    last = len(texts) - 1
    with model.changing():
        for number in (0, last):
            model.put(note(f"note-{number}", text="mendet", occurred_at=NOON + timedelta(minutes=number)), WAITING)
        for number in (1, last - 1):
            model.drop(f"note-{number}")
        model.put(note("new", text="ny", occurred_at=NOON + timedelta(days=9)), WAITING)
    during = [_ids(model, query, limit=99) for query in ("gammel", "mendet", "ny")]
    go_on.set()
    waiter.join(30)
    after = [_ids(model, query, limit=99) for query in ("gammel", "mendet", "ny")]
    model.close()
    assert during == after == [[f"note-{i}" for i in range(last - 2, 1, -1)], [f"note-{last}", "note-0"], ["new"]]


@pytest.mark.parametrize("changes", [1, 80], ids=["scanned", "taken in"])
def test_what_changes_after_the_index_was_built_is_found_in_its_place(waiting: None, changes: int) -> None:
    texts = ["gammel"] * 200
    model = _model(*_texts(*texts))
    model.wait_for_index()
    with model.changing():
        for number in range(0, 2 * changes, 2):
            at = NOON + timedelta(minutes=number)
            model.put(note(f"note-{number}", text="mendet gammel", occurred_at=at), WAITING)
        model.put(note("between", text="gammel", occurred_at=NOON + timedelta(minutes=100.5)), WAITING)
        model.drop("note-199")
    order = [f"note-{number}" for number in range(198, -1, -1)]
    order.insert(order.index("note-100"), "between")
    assert _ids(model, "gammel", limit=300) == order
    assert _ids(model, "mendet", limit=300) == [f"note-{number}" for number in range(2 * changes - 2, -1, -2)]
    assert sorted(_ids(model, "gammel", limit=300, ranked=True)) == sorted(order)
    assert _ids(
        model, "gammel", limit=300, since=NOON + timedelta(minutes=100.5), until=NOON + timedelta(minutes=102)
    ) == [
        "note-101",
        "between",
    ]
    model.close()


def test_of_what_was_shredded_no_word_stays_in_the_index(vault: Vault) -> None:
    vault.save(note("gone", citizen_id="citizen-2", text="Hemmelig samtale."), note("stays", text="Hemmelig tur."))
    model = vault.reading
    assert _ids(model, "hemmelig", ranked=True) != []
    before = model._index
    vault.shred("citizen-2")
    model.wait_for_index()
    assert model._index is not before
    assert _ids(model, "hemmelig", ranked=True) == ["stays"]


def test_locking_stops_the_building_and_leaves_no_thread(vault: Vault, drawer: Drawer, waiting: None) -> None:
    vault.save(*_texts(*["bolig"] * 50))
    again = drawer.reopened()
    assert "index" in [thread.name for thread in threading.enumerate()]
    kept = again.reading
    again.lock()
    assert "index" not in [thread.name for thread in threading.enumerate()]
    with pytest.raises(VaultLocked):
        kept.search("bolig")


def test_the_index_comes_by_itself(vault: Vault, drawer: Drawer, monkeypatch: pytest.MonkeyPatch) -> None:
    built = threading.Event()
    monkeypatch.setattr(indexing, "_HEAD_START_S", 0.0)
    take_over = ReadModel._take_over

    def tell(model: ReadModel, index: Index) -> None:
        take_over(model, index)
        built.set()

    monkeypatch.setattr(ReadModel, "_take_over", tell)
    vault.save(*_texts(*["bolig"] * (NOTES_PAGE + 1)))
    again = drawer.reopened()
    assert built.wait(30)
    assert len(_ids(again.reading, "bolig", limit=99)) == NOTES_PAGE + 1


# ---------------------------------------------------------------- how a hit is shown
def _marked(text: str, query: str) -> tuple[str, list[str]]:
    snippet, marks = Wanted(query).excerpt(text)
    return snippet, [snippet[first:last] for first, last in marks]


def test_the_snippet_shows_the_place_on_one_line() -> None:
    text = "begyndelse " * 30 + "\n\nhusleje og\nbudget " + "slutning " * 30
    snippet, marked = _marked(text, "og husl")
    assert "husleje og budget" in snippet
    assert snippet.startswith("… ")
    assert snippet.endswith(" …")
    assert marked == ["husl", "og"]


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("Gik ved Åen med Aage", "åen aa", ["Åen", "Aa"]),
        ("Gik ved Åen med Aage", "å", ["Å", "Aa"]),
        ("Kåre og Kaare", "ka", ["Kå", "Ka"]),
        ("Kåre og Kaare", "kår", ["Kår", "Kaar"]),
        ("ÆBLEGRØD, æblegrød og aeblegroed", "æblegrø", ["ÆBLEGRØ", "æblegrø", "aeblegroe"]),
        ("A\u030age\nog Åge", "aage", ["Åge", "Åge"]),
        ("haven og ven", "ven", ["ven"]),
        ("bolig boligen", "bolig og", ["bolig"]),
        ("Tekst uden", "andet", []),
        ("", "", []),
    ],
)
def test_what_was_asked_for_is_marked(text: str, query: str, marked: list[str]) -> None:
    assert _marked(text, query)[1] == marked


def test_behind_many_long_letters_the_place_is_still_right() -> None:
    snippet, marked = _marked("åæø " * 100 + "husleje", "husleje")
    assert snippet.endswith("husleje")
    assert marked == ["husleje"]


@settings(max_examples=300, deadline=None)
@given(before=WORDY, text=WORDY | st.text(), query=WORDY, far=st.booleans())
def test_marks_are_apart_in_order_and_say_what_was_asked_for(before: str, text: str, query: str, far: bool) -> None:
    whole = (before + " ") * (40 if far else 1) + text
    wanted = Wanted(query)
    snippet, marks = wanted.excerpt(whole)
    assert all(0 <= first < last <= len(snippet) for first, last in marks)
    assert all(one[1] <= other[0] for one, other in pairwise(marks))
    assert "\n" not in snippet
    for first, last in marks:
        said = folded(snippet[first:last])
        cut_off = snippet.endswith(" …") and last == len(snippet) - len(" …")
        assert said in wanted.words or said.startswith(wanted.words[-1]) or cut_off
    if wanted.words and wanted.holds(whole):
        assert marks
