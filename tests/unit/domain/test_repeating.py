"""How an appointment repeats: from what is chosen to the rule, and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mobile_app.domain import repeating
from mobile_app.domain.calendar import COPENHAGEN
from mobile_app.domain.repeating import Every, Repeat, has_end, last_of, repeat_of, rule_of
from tests.unit.domain.builders import FAR, TODAY, appointment, at

MADE = [every for every in Every if every not in (Every.NEVER, Every.OTHER)]
STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(  # noqa: DTZ001 - the zone comes here
    lambda d: d.replace(microsecond=0, tzinfo=COPENHAGEN).astimezone(UTC).astimezone(COPENHAGEN)
)


@given(
    st.sampled_from(MADE),
    STARTS,
    st.one_of(st.none(), st.integers(1, 99), st.dates(date(2026, 6, 1), date(2029, 1, 1))),
)
def test_what_was_chosen_is_read_back(every: Every, starts_at: datetime, end: int | date | None) -> None:
    times = end if isinstance(end, int) else None
    chosen = Repeat(every, times, None if isinstance(end, int) else end)
    assert repeat_of(rule_of(chosen, starts_at)) == chosen
    assert has_end(rule_of(chosen, starts_at)) is chosen.ends


@given(st.sampled_from(MADE), STARTS, st.integers(2, 12))
def test_so_many_times_are_so_many_and_the_first_is_the_start(every: Every, starts_at: datetime, times: int) -> None:
    made = appointment("booked", TODAY, starts_at=starts_at, rrule=rule_of(Repeat(every, times), starts_at))
    found = repeating.occurrences(starts_at, made.zone, made.rrule, (), starts_at, starts_at + timedelta(days=900))
    assert (len(found), found[0]) == (times, starts_at)
    assert {moment.weekday() for moment in found} == {starts_at.weekday()}


def test_every_month_is_the_same_weekday_and_the_last_week_is_the_last() -> None:
    assert rule_of(Repeat(Every.MONTH, 3), at("2026-11-17 13:00")) == "FREQ=MONTHLY;BYDAY=3TU;COUNT=3"
    assert rule_of(Repeat(Every.MONTH, 3), at("2026-11-30 13:00")) == "FREQ=MONTHLY;BYDAY=-1MO;COUNT=3"


@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=WEEKLY;INTERVAL=3", "FREQ=MONTHLY"])
def test_a_rule_from_elsewhere_stays_as_it_is(rule: str) -> None:
    assert repeat_of(rule) == Repeat(Every.OTHER)


def test_nothing_chosen_is_no_rule() -> None:
    assert rule_of(Repeat(), at("2026-11-24 13:00")) == ""
    assert repeat_of("") == Repeat()


def test_the_last_time_is_known_and_none_where_it_never_takes_place() -> None:
    until = Repeat(Every.WEEK, until=date(2026, 12, 8))
    made = appointment("booked", TODAY, starts_at=at("2026-11-24 13:00"))
    assert last_of(replace(made, rrule=rule_of(until, at("2026-11-24 13:00"))), FAR) == at("2026-12-08 13:00")
    before = Repeat(Every.WEEK, until=date(2026, 11, 1))
    assert last_of(replace(made, rrule=rule_of(before, at("2026-11-24 13:00"))), FAR) is None


def test_what_is_left_out_stays_left_out_when_the_series_moves() -> None:
    before = appointment(
        "booked",
        TODAY,
        starts_at=at("2026-11-24 13:00"),
        rrule="FREQ=WEEKLY;COUNT=3",
        exdates=(at("2026-12-01 13:00"),),
    )
    after = replace(before, starts_at=at("2026-11-25 14:30"))
    moved = replace(after, exdates=repeating.left_out_after(before, after))
    found = repeating.occurrences(at("2026-11-25 14:30"), after.zone, after.rrule, moved.exdates, TODAY_START, FAR)
    assert [f"{moment:%d/%m %H:%M}" for moment in found] == ["25/11 14:30", "09/12 14:30"]
    assert at("2026-12-01 13:00") in moved.exdates


TODAY_START = at("2026-11-23 00:00")
