"""Rule 5: every way to say a day goes with every way to say a clock, and with every way to plan or not to plan."""

from __future__ import annotations

import pytest

from mobile_app.domain.phrases import offers
from tests.unit.domain.builders import CALENDAR, NOW, at

DOCTOR = at("2026-11-26 10:30")
DAYS = {
    "i morgen": "11-24", "imorgen": "11-24", "i overmorgen": "11-25", "torsdag": "11-26", "på torsdag": "11-26",
    "tors": "11-26", "tors.": "11-26", "onsdag d. 2/12": "12-02", "d. 3/12": "12-03", "den 3/12": "12-03",
    "3/12": "12-03", "d. 3. december": "12-03", "den 3. dec.": "12-03", "d. 3.12": "12-03", "d. 3/12 2026": "12-03",
    "torsdag i næste uge": "12-03", "næste uge torsdag": "12-03", "torsdag i uge 50": "12-10", "om 14 dage": "12-07",
    "om en uge": "11-30", "nu på fredag": "11-27", "fre": "11-27",
}  # fmt: skip
CLOCKS = {
    "": "09:00", "kl. 10": "10:00", "kl 10.30": "10:30", "klokken 10": "10:00", "kl. 14-15": "14:00",
    "halv ti": "09:30", "kvart over to": "14:15", "ved 10-tiden": "10:00", "ca. kl. 10": "10:00",
    "formiddag": "10:00", "om eftermiddagen": "14:00", "tidlig": "08:00", "mellem kl. 10 og 12": "10:00",
    "efter frokost": "13:00", "kl. 1430": "14:30", "om formiddagen kl. 9": "09:00",
}  # fmt: skip
PLANS = (
    "Ringer {when}", "{when} ringer jeg til skolen", "Hun var ked af det, men vi mødes {when}.",
    "Aftalt samtale {when}", "Ingen svar. Prøver igen {when}", "Hun ringer selv {when}", "Møde på skolen {when}",
    "Skal huske at sende brevet {when}", "Vi øver busturen {when}", "Hjælper hende med skemaet {when}",
)  # fmt: skip
NO_PLANS = (
    "Vi ses ikke {when}", "Mødet {when} er aflyst", "Mødet {when} udgår", "Hun skal til fest {when}",
    "Hun mødes med sin søster {when}", "Bussen går {when}", "Hun arbejder {when}", '"Jeg ringer {when}", sagde hun',
    "Han drømte at vi skulle ses {when}", "Hun har fødselsdag {when}", "Jeg har ferie {when}", "Løn udbetales {when}",
    "Har meldt fra til mødet {when}", "Hendes mor henter hende {when}", "Ingen grund til at ringe {when}",
    "Udlejer kommer og ser på vandhanen {when}", "Han får besøg af sin far {when}", "Starter i praktik {when}",
    "Hvis hun bliver syg {when}, må hun blive hjemme", "Skal til frisør {when}",
)  # fmt: skip
DAYS_EN = {
    "tomorrow": "11-24", "on Thursday": "11-26", "on Thurs": "11-26", "on 3 December": "12-03", "on Dec 3": "12-03",
    "on the 3rd of December": "12-03", "on 3/12": "12-03", "on Wed 2 Dec": "12-02", "in two weeks": "12-07",
    "in a fortnight": "12-07", "Thursday next week": "12-03", "on Thursday in week 50": "12-10",
    "the day after tomorrow": "11-25", "on Friday the 27th": "11-27",
}  # fmt: skip
CLOCKS_EN = {
    "": "09:00", "at 10": "10:00", "at 10am": "10:00", "at 10.30": "10:30", "at 10:30": "10:30", "at 2pm": "14:00",
    "at half past nine": "09:30", "at quarter past two": "14:15", "at a quarter to ten": "09:45",
    "in the morning": "10:00", "between 10 and 12": "10:00", "at ten o'clock": "10:00", "after lunch": "13:00",
}  # fmt: skip
PLANS_EN = (
    "Call her {when}", "{when} I'll ring the school", "She was upset, but we are meeting {when}.",
    "Meeting agreed {when}", "No answer. Will try again {when}", "She will call me herself {when}",
    "Must remember to send the letter {when}", "I'm picking her up {when}", "Take stock {when}",
)  # fmt: skip
NO_PLANS_EN = (
    "We won't meet {when}", "The meeting {when} is cancelled", "She is going to a party {when}",
    "She is meeting her sister {when}", "The bus leaves {when}", "She works {when}", '"I\'ll call {when}", she said',
    "He dreamt that we would meet {when}", "He has the day off {when}", "I'm on holiday {when}",
    "Her mum is picking her up {when}", "No need to call {when}", "The agreement to call {when} is off",
)  # fmt: skip


def wrong(template: str, days: dict[str, str], clocks: dict[str, str], *, planned: bool) -> list[str]:
    """The sentences of this template that offer anything but what they should."""
    found = []
    for day, on in days.items():
        for clock, time in clocks.items():
            when = f"{day} {clock}".strip()
            text = template.format(when=when)
            said = [f"{offer.due_at:%m-%d %H:%M}" for offer in offers(text, NOW, CALENDAR, DOCTOR)]
            if said != ([f"{on} {time}"] if planned else []):
                found.append(f"{text}: {said}")
    return found


@pytest.mark.parametrize("template", PLANS)
def test_a_danish_plan_takes_every_day_and_clock(template: str) -> None:
    assert wrong(template, DAYS, CLOCKS, planned=True) == []


@pytest.mark.parametrize("template", PLANS_EN)
def test_an_english_plan_takes_every_day_and_clock(template: str) -> None:
    assert wrong(template, DAYS_EN, CLOCKS_EN, planned=True) == []


@pytest.mark.parametrize("template", NO_PLANS)
def test_what_is_no_plan_in_danish_offers_no_day_and_no_clock(template: str) -> None:
    assert wrong(template, DAYS, CLOCKS, planned=False) == []


@pytest.mark.parametrize("template", NO_PLANS_EN)
def test_what_is_no_plan_in_english_offers_no_day_and_no_clock(template: str) -> None:
    assert wrong(template, DAYS_EN, CLOCKS_EN, planned=False) == []
