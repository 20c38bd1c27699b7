"""Days and times as they are said, in Copenhagen and in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from mobile_app import formats, i18n

TODAY = date(2026, 11, 23)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("in_days", "danish", "english"),
    [
        (0, "i dag", "today"),
        (1, "i morgen", "tomorrow"),
        (-1, "i går", "yesterday"),
        (2, "on. 25/11", "We 25/11"),
        (8, "ti. 1/12", "Tu 1/12"),
        (-2, "lø. 21/11", "Sa 21/11"),
        (300, "sø. 19/9", "Su 19/9"),
        (301, "ma. 20/9 2027", "Mo 20/9 2027"),
        (-301, "ma. 26/1 2026", "Mo 26/1 2026"),
    ],
)
def test_a_day_is_said_by_how_near_it_is(in_days: int, danish: str, english: str) -> None:
    on = TODAY + timedelta(days=in_days)
    assert formats.day(on, TODAY) == danish
    i18n.use("en")
    assert formats.day(on, TODAY) == english


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("2026-11-23 22:59", "i dag kl. 23:59"),
        ("2026-11-23 23:00", "i morgen kl. 00:00"),
        ("2026-11-22 23:00", "i dag kl. 00:00"),
        ("2026-07-01 10:00", "on. 1/7 kl. 12:00"),
        # Both 02:30 of the night the clocks go back, and the hour that summer time skips.
        ("2026-10-25 00:30", "sø. 25/10 kl. 02:30"),
        ("2026-10-25 01:30", "sø. 25/10 kl. 02:30"),
        ("2027-03-28 00:59", "sø. 28/3 kl. 01:59"),
        ("2027-03-28 01:00", "sø. 28/3 kl. 03:00"),
    ],
)
def test_a_moment_is_said_in_copenhagen(moment: str, said: str) -> None:
    assert formats.moment(utc(moment), TODAY) == said


@pytest.mark.parametrize(
    ("language", "said"), [("da", "tirsdag 24. november kl. 10:00"), ("en", "Tuesday 24 November at 10:00")]
)
def test_a_full_moment_leaves_nobody_wondering(language: str, said: str) -> None:
    i18n.use(language)
    assert formats.full_moment(utc("2026-11-24 09:00")) == said


@pytest.mark.parametrize(("language", "said"), [("da", "26. nov. 2026"), ("en", "26 Nov 2026")])
def test_a_date_has_its_year(language: str, said: str) -> None:
    i18n.use(language)
    assert formats.date_only(date(2026, 11, 26)) == said


@pytest.mark.parametrize(("at", "said"), [(utc("2026-11-23 07:05"), "08:05"), (time(9, 30), "09:30")])
def test_a_clock_has_four_digits(at: datetime | time, said: str) -> None:
    assert formats.clock(at) == said


@pytest.mark.parametrize(
    ("days", "danish", "english"),
    [
        (-1, "i morgen", "tomorrow"),
        (0, "i dag", "today"),
        (1, "i går", "yesterday"),
        (2, "for 2 dage siden", "2 days ago"),
        (13, "for 13 dage siden", "13 days ago"),
        (14, "for 2 uger siden", "2 weeks ago"),
        (59, "for 8 uger siden", "8 weeks ago"),
        (60, "siden 24. sep. 2026", "since 24 Sep 2026"),
    ],
)
def test_how_long_ago_is_said_in_words(days: int, danish: str, english: str) -> None:
    on = TODAY - timedelta(days=days)
    assert formats.ago(on, TODAY) == danish
    i18n.use("en")
    assert formats.ago(on, TODAY) == english


@pytest.mark.parametrize(("text", "said"), [("i dag", "I dag"), ("åen", "Åen"), ("", "")])
def test_a_sentence_begins_large(text: str, said: str) -> None:
    assert formats.sentence(text) == said
