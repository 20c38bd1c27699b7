"""Rule 5: what a sentence offers as a reminder. Now is Monday 2026-11-23 08:00."""

from __future__ import annotations

from datetime import date, time
from time import perf_counter

import pytest

from mobile_app.domain.calendar import WorkCalendar
from mobile_app.domain.phrases import OFFERS_MAX, TEXT_MAX_CHARS, Offer, offers
from mobile_app.domain.recurrence import occurrences
from storage.records import FollowUp
from tests.unit.domain.builders import CALENDAR, FAR, NOW, at

DOCTOR = at("2026-11-26 10:30")


def offered(text: str, now: str = "2026-11-23 08:00") -> list[Offer]:
    return offers(text, at(now), CALENDAR, DOCTOR)


def moments(text: str, now: str = "2026-11-23 08:00") -> list[str]:
    return [f"{offer.due_at:%Y-%m-%d %H:%M}" for offer in offered(text, now)]


# The rows of phrases.md.
SPECIFIED = [
    ("Ringer i morgen kl. 10", "2026-11-24 10:00"),
    ("Følger op på torsdag", "2026-11-26 09:00"),
    ("vi tales ved om 14 dage", "2026-12-07 09:00"),
    ("Tog den ikke, ringer igen senere i dag", "2026-11-23 14:00"),
    ("Har lovet at ringe onsdag formiddag", "2026-11-25 10:00"),
    ("Tjek om tiden er bestilt inden fredag", "2026-11-26 09:00"),
    ("Skal have svar fra skolen senest fre kl 12", "2026-11-27 12:00"),
    ("Ringer på mandag", "2026-11-30 09:00"),
    ("gåtur fredag halv ti", "2026-11-27 09:30"),
    ("mødes d. 3/12 kl. 14 ved banegården", "2026-12-03 14:00"),
    ("Ny samtale den 9. december kl 10.15", "2026-12-09 10:15"),
    ("Tag fat i praktikstedet i uge 50", "2026-12-07 09:00"),
    ("Prøver igen om et par dage", "2026-11-25 09:00"),
    ("Vi evaluerer praktikken om en måned", "2026-12-23 09:00"),
    ("Ring efter lægetiden", "2026-11-26 12:30"),
    ("minder hende om lægetiden dagen før", "2026-11-25 14:00"),
    ("Første hverdag i næste måned ringer jeg til afdelingen", "2026-12-01 09:00"),
    ("følger op lige efter nytår", "2027-01-04 09:00"),
    ("kvart over 2 ringer jeg til bostøtten", "2026-11-23 14:15"),
    ("ringer hver mandag kl 9 indtil jul", "2026-11-23 09:00"),
    ("Vil gerne ringes op i aften kl 19", "2026-11-23 19:00"),
    ("Han ringer selv onsdag kl. 10", "2026-11-25 10:00"),
]

ALSO = [
    # days
    ("Skriver til hende i overmorgen tidlig", "2026-11-25 08:00"),
    ("Ringer igen imorgen eftermiddag", "2026-11-24 14:00"),
    ("Ringer efter frokost i morgen", "2026-11-24 13:00"),
    ("Ringer til Jobcenteret tirsdag i næste uge", "2026-12-01 09:00"),
    ("Ring i uge 49 torsdag", "2026-12-03 09:00"),
    ("Hører ad i uge 2", "2027-01-11 09:00"),
    ("Husk at spørge til budgettet i næste uge", "2026-11-30 09:00"),
    ("Ringer til sagsbehandleren sidst på ugen", "2026-11-27 09:00"),
    ("Ringer tors kl. 10", "2026-11-26 10:00"),
    ("Ringer på man. d. 30/11 kl. 9", "2026-11-30 09:00"),
    ("Kan ikke torsdag, så vi ses fredag", "2026-11-27 09:00"),
    # distances
    ("Ringer om 5 dage", "2026-11-30 09:00"),  # a Saturday nobody named
    ("Ring til moren om en uges tid", "2026-11-30 09:00"),
    ("Prøver igen om to timer", "2026-11-23 10:00"),
    ("Ringer igen om en halv time", "2026-11-23 08:30"),
    ("Følger op inden for 14 dage", "2026-12-04 09:00"),
    ("Følger op om et halvt år", "2027-05-24 09:00"),  # 23/5 is a Sunday
    # dates
    ("Vi ses på Ungecentret torsdag den 3. december kl. 9.30", "2026-12-03 09:30"),
    ("Følger op d. 14/1", "2027-01-14 09:00"),
    ("Følger op d. 14.1.2027 kl. 8.30", "2027-01-14 08:30"),
    ("Sender ansøgningen senest d. 1.", "2026-12-01 09:00"),
    ("Aftalt møde 7/12 kl 9-10 på skolen", "2026-12-07 09:00"),
    ("Ringer torsdag, d. 26/11, kl. 10", "2026-11-26 10:00"),
    ("Følger op i januar", "2027-01-04 09:00"),
    ("Vi evaluerer midt i december", "2026-12-15 09:00"),
    ("Sidste hverdag i måneden gør jeg status", "2026-11-30 09:00"),
    ("Skal ringes op inden jul", "2026-12-23 09:00"),
    ("Ringer efter weekenden", "2026-11-30 09:00"),
    ("Tager fat i skolen efter påske", "2027-03-30 09:00"),
    # clocks
    ("Ringer kl. 15", "2026-11-23 15:00"),
    ("Ringer kvart i ti i morgen", "2026-11-24 09:45"),
    ("Ringer fem minutter i halv tre", "2026-11-23 14:25"),
    ("Møde med skolen fredag 10.15", "2026-11-27 10:15"),
    ("Samtale mellem kl. 10 og 11 på torsdag", "2026-11-26 10:00"),
    ("kl. 10 i morgen ringer jeg", "2026-11-24 10:00"),
    ("På torsdag, kl. 10, ringer jeg", "2026-11-26 10:00"),
    ("Hun har lovet at skrive inden fredag kl. 12", "2026-11-27 12:00"),
    # told among other things
    ("Han var træt i dag, men vi ses fredag kl 13.", "2026-11-27 13:00"),
    ("Talte med hende i dag og ringer igen torsdag kl. 10", "2026-11-26 10:00"),
    ("Aftalte at gå en tur ved søen onsdag kl. 14", "2026-11-25 14:00"),
    ("Mødet er flyttet fra onsdag til fredag kl. 11", "2026-11-27 11:00"),
    ("Aftalen i morgen er flyttet til torsdag kl 10", "2026-11-26 10:00"),
    ("Fik tid hos lægen fredag kl. 8.15", "2026-11-27 08:15"),
    ("Har ikke hørt fra lægen, følger op torsdag", "2026-11-26 09:00"),
    ("Følger op torsdag hvis jeg ikke hører noget", "2026-11-26 09:00"),
    ("Hvis hun ikke ringer inden fredag, ringer jeg.", "2026-11-26 09:00"),
    ("Glem ikke at ringe til lægen i morgen formiddag", "2026-11-24 10:00"),
    ("Ringer igen, nok på torsdag", "2026-11-26 09:00"),
    ("Ringer når hun har været til lægen", "2026-11-26 12:30"),
    ("Spørg til turen dagen efter lægetiden", "2026-11-27 10:00"),
]


@pytest.mark.parametrize(("sentence", "moment"), SPECIFIED + ALSO)
def test_a_plan_is_offered_with_its_full_moment(sentence: str, moment: str) -> None:
    assert moments(sentence) == [moment]


NOTHING = [
    # phrases.md
    "Ringede i går kl. 10, ingen svar.",
    "Har været sygemeldt i 14 dage.",
    "Arbejder 8 timer om ugen.",
    "Tager medicin kl. 8 og kl. 20.",
    "Vil ikke ringes op i denne uge.",
    "Ny telefon 24 11 26 09.",
    "Aftalen i morgen er aflyst.",
    "Drømmer om højskole næste sommer.",
    # the past
    "Hun ringede torsdag kl. 10",
    "Var til møde torsdag kl. 10",
    "Vi mødtes mandag kl. 13",
    "Hun skrev i mandags",
    "Ringede for 3 dage siden",
    "Prøvede at ringe kl. 9 og kl. 10",
    "I sidste uge ringer hun pludselig kl. 10",
    "Har ikke hørt fra lægen siden torsdag",
    "Ringer kl. 7, og så sover han",  # 07:00 has passed
    "Opfølgning d. 20/11",  # last Friday
    "Mødes 20/11 2025",
    # denied or called off
    "Hun takkede nej til at mødes på torsdag",
    "Mødet fredag udgår",
    "Har meldt afbud til mødet torsdag",
    "Glemte at ringe mandag",
    "Hun orker ikke at blive ringet op i morgen",
    "Vi ses ikke på torsdag",
    # habits, doses, durations, numbers
    "Han plejer at ringe om torsdagen kl 10",
    "Han går til svømning hver tirsdag kl. 17",
    "Har møde hver tirsdag kl. 19",
    "Møder til tiden hver dag",
    "Tager 1/2 tablet morgen og aften",
    "Åbent 24/7, ring bare",
    "Ring 24 11 26 09",
    "Sov 10 timer i nat",
    "Praktik 3 dage om ugen fra 9-14",
    "Vægt 62,5 kg, BT 120/80",
    "Drikker kaffe kl 10",
    "Hun er 23 år og bor i Aarhus",
    "Ringer senere",
    "Man skal huske at spise",
    "Fødselsdag i morgen",
    "Ring til hendes søn, Tor",
    "Ringer d. 32/13",
    "Følger op i uge 60",
]


@pytest.mark.parametrize("sentence", NOTHING)
def test_what_is_no_plan_offers_nothing(sentence: str) -> None:
    assert moments(sentence) == []


# ---------------------------------------------------------------- two readings, two moments, who acts
def test_next_tuesday_has_two_readings() -> None:
    assert moments("ses næste tirsdag kl. 13") == ["2026-12-01 13:00", "2026-11-24 13:00"]
    assert not any(offer.certain for offer in offered("ses næste tirsdag kl. 13"))


def test_next_monday_said_on_a_monday_has_one() -> None:
    (offer,) = offered("ringer næste mandag")
    assert (offer.due_at, offer.certain) == (at("2026-11-30 09:00"), True)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Ringer i morgen kl 10 og igen torsdag kl 14", ["2026-11-24 10:00", "2026-11-26 14:00"]),
        ("Ringer tirsdag og torsdag kl. 10", ["2026-11-24 10:00", "2026-11-26 10:00"]),
        ("Ringer i morgen kl. 10 eller kl. 13", ["2026-11-24 10:00", "2026-11-24 13:00"]),
        ("Ringer i morgen. Vi ses på fredag kl. 9.", ["2026-11-24 09:00", "2026-11-27 09:00"]),
        ("ringer i morgen kl. 10. hun svarede ikke i går", ["2026-11-24 10:00"]),
    ],
)
def test_each_moment_is_its_own_offer(sentence: str, expected: list[str]) -> None:
    assert moments(sentence) == expected


@pytest.mark.parametrize(
    ("sentence", "by_citizen"),
    [
        ("Han ringer selv onsdag kl. 10", True),
        ("Liva ringer selv på torsdag", True),
        ("Hun vender tilbage tirsdag med svar", True),
        ("Hun har lovet at skrive inden fredag", True),
        ("Onsdag ringer hun", True),
        ("Ringer til hende onsdag", False),
        ("Han vil gerne ringes op onsdag", False),
        ("Hun vil gerne have at jeg ringer torsdag", False),
        ("Vi skriver sammen med hende torsdag", False),
        ("Har lovet at ringe onsdag formiddag", False),
    ],
)
def test_who_acts_matters(sentence: str, by_citizen: bool) -> None:
    assert [offer.by_citizen for offer in offered(sentence)] == [by_citizen]


@pytest.mark.parametrize(
    ("sentence", "moment"),
    [
        ("Vil gerne ringes op i aften kl 19", "2026-11-23 19:00"),
        ("Skriver til hende i aften", "2026-11-23 19:00"),
        ("Ringer lørdag kl 11", "2026-11-28 11:00"),
        ("Jeg ringer kl. 7.30 i morgen", "2026-11-24 07:30"),
        ("Ringer d. 24/12", "2026-12-24 09:00"),
    ],
)
def test_a_named_evening_or_day_off_is_kept_and_pointed_out(sentence: str, moment: str) -> None:
    assert [(f"{o.due_at:%Y-%m-%d %H:%M}", o.off_hours) for o in offered(sentence)] == [(moment, True)]


def test_ordinary_hours_are_not_pointed_out() -> None:
    assert [offer.off_hours for offer in offered("Ringer i morgen kl. 10")] == [False]


@pytest.mark.parametrize(
    "sentence",
    ["Måske ses vi på fredag", "Ringer torsdag om 14 dage", "Ringer fredag d. 3/12", "Skriver hver anden tirsdag"],
)
def test_a_doubt_is_said(sentence: str) -> None:
    assert [offer.certain for offer in offered(sentence)] == [False]


# ---------------------------------------------------------------- recurring
@pytest.mark.parametrize(
    ("sentence", "rule", "days"),
    [
        ("ringer hver mandag kl 9 indtil jul", "FREQ=WEEKLY;BYDAY=MO", ["11-23", "11-30", "12-07", "12-14", "12-21"]),
        ("ringer hver torsdag indtil d. 3/12", "FREQ=WEEKLY;BYDAY=TH", ["11-26", "12-03"]),
        ("Ringer hver mandag og onsdag de næste 2 uger", "FREQ=WEEKLY;BYDAY=MO,WE",
         ["11-23", "11-25", "11-30", "12-02", "12-07"]),
        ("Skriver hver hverdag til fredag", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
         ["11-23", "11-24", "11-25", "11-26", "11-27"]),
        ("Vi tales ved hver 14. dag indtil nytår", "FREQ=WEEKLY;INTERVAL=2", ["12-07", "12-21"]),
        ("Ringer hver 3. dag indtil d. 2/12", "FREQ=DAILY;INTERVAL=3", ["11-26", "11-29", "12-02"]),
        ("Skriver hver anden onsdag indtil jul", "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", ["11-25", "12-09", "12-23"]),
    ],
)  # fmt: skip
def test_what_comes_again_is_one_offer_with_a_rule(sentence: str, rule: str, days: list[str]) -> None:
    (offer,) = offered(sentence)
    assert offer.rrule.startswith(rule)
    found = occurrences(offer.due_at, "Europe/Copenhagen", offer.rrule, (), NOW, FAR)
    assert [f"{moment:%m-%d %H:%M}" for moment in found] == [f"{day} 09:00" for day in days]


@pytest.mark.parametrize(
    ("sentence", "rule", "first"),
    [
        ("Ringer hver måned", "FREQ=MONTHLY", "2026-12-23 09:00"),
        ("Vi gør status hvert kvartal", "FREQ=MONTHLY;INTERVAL=3", "2027-02-23 09:00"),
        ("Ringer hver mandag kl. 7.30", "FREQ=WEEKLY;BYDAY=MO", "2026-11-30 07:30"),
    ],
)
def test_without_an_end_it_goes_on(sentence: str, rule: str, first: str) -> None:
    assert [(o.rrule, f"{o.due_at:%Y-%m-%d %H:%M}") for o in offered(sentence)] == [(rule, first)]


# ---------------------------------------------------------------- the rest of the contract
def test_the_span_is_where_the_words_stand_in_the_note() -> None:
    note = "Gik en tur. Hun er glad.\nRinger i morgen kl. 10 og hører nærmere."
    (offer,) = offered(note)
    assert note[slice(*offer.span)] == "i morgen kl. 10"
    assert offer.text == "Ringer i morgen kl. 10 og hører nærmere."


def test_letters_that_grow_when_lowered_do_not_shift_the_span() -> None:
    note = "İİİ. Ringer i morgen"
    assert note[slice(*offered(note)[0].span)] == "i morgen"


def test_a_long_sentence_fits_a_reminder() -> None:
    (offer,) = offered("Ringer i morgen " + "og så videre " * 60)
    assert len(offer.text) == TEXT_MAX_CHARS


def test_without_a_doctors_time_its_words_offer_nothing() -> None:
    assert offers("Ring efter lægetiden", NOW, CALENDAR) == []


def test_after_the_doctor_is_as_the_citizen_chose() -> None:
    (offer,) = offers("Ring efter lægetiden", NOW, CALENDAR, DOCTOR, FollowUp.NEXT_DAY)
    assert offer.due_at == at("2026-11-27 10:00")


@pytest.mark.parametrize(
    ("now", "moment"),
    [
        ("2026-11-23 08:30", "2026-11-23 09:00"),
        ("2026-11-23 13:10", "2026-11-23 14:15"),
    ],
)
def test_today_without_a_clock_is_never_in_the_past(now: str, moment: str) -> None:
    assert moments("Ringer i dag", now) == [moment]


def test_late_at_night_today_is_over() -> None:
    assert moments("Ringer senere i dag", "2026-11-23 23:20") == []


def test_a_week_that_has_begun_means_its_rest() -> None:
    assert moments("Ringer i uge 48", "2026-11-25 10:00") == ["2026-11-26 09:00"]
    assert moments("Ringer i uge 48", "2026-11-27 10:00") == []


def test_days_off_of_her_own_are_skipped_unless_named() -> None:
    part_time = WorkCalendar(working_days=frozenset({0, 1}), ends=time(15))
    (vague,) = offers("Ringer om to dage", NOW, part_time)
    (named,) = offers("Ringer onsdag", NOW, part_time)
    assert (vague.due_at.date(), vague.off_hours) == (date(2026, 11, 30), False)
    assert (named.due_at.date(), named.off_hours) == (date(2026, 11, 25), True)


def test_a_clock_on_the_day_the_clocks_change() -> None:
    (winter,) = offered("Ringer søndag kl. 10", "2026-10-23 08:00")
    (summer,) = offered("Ringer søndag kl. 10", "2027-03-26 08:00")
    assert (winter.due_at.isoformat(), summer.due_at.isoformat()) == (
        "2026-10-25T10:00:00+01:00",
        "2027-03-28T10:00:00+02:00",
    )


def test_a_month_from_the_last_of_january_is_the_last_of_february() -> None:
    assert moments("Ringer om en måned", "2028-01-31 08:00") == ["2028-02-29 09:00"]


def test_offers_are_bounded() -> None:
    assert len(offered("Ringer i morgen kl. 10. " * 300)) == OFFERS_MAX


@pytest.mark.parametrize(
    "hostile",
    ["." * 40_000, " " * 40_000, "ringer i " + " " * 39_000, "ringer hver mandag, " * 2_000, "flyttet til " * 3_300],
)
def test_no_note_keeps_the_phone_busy(hostile: str) -> None:
    begun = perf_counter()
    offered(hostile)
    assert perf_counter() - begun < 2
