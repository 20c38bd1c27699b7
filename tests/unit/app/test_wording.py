"""Every code that reaches the screen has a word, in both languages. A new code without one fails here."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest
from msgspec.structs import replace
from msgspec.structs import replace as changed

from mobile_app import i18n, wording
from mobile_app.components import reminder_card
from mobile_app.domain import repeating
from mobile_app.domain.agenda import Open
from mobile_app.domain.contact import ContactDue, Why
from mobile_app.domain.phrases import Offer
from mobile_app.domain.wanted import STEPS
from mobile_app.services import Desk
from mobile_app.views import reminder_form
from storage import reading, records
from storage.records import KINDS, Channel
from tests.unit.app.people import FREJA, MONDAY, TODAY, appointment, citizen
from tests.vaults import sample


def enums() -> Iterator[type[StrEnum]]:
    for module in (records, reading, repeating):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, StrEnum) and value.__module__ == module.__name__:
                yield value


def in_both(make: Any, *arguments: Any) -> tuple[str, str]:
    i18n.use("da")
    danish = make(*arguments)
    i18n.use("en")
    return danish, make(*arguments)


def asked(step: str) -> Open:
    return Open("key", FREJA, MONDAY, MONDAY, MONDAY, "rule", step, "source")


def test_every_enum_has_words() -> None:
    assert set(wording._WORDS) == set(enums())


@pytest.mark.parametrize("code", [code for enum in enums() for code in enum], ids=repr)
def test_every_code_has_a_word(code: StrEnum) -> None:
    danish, english = in_both(wording.word, code)
    assert danish.strip()
    assert english.strip()
    assert english[0].isupper()


@pytest.mark.parametrize("enum", list(wording._WORDS))
@pytest.mark.parametrize("language", list(i18n.LANGUAGES))
def test_the_words_of_one_enum_are_told_apart(enum: type[StrEnum], language: str) -> None:
    i18n.use(language)
    said = [wording.word(code) for code in enum]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("channel", [*Channel, None])
def test_every_channel_has_an_icon(channel: Channel | None) -> None:
    assert wording.icon(channel) is not None


def test_the_channels_icons_are_told_apart() -> None:
    assert len({wording.icon(channel) for channel in Channel}) == len(Channel)


# ---------------------------------------------------------------- steps of rules
@pytest.mark.parametrize("step", sorted(STEPS))
def test_every_step_asks_and_says_why(step: str) -> None:
    for said in (wording.reminder_text, wording.reminder_why):
        danish, english = in_both(said, asked(step), citizen())
        assert danish != english
        assert "{" not in danish + english
        assert danish[0].isupper()


def test_a_question_is_about_somebody_by_first_name() -> None:
    assert "Freja" in wording.reminder_text(asked("try_again"), citizen(family_name="Stenmose"))
    assert "Stenmose" not in wording.reminder_text(asked("try_again"), citizen(family_name="Stenmose"))


def test_a_question_about_nobody_known_says_the_citizen() -> None:
    assert "borgeren" in wording.reminder_text(asked("try_again"), None)


def test_her_own_words_need_no_why() -> None:
    own = replace(asked("occurrence"), text="Ring {til} lægen")
    assert wording.reminder_text(own, citizen()) == "Ring {til} lægen"
    assert wording.reminder_why(own, citizen()) == ""


@pytest.mark.parametrize("by_citizen", [True, False])
def test_an_offer_about_what_the_citizen_does_is_a_question(by_citizen: bool) -> None:
    offer = Offer(MONDAY, "", (0, 1), "Han ringer selv", by_citizen, off_hours=False, certain=True)
    assert wording.offer_text(offer).endswith("Han ringer selv")
    assert (wording.offer_text(offer) == "Han ringer selv") != by_citizen


def test_every_moment_to_be_reminded_at_has_words(desk: Desk) -> None:
    assert {code for code, _ in desk.snooze_choices()} == set(reminder_form._QUICK)
    assert {code for code, _ in desk.moments_to_ask_again()} == set(reminder_card._SNOOZES)


# ---------------------------------------------------------------- agreed contact
def due(in_days: int, why: Why = Why.CONTACT, last_on: Any = None) -> ContactDue:
    on = TODAY.fromordinal(TODAY.toordinal() + in_days)
    return ContactDue(on, why, on, None, last_on, None, None, None, 0)


@pytest.mark.parametrize("why", list(Why))
def test_every_why_has_words(why: Why) -> None:
    whom = citizen(contact_every_days=14, meeting_every_days=84)
    danish, english = in_both(wording.why_due, due(0, why, TODAY), whom, TODAY)
    assert danish != english
    assert "{" not in danish + english
    assert ("84" in danish) == (why == Why.MEETING)


@pytest.mark.parametrize(
    ("in_days", "said"),
    [(-30, "Længe siden"), (-1, "Længe siden"), (0, "Snart: i dag"), (7, "Snart: ma. 30/11"), (8, "Næste ti. 1/12")],
)
def test_waiting_is_told_without_blame(in_days: int, said: str) -> None:
    assert wording.short_due(due(in_days), TODAY) == said


def test_nothing_due_is_nothing_said() -> None:
    assert wording.short_due(None, TODAY) == ""


# ---------------------------------------------------------------- records
@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_of_record_has_a_title(kind: str) -> None:
    danish, english = in_both(wording.record_title, sample(kind))
    assert danish[0].isupper()
    assert english[0].isupper()


def test_a_deleted_record_has_a_title() -> None:
    danish, english = in_both(wording.record_title, None)
    assert danish != english


def test_an_appointment_is_called_what_she_called_it() -> None:
    plain = appointment("a", type=records.AppointmentType.DOCTOR)
    assert wording.appointment_title(plain) == "Læge"
    assert wording.appointment_title(changed(plain, text="Årskontrol")) == "Årskontrol"
