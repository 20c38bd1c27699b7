"""Recurrences keep their wall clock and are bounded."""

from __future__ import annotations

from datetime import datetime

import pytest

from mobile_app.domain.recurrence import OCCURRENCES_MAX, occurrences, until_text
from tests.unit.domain.builders import FAR, NOW, at

ZONE = "Europe/Copenhagen"


def local(found: list[datetime]) -> list[str]:
    return [f"{moment:%Y-%m-%d %H:%M %z}" for moment in found]


def test_the_wall_clock_stays_when_the_clocks_change() -> None:
    found = occurrences(at("2026-10-19 09:00"), ZONE, "FREQ=WEEKLY;COUNT=2", (), at("2026-10-01 00:00"), FAR)
    assert local(found) == ["2026-10-19 09:00 +0200", "2026-10-26 09:00 +0100"]


def test_a_clock_that_summer_time_skips_is_an_hour_later_that_day() -> None:
    found = occurrences(at("2027-03-27 02:30"), ZONE, "FREQ=DAILY;COUNT=3", (), NOW, FAR)
    assert local(found) == ["2027-03-27 02:30 +0100", "2027-03-28 03:30 +0200", "2027-03-29 02:30 +0200"]


@pytest.mark.parametrize("until", ["20261207", "20261207T090000", "20261207T080000Z"])
def test_an_end_is_inclusive_however_it_is_written(until: str) -> None:
    found = occurrences(at("2026-11-23 09:00"), ZONE, f"FREQ=WEEKLY;UNTIL={until}", (), NOW, FAR)
    assert [moment.day for moment in found] == [23, 30, 7]


def test_the_end_is_written_in_utc() -> None:
    assert until_text(at("2026-12-21 09:00")) == "UNTIL=20261221T080000Z"


def test_left_out_days_are_left_out_with_or_without_a_zone() -> None:
    rule = "FREQ=WEEKLY;COUNT=4"
    without = (at("2026-11-30 09:00"), datetime(2026, 12, 7), datetime(2026, 12, 14, 9))  # noqa: DTZ001
    assert [m.day for m in occurrences(at("2026-11-23 09:00"), ZONE, rule, without, NOW, FAR)] == [23]


@pytest.mark.parametrize(
    "rule",
    ["", "rubbish", "FREQ=SECONDLY", "FREQ=DAILY;INTERVAL=0", "FREQ=YEARLY;BYMONTH=2", "FREQ=DAILY;COUNT=0"],
)
def test_what_cannot_be_a_rule_for_people_is_a_single_moment(rule: str) -> None:
    assert occurrences(at("2026-11-23 09:00"), ZONE, rule, (), NOW, FAR) == [at("2026-11-23 09:00")]


def test_an_impossible_end_is_a_single_moment() -> None:
    found = occurrences(at("2026-11-23 09:00"), ZONE, "FREQ=DAILY;UNTIL=20269999", (), NOW, FAR)
    assert found == [at("2026-11-23 09:00")]


def test_a_single_moment_outside_the_span_is_none() -> None:
    assert occurrences(at("2026-11-20 09:00"), ZONE, "", (), NOW, FAR) == []


def test_many_are_bounded() -> None:
    found = occurrences(at("2000-01-01 09:00"), ZONE, "FREQ=DAILY", (), at("2000-01-01 00:00"), FAR)
    assert len(found) == OCCURRENCES_MAX


def test_an_unknown_zone_is_copenhagen() -> None:
    assert local(occurrences(at("2026-11-23 09:00"), "Mars/Base", "", (), NOW, FAR)) == ["2026-11-23 09:00 +0100"]


def test_a_leap_day_comes_every_fourth_year_and_the_31st_where_there_is_one() -> None:
    span = (at("2028-01-01 00:00"), at("2033-01-01 00:00"))
    leap = occurrences(at("2028-02-29 10:00"), ZONE, "FREQ=YEARLY", (), *span)
    assert [f"{moment:%Y-%m-%d}" for moment in leap] == ["2028-02-29", "2032-02-29"]
    ends = occurrences(at("2028-01-31 10:00"), ZONE, "FREQ=MONTHLY;BYMONTHDAY=31", (), span[0], at("2028-06-30 00:00"))
    assert [f"{moment:%m-%d}" for moment in ends] == ["01-31", "03-31", "05-31"]
