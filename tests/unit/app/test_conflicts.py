"""Two versions of one field: what is asked, each answer, the way back, and the screen she chooses on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import flet as ft
import msgspec
import pytest
from msgspec.structs import replace

from mobile_app.components.conflict_line import CONFLICTS
from mobile_app.conflicts import Question, correct, put_away, settle
from mobile_app.errors import InvalidInput
from mobile_app.overview import Overview
from mobile_app.services import Desk
from storage import records
from storage.errors import DiskFull, RecordInvalid
from storage.records import (
    Citizen,
    Colleague,
    Conflict,
    ContactNote,
    Draft,
    NetworkPerson,
    SmallStep,
    conflict_id,
)
from storage.store import Vault
from sync import plan
from sync.merge import Clash, merge
from tests.unit.app import headless
from tests.unit.app.headless import Window
from tests.unit.app.people import FREJA, JONAS, KAREN, MONDAY, answered, appointment, note
from tests.vaults import PIN, TurnedClock

HERS, THEIRS = "Går helst ved åen.", "Vil ringes op efter ti."
BOTH = f"{HERS}\n\n{THEIRS}"
Scenario = Callable[[Window], Awaitable[None]]


def as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def clash(field: str, ours: Any, theirs: Any, record_id: str = FREJA, **fields: Any) -> Conflict:
    known = {"created_at": MONDAY, "updated_at": MONDAY, "author": KAREN, "citizen_id": FREJA}
    return Conflict(
        id=conflict_id(record_id, field, 1),
        record_id=record_id,
        field=field,
        ours=as_json(ours),
        theirs=as_json(theirs),
        **known | fields,
    )


def freja(desk: Desk) -> Citizen:
    found = desk.vault.reading.get(FREJA)
    assert isinstance(found, Citizen)
    return found


def met(desk: Desk, field: str, ours: Any, theirs: Any) -> None:
    """What a sync leaves behind: the hub's value in the record, and the question, both received."""
    desk.change_citizen(freja(desk), **{field: theirs})
    desk.vault.save(clash(field, ours, theirs))
    for record_id in (FREJA, conflict_id(FREJA, field, 1)):
        answered(desk, record_id)


def the_one(overview: Overview) -> Question:
    (question,) = overview.conflicts()
    return question


def values(question: Question) -> list[Any]:
    return [msgspec.json.decode(version.value) for version in question.versions]


@pytest.fixture
def question(desk: Desk, overview: Overview) -> Question:
    """About a text of Freja's."""
    met(desk, "good_to_know", HERS, THEIRS)
    return the_one(overview)


# ---------------------------------------------------------------- what is asked
def test_what_stands_comes_first_and_each_version_says_who_and_when(desk: Desk, overview: Overview) -> None:
    early, late = MONDAY - timedelta(hours=3), MONDAY - timedelta(hours=1)
    desk.change_citizen(freja(desk), phone="2")
    desk.vault.save(clash("phone", "1", "2", ours_at=late, theirs_at=early, their_author="bent"))
    stands, other = the_one(overview).versions
    assert (stands.value, stands.author, stands.at) == ('"2"', "bent", early)
    assert (other.value, other.author, other.at) == ('"1"', KAREN, late)


def test_a_value_that_came_since_is_a_third_choice(desk: Desk, overview: Overview, question: Question) -> None:
    desk.change_citizen(freja(desk), good_to_know="Helt nyt.")
    assert values(the_one(overview)) == ["Helt nyt.", THEIRS, HERS]


def test_the_fields_of_one_record_are_asked_together(desk: Desk, overview: Overview) -> None:
    asked = [("phone", FREJA), ("phone", JONAS), ("safety_note", FREJA)]
    for minute, (field, record_id) in enumerate(asked):
        desk.vault.save(clash(field, "1", "2", record_id, created_at=MONDAY + timedelta(minutes=minute)))
    found = [(question.record_id, question.field) for question in overview.conflicts()]
    assert found == [(FREJA, "phone"), (FREJA, "safety_note"), (JONAS, "phone")]


def test_two_questions_about_one_field_are_one_choice(desk: Desk, overview: Overview, question: Question) -> None:
    """Three devices wrote: one answer closes both."""
    desk.vault.save(replace(clash("good_to_know", "En tredje.", THEIRS), id="another"))
    asked = the_one(overview)
    assert sorted(values(asked)) == sorted([THEIRS, HERS, "En tredje."])
    settle(desk, asked, as_json("En tredje."))
    assert overview.conflicts() == []
    assert all(conflict.resolved for conflict in desk.vault.reading.all(Conflict))


# ---------------------------------------------------------------- each answer
@pytest.mark.parametrize("chosen", [HERS, BOTH, "Noget helt tredje."])
def test_what_she_chose_stands_and_waits_to_be_sent(
    desk: Desk, overview: Overview, question: Question, chosen: str
) -> None:
    settle(desk, question, as_json(chosen))
    assert freja(desk).good_to_know == chosen
    assert (overview.conflicts(), overview.state_of(FREJA)) == ([], "waiting")


def test_both_texts_are_hers_an_empty_line_and_the_other(question: Question) -> None:
    assert question.together == BOTH


def test_keeping_what_stands_changes_nothing_in_the_record(
    desk: Desk, overview: Overview, question: Question, turned: TurnedClock
) -> None:
    before = freja(desk)
    turned.turn(minutes=5)
    settle(desk, question, as_json(THEIRS))
    assert freja(desk) == before
    assert (overview.conflicts(), overview.state_of(FREJA)) == ([], "received")


def test_record_and_answer_are_one_transaction(
    desk: Desk, overview: Overview, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    saves: list[list[str]] = []
    save = desk.vault.save

    def counted(*changed: Any, **options: Any) -> None:
        saves.append([records.kind_of(record) for record in changed])
        save(*changed, **options)

    monkeypatch.setattr(desk.vault, "save", counted)
    settle(desk, question, as_json(HERS))
    assert saves == [["citizen", "conflict"]]


def test_a_full_disk_leaves_text_and_question_as_they_were(
    desk: Desk, overview: Overview, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*rows: Any, **options: Any) -> None:
        raise DiskFull

    monkeypatch.setattr(desk.vault, "apply", full)
    with pytest.raises(DiskFull):
        settle(desk, question, as_json(HERS))
    assert freja(desk).good_to_know == THEIRS
    assert the_one(overview) == question


def test_a_version_without_a_value_is_the_fields_default(desk: Desk, overview: Overview) -> None:
    met(desk, "contact_every_days", None, 14)
    settle(desk, the_one(overview), "null")
    assert freja(desk).contact_every_days is None


def test_a_text_that_the_field_does_not_take_is_refused(desk: Desk, overview: Overview) -> None:
    desk.vault.save(SmallStep(id="step", words="b", chosen_on=MONDAY.date(), **stamps()))
    desk.vault.save(clash("words", "a", "b", "step"))
    with pytest.raises(RecordInvalid):
        settle(desk, the_one(overview), as_json("x" * 501))
    assert values(the_one(overview)) == ["b", "a"]


def test_choosing_survives_a_lock(desk: Desk, question: Question, vault: Vault) -> None:
    settle(desk, question, as_json(HERS))
    vault.lock()
    vault.unlock(PIN)
    assert freja(desk).good_to_know == HERS
    assert [conflict.is_open for conflict in vault.reading.all(Conflict)] == [False]


def stamps() -> dict[str, Any]:
    return {"citizen_id": FREJA, "created_at": MONDAY, "updated_at": MONDAY, "author": KAREN}


# ---------------------------------------------------------------- what happened meanwhile
def test_nothing_is_written_over_what_came_since_she_looked(desk: Desk, overview: Overview, question: Question) -> None:
    desk.change_citizen(freja(desk), good_to_know="Helt nyt.")
    for chosen in (HERS, THEIRS):
        with pytest.raises(InvalidInput, match="changed_meanwhile"):
            settle(desk, question, as_json(chosen))
    assert freja(desk).good_to_know == "Helt nyt."
    assert len(overview.conflicts()) == 1


def test_what_another_device_answered_is_not_answered_again(desk: Desk, question: Question) -> None:
    settle(desk, question, as_json(THEIRS))
    with pytest.raises(InvalidInput, match="done_already"):
        settle(desk, question, as_json(HERS))
    assert freja(desk).good_to_know == THEIRS


def test_a_field_of_a_newer_version_waits_for_the_update(desk: Desk, overview: Overview) -> None:
    desk.vault.save(clash("of_tomorrow", "a", "b"))
    with pytest.raises(InvalidInput, match="newer_field"):
        settle(desk, the_one(overview), as_json("a"))
    assert values(the_one(overview)) == ["b", "a"]


# ---------------------------------------------------------------- the way back
@pytest.mark.parametrize("chosen", [HERS, THEIRS, BOTH])
def test_undone_the_field_stands_as_before_and_is_asked_again(
    desk: Desk, overview: Overview, question: Question, chosen: str
) -> None:
    settle(desk, question, as_json(chosen))()
    assert freja(desk).good_to_know == THEIRS
    assert values(the_one(overview)) == [THEIRS, HERS]


def test_undoing_leaves_what_was_written_since(desk: Desk, overview: Overview, question: Question) -> None:
    undo = settle(desk, question, as_json(HERS))
    desk.change_citizen(freja(desk), good_to_know="Helt nyt.", phone="12")
    undo()
    assert (freja(desk).good_to_know, freja(desk).phone) == ("Helt nyt.", "12")
    assert values(the_one(overview)) == ["Helt nyt.", THEIRS, HERS]


# ---------------------------------------------------------------- what cannot be changed any more
def reminder_deleted(desk: Desk) -> None:
    desk.vault.save(clash("text", HERS, THEIRS, "reminder-gone"))


def test_the_texts_of_a_record_that_is_gone_are_read_and_put_away(desk: Desk, overview: Overview) -> None:
    reminder_deleted(desk)
    asked = the_one(overview)
    assert (asked.record, values(asked)) == (None, [THEIRS, HERS])
    undo = put_away(desk, asked)
    assert overview.conflicts() == []
    undo()
    assert values(the_one(overview)) == [THEIRS, HERS]


def test_a_record_deleted_since_she_looked_is_not_brought_back(desk: Desk, question: Question) -> None:
    desk.vault.save(delete=[FREJA])
    with pytest.raises(InvalidInput, match="changed_meanwhile"):
        settle(desk, question, as_json(HERS))
    assert desk.vault.reading.get(FREJA) is None


def test_of_a_final_note_the_other_text_becomes_the_draft_of_a_correction(desk: Desk, overview: Overview) -> None:
    """A draft finished on two phones with different words is one note: the hub's text is final."""
    desk.vault.save(note("n1", text=THEIRS), clash("text", HERS, THEIRS, "n1"))
    answered(desk, "n1")
    asked = the_one(overview)
    assert asked.is_final
    draft = correct(desk, asked, as_json(HERS))
    assert (draft.corrects, draft.text, draft.citizen_id) == ("n1", HERS, FREJA)
    assert desk.vault.reading.all(Draft) == [draft]
    sent = desk.vault.reading.get("n1")
    assert isinstance(sent, ContactNote)
    assert (sent.text, overview.conflicts()) == (THEIRS, [])


def test_the_text_of_a_final_note_can_stand(desk: Desk, overview: Overview) -> None:
    desk.vault.save(note("n1", text=THEIRS), clash("text", HERS, THEIRS, "n1"))
    answered(desk, "n1")
    settle(desk, the_one(overview), as_json(THEIRS))
    assert (overview.conflicts(), desk.vault.reading.all(Draft)) == ([], [])


# ---------------------------------------------------------------- two devices answer, neither knows of the other
def answers(desk: Desk, question: Question, chosen: str) -> dict[str, tuple[Any, Any]]:
    """(before, after) of record and question, as this device would send them; then everything is as it was."""
    ids = [FREJA, question.conflicts[0].id]
    before = [records.to_fields(found) for i in ids if (found := desk.vault.reading.get(i))]
    undo = settle(desk, question, as_json(chosen))
    after = [records.to_fields(found) for i in ids if (found := desk.vault.reading.get(i))]
    undo()
    return dict(zip(ids, zip(before, after, strict=True), strict=True))


def merged_after(desk: Desk, question: Question, first: str, second: str) -> tuple[Any, Conflict, tuple[Clash, ...]]:
    """The first device is heard by the hub, then the second merges: text, question, new clashes."""
    one, other = answers(desk, question, first), answers(desk, question, second)
    conflict_key = question.conflicts[0].id
    record = merge(one[FREJA][0], other[FREJA][1], one[FREJA][1])
    asked = merge(one[conflict_key][0], other[conflict_key][1], one[conflict_key][1])
    assert asked.clashes == ()
    return record.fields["good_to_know"], msgspec.convert(asked.fields, Conflict), record.clashes


def test_answered_alike_on_two_devices_it_ends_once(desk: Desk, question: Question) -> None:
    text, asked, clashes = merged_after(desk, question, HERS, HERS)
    assert (text, asked.is_open, clashes) == (HERS, False, ())


def test_two_other_texts_chosen_on_two_devices_clash_anew_and_both_are_kept(desk: Desk, question: Question) -> None:
    text, _asked, clashes = merged_after(desk, question, HERS, BOTH)
    assert (text, clashes) == (HERS, (Clash("good_to_know", BOTH, HERS),))


@pytest.mark.parametrize(("first", "second"), [(HERS, THEIRS), (THEIRS, HERS)])
def test_kept_here_and_replaced_there_is_asked_again(
    desk: Desk, overview: Overview, question: Question, first: str, second: str
) -> None:
    """Keeping writes nothing into the record, so no text clashes; the two answers do."""
    text, asked, clashes = merged_after(desk, question, first, second)
    assert (text, clashes) == (HERS, ())
    assert asked.resolved and asked.is_open
    desk.change_citizen(freja(desk), good_to_know=HERS)
    desk.vault.apply([replace(plan.new_row(asked), hub_version=2)])
    again = the_one(overview)
    assert values(again) == [HERS, THEIRS]
    settle(desk, again, as_json(THEIRS))
    assert (freja(desk).good_to_know, overview.conflicts()) == (THEIRS, [])


# ---------------------------------------------------------------- the screen
@pytest.fixture
def play(vault: Vault, turned: TurnedClock) -> Callable[..., None]:
    """Plays a scenario on the screen of the choices, on a window this wide."""

    def play(scenario: Scenario, width: int = 390) -> None:
        async def there(window: Window) -> None:
            await window.unlock()
            window.app.state.width = width
            await window.go("/more/conflicts")
            await scenario(window)

        headless.run(vault, turned, there)

    return play


async def answered_on(window: Window, text: str) -> None:
    """The question is closed, and this stands."""
    await window.until(lambda: not window.app.overview.conflicts())
    assert freja(window.app.desk).good_to_know == text


async def undo(window: Window) -> None:
    action = window.app._bar.action
    assert isinstance(action, ft.SnackBarAction) and action.label == "Fortryd"
    await window.fire(action, "click")


@pytest.mark.parametrize(
    ("button", "text"), [("Behold det, der står", THEIRS), ("Brug den anden", HERS), ("Behold begge", BOTH)]
)
def test_a_tap_chooses_and_fortryd_asks_again(
    question: Question, play: Callable[..., None], button: str, text: str
) -> None:
    async def choosing(window: Window) -> None:
        await window.tap(button)
        await answered_on(window, text)
        assert window.says("Der er ikke noget at vælge imellem.")
        await undo(window)
        await window.until(lambda: window.app.overview.conflicts())
        assert freja(window.app.desk).good_to_know == THEIRS
        assert window.tappable(button)

    play(choosing)


def test_a_text_of_her_own_begins_with_both(question: Question, play: Callable[..., None]) -> None:
    async def combining(window: Window) -> None:
        await window.tap("Skriv dem sammen")
        (field,) = window.controls(ft.TextField)
        assert field.value == BOTH
        await window.fill("Teksten, der skal stå", "Gå ved åen, ring efter ti.")
        await window.tap("Gem teksten")
        await answered_on(window, "Gå ved åen, ring efter ti.")

    play(combining)


def test_what_she_has_written_so_far_is_there_again_after_a_lock(question: Question, play: Callable[..., None]) -> None:
    """Sealed as she types; a text that she saved or left is begun anew."""

    async def combining(window: Window) -> None:
        await window.tap("Skriv dem sammen")
        await window.fill("Teksten, der skal stå", "Kun halvt")
        await window.until(lambda: window.app.desk.combining.texts == {question.key: "Kun halvt"})
        await window.app.lock()
        await window.unlock()
        await window.go(CONFLICTS)
        (field,) = window.controls(ft.TextField)
        assert field.value == "Kun halvt"
        await window.tap("Lad være")
        await window.tap("Skriv dem sammen")
        (field,) = window.controls(ft.TextField)
        assert field.value == BOTH

    play(combining)


def test_while_she_writes_another_version_comes_and_her_text_stays(
    question: Question, play: Callable[..., None]
) -> None:
    async def combining(window: Window) -> None:
        await window.tap("Skriv dem sammen")
        await window.fill("Teksten, der skal stå", "Min tekst.")
        desk = window.app.desk
        desk.change_citizen(freja(desk), good_to_know="Helt nyt.")
        await window.until(lambda: window.says("Helt nyt."))
        await window.tap("Gem teksten")
        await window.until(lambda: window.says("Det blev ændret imens."))
        assert freja(desk).good_to_know == "Helt nyt."
        await window.tap("Gem teksten")
        await answered_on(window, "Min tekst.")

    play(combining)


def test_she_leaves_it_and_both_versions_are_as_they_were(question: Question, play: Callable[..., None]) -> None:
    async def leaving(window: Window) -> None:
        await window.tap("Skriv dem sammen")
        await window.tap("Lad være")
        assert window.controls(ft.TextField) == []
        assert window.says(HERS) and window.says(THEIRS)

    play(leaving)


@pytest.mark.parametrize(("width", "beside"), [(699, False), (700, True)])
def test_versions_stand_side_by_side_where_there_is_room(
    question: Question, play: Callable[..., None], width: int, beside: bool
) -> None:
    async def looking(window: Window) -> None:
        (keep,) = window.tappable("Behold det, der står")
        boxes = [row for row in window.controls(ft.Row) if len(row.controls) == 2 and _holds(row, ft.Semantics)]
        assert (len(boxes) == 1) == beside
        assert keep.height == 48

    play(looking, width)


def _holds(row: ft.Row, kind: type) -> bool:
    return all(isinstance(control, kind) for control in row.controls)


def test_people_are_named_and_a_device_that_nobody_knows_is_called_so(
    desk: Desk, vault: Vault, play: Callable[..., None]
) -> None:
    known = stamps() | {"author": "bent"}
    vault.save(Colleague(id="bent", name="Bent Ager", **known | {"citizen_id": ""}))
    vault.save(replace(freja(desk), phone="22"))
    vault.save(clash("phone", "11", "22", their_author="bent", ours_at=MONDAY, theirs_at=MONDAY - timedelta(days=1)))
    vault.save(clash("safety_note", "Hund", None, their_author="nobody known"))

    async def looking(window: Window) -> None:
        for words in ("Dig, i dag kl. 08:00", "Bent Ager, i går kl. 08:00", "En anden enhed", "(tom)", "Telefon"):
            assert window.says(words), words

    play(looking)


def test_values_are_said_by_their_words(desk: Desk, vault: Vault, play: Callable[..., None]) -> None:
    vault.save(NetworkPerson(id="p1", name="Læge Lund", **stamps()))
    vault.save(appointment("a1", starts_at=MONDAY + timedelta(days=1), network_person_id="p1", text="Årskontrol"))
    vault.save(
        clash("network_person_id", None, "p1", "a1"),
        clash("starts_at", "2026-11-25T09:00:00Z", "2026-11-24T07:00:00Z", "a1"),
        clash("accompany", "go_in", None, "a1"),
        clash("lead_minutes", 30, None, "a1"),
        clash("state", "kept", "booked", "a1"),
    )

    async def looking(window: Window) -> None:
        for words in (
            "Freja · Aftale · Årskontrol",
            "Læge Lund",
            "Onsdag 25. november kl. 10:00",
            "Tager selv afsted",
            "90 min",
            "Bestilt",
        ):
            assert window.says(words), words

    play(looking)


def test_of_what_is_gone_a_text_becomes_a_note_and_the_question_is_put_away(
    desk: Desk, play: Callable[..., None]
) -> None:
    reminder_deleted(desk)

    async def reading(window: Window) -> None:
        assert window.says("Det er slettet imens.")
        assert window.says(HERS) and window.says(THEIRS)
        assert window.tappable("Behold begge") == []
        await window.tap("Skriv et notat af den")
        field = window.note_field()
        assert field is not None and field.value == HERS
        await window.go("/more/conflicts")
        await window.tap("Læg væk")
        await window.until(lambda: not window.app.overview.conflicts())
        await undo(window)
        await window.until(lambda: window.app.overview.conflicts())

    play(reading)


def test_the_other_text_of_a_final_note_opens_as_a_correction(desk: Desk, play: Callable[..., None]) -> None:
    desk.vault.save(note("n1", text=THEIRS), clash("text", HERS, THEIRS, "n1"))
    answered(desk, "n1")

    async def correcting(window: Window) -> None:
        assert window.says("Notatet er sendt og bliver, som det er.")
        await window.tap("Skriv som rettelse")
        await window.until(lambda: window.note_field() is not None)
        field = window.note_field()
        assert field is not None and field.value == HERS
        assert [draft.corrects for draft in window.vault.reading.all(Draft)] == ["n1"]

    play(correcting)


@pytest.mark.parametrize("route", ["/", f"/citizens/{FREJA}", "/more/sync"])
def test_one_quiet_line_leads_there(question: Question, play: Callable[..., None], route: str) -> None:
    async def going(window: Window) -> None:
        await window.go(route)
        await window.tap("1 sted har to versioner")
        await window.until(lambda: window.says("To enheder har skrevet det samme sted."))
        await window.tap("Behold det, der står")
        await answered_on(window, THEIRS)
        await window.go(route)
        assert window.tappable("1 sted har to versioner") == []

    play(going)


@pytest.mark.parametrize(("citizen_id", "lines"), [(FREJA, 2), (JONAS, 1)])
def test_of_the_citizens_only_her_own_page_says_so(
    question: Question, play: Callable[..., None], citizen_id: str, lines: int
) -> None:
    """I dag lies below either page, and says it too."""

    async def looking(window: Window) -> None:
        await window.go(f"/citizens/{citizen_id}")
        assert len(window.tappable("1 sted har to versioner")) == lines

    play(looking)


def test_a_notes_card_leads_there_by_its_state(desk: Desk, play: Callable[..., None]) -> None:
    desk.vault.save(note("n1", text=THEIRS), clash("text", HERS, THEIRS, "n1"))

    async def going(window: Window) -> None:
        await window.go(f"/citizens/{FREJA}")
        await window.tap("To versioner")
        await window.until(lambda: window.says("To enheder har skrevet det samme sted."))

    play(going)
