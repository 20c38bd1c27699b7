"""What the words in the search box mean: names, channels and days among them, and never a hit less for it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mobile_app import i18n
from mobile_app.domain.calendar import COPENHAGEN
from mobile_app.domain.searching import FILTERS_MAX, Query, Reading, is_named_so, is_phone, parsed
from mobile_app.wording import word
from storage.records import Channel

#: A Monday.
TODAY = date(2026, 11, 23)
NAMES = {
    "freja": "Freja Brandt",
    "freja2": "Freja Holm",
    "amir": "Amir Said",
    "åge": "Åge Lund",
    "august": "August Lind",
}
FREJAS = frozenset({"freja", "freja2"})
KNOWN = ("freja", "amir", "sms", "skole", "august", "oktober", "i", "den", "12/10", "31/2", "uge", "99", "siden")


def asked(text: str) -> Query:
    return parsed(text, NAMES, TODAY)


def days(text: str) -> list[tuple[str, str]]:
    """First and last day of every span of time in the text; "" is open."""
    spans = [one.days for one in asked(text).filters if one.days]
    return [(str(span.first or ""), str(span.last or "")) for span in spans]


def words(text: str) -> set[str]:
    return {reading.words for reading in asked(text).readings()}


# ---------------------------------------------------------------- filters and words
def test_the_first_reading_takes_all_it_can_for_filters() -> None:
    reading = asked("freja gåtur oktober").readings()[0]
    assert (reading.words, reading.citizen_ids, reading.channels) == ("", FREJAS, frozenset({Channel.WALK}))
    assert reading.since is not None and reading.until is not None
    assert (reading.since.isoformat(), reading.until.isoformat()) == (
        "2026-10-01T00:00:00+02:00",
        "2026-11-01T00:00:00+01:00",
    )


@pytest.mark.parametrize("text", ["freja", "læge", "oktober", "uge 42", "amir 12/10", "freja gåtur oktober ny cykel"])
def test_whatever_is_recognised_is_also_looked_for_as_words_of_a_note(text: str) -> None:
    assert Reading(words=text) in asked(text).readings()


@pytest.mark.parametrize("text", ["i går", "sidste uge", "siden 1. september", "i mandags", "2 weeks ago", "før 12/10"])
def test_what_is_counted_from_today_is_a_filter_alone(text: str) -> None:
    assert [reading.words for reading in asked(text).readings()] == [""]


def test_other_words_stay_words() -> None:
    assert words("Cykel, hjelm!") == {"cykel hjelm"}
    assert asked("Cykel, hjelm!").filters == ()


def test_a_filter_that_is_off_is_a_word() -> None:
    query = asked("sms i går")
    channel, span = query.filters
    assert {reading.words for reading in query.readings(frozenset({span}))} == {"i går", "sms i går"}
    assert query.readings(frozenset({channel, span})) == [Reading(words="sms i går")]


def test_a_filter_stays_off_while_she_types_on() -> None:
    off = frozenset(asked("freja").filters)
    assert parsed("freja cyk", NAMES, TODAY).readings(off) == [Reading(words="freja cyk")]


def test_small_words_before_a_filter_are_not_looked_for() -> None:
    assert words("sms med freja i mandags") == {"", "sms", "freja", "sms freja"}
    assert words("sko i byen") == {"sko i byen"}


def test_what_contradicts_itself_is_no_search() -> None:
    """No contact is both by text and by phone; one by phone may tell of a text."""
    by_channel = {(reading.words, reading.channels) for reading in asked("sms telefon").readings()}
    assert by_channel == {
        ("telefon", frozenset({Channel.TEXT})),
        ("sms", frozenset({Channel.PHONE})),
        ("sms telefon", None),
    }


@pytest.mark.parametrize("text", ["", "   ", "%", '"', "\0", "😀"])
def test_nothing_asked_is_no_search(text: str) -> None:
    assert [reading for reading in asked(text).readings() if not reading.words.strip()] == []


@given(st.text(max_size=60) | st.lists(st.sampled_from(KNOWN), max_size=12).map(" ".join))
def test_any_text_is_understood_somehow_and_costs_a_bounded_number_of_searches(text: str) -> None:
    query = asked(text)
    assert len(query.filters) <= FILTERS_MAX
    assert len(query.readings()) <= 2**FILTERS_MAX
    assert len(query.readings(frozenset(query.filters))) <= 1


# ---------------------------------------------------------------- names
@pytest.mark.parametrize("text", ["Freja Brandt", "freja brandt", "FREJA BRANDTS"])
def test_given_and_family_name_are_one_citizen(text: str) -> None:
    (one,) = asked(text).filters
    assert one.citizen_ids == {"freja"}


@pytest.mark.parametrize("text", ["aage", "Åge", "åges", "åge's", "A\u030age"])
def test_a_name_is_found_however_it_is_spelt(text: str) -> None:
    assert asked(text).citizen_ids() == {"åge"}


def test_two_citizens_are_two_filters() -> None:
    """A note is about one of them and mentions the other."""
    found = {(reading.words, reading.citizen_ids) for reading in asked("amir og freja").readings()}
    assert found == {("freja", frozenset({"amir"})), ("amir", FREJAS), ("amir freja", None)}


def test_a_name_that_is_also_a_month_is_both() -> None:
    query = asked("august")
    assert [one.citizen_ids for one in query.filters] == [{"august"}, None]
    assert days("august") == [("2026-08-01", "2026-08-31")]
    assert len(query.readings()) == 3


# ---------------------------------------------------------------- channels
@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("channel", list(Channel))
def test_every_channel_is_known_by_the_word_on_the_screen(channel: Channel, language: str) -> None:
    i18n.use(language)
    try:
        (one,) = asked(word(channel)).filters
    finally:
        i18n.use("da")
    assert one.channel == channel


@pytest.mark.parametrize(("text", "channel"), [("sms'er", "text"), ("lægen", "health"), ("home visits", "home_visit")])
def test_other_forms_of_a_channel(text: str, channel: str) -> None:
    assert [one.channel for one in asked(text).filters] == [channel]


@pytest.mark.parametrize("text", ["skoleskema", "telefonnummer", "videospil"])
def test_the_beginning_of_another_word_is_no_channel(text: str) -> None:
    assert asked(text).filters == ()


# ---------------------------------------------------------------- days, as seen on Monday 23 November 2026
@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("i dag", "2026-11-23", "2026-11-23"),
        ("i går", "2026-11-22", "2026-11-22"),
        ("yesterday", "2026-11-22", "2026-11-22"),
        ("i forgårs", "2026-11-21", "2026-11-21"),
        ("mandag", "2026-11-23", "2026-11-23"),
        ("i mandags", "2026-11-16", "2026-11-16"),
        ("last friday", "2026-11-20", "2026-11-20"),
        ("denne uge", "2026-11-23", "2026-11-29"),
        ("sidste uge", "2026-11-16", "2026-11-22"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("i år", "2026-01-01", "2026-12-31"),
        ("sidste år", "2025-01-01", "2025-12-31"),
        ("uge 42", "2026-10-12", "2026-10-18"),
        ("week 50", "2025-12-08", "2025-12-14"),
        ("uge 53", "2020-12-28", "2021-01-03"),
        ("uge 42 2024", "2024-10-14", "2024-10-20"),
        ("oktober", "2026-10-01", "2026-10-31"),
        ("december", "2025-12-01", "2025-12-31"),
        ("march 2025", "2025-03-01", "2025-03-31"),
        ("12/10", "2026-10-12", "2026-10-12"),
        ("24/12", "2025-12-24", "2025-12-24"),
        ("12/10-24", "2024-10-12", "2024-10-12"),
        ("12.10.2025", "2025-10-12", "2025-10-12"),
        ("d. 3. okt", "2026-10-03", "2026-10-03"),
        ("October 12", "2026-10-12", "2026-10-12"),
        ("12th of october", "2026-10-12", "2026-10-12"),
        ("2026-10-12", "2026-10-12", "2026-10-12"),
        ("29/2", "2024-02-29", "2024-02-29"),
        ("2025", "2025-01-01", "2025-12-31"),
        ("for 3 dage siden", "2026-11-20", "2026-11-20"),
        ("two weeks ago", "2026-11-09", "2026-11-15"),
        ("de sidste 14 dage", "2026-11-09", "2026-11-23"),
        ("siden 1. september", "2026-09-01", ""),
        ("since yesterday", "2026-11-22", ""),
        ("efter 12/10", "2026-10-13", ""),
        ("til 1. oktober", "", "2026-10-01"),
        ("før oktober", "", "2026-09-30"),
    ],
)
def test_days_lie_behind(text: str, first: str, last: str) -> None:
    assert days(text) == [(first, last)]


def test_from_and_to_bound_one_span() -> None:
    (reading,) = asked("fra 1/9 til 15/9").readings()
    assert reading.since is not None and reading.until is not None
    assert (reading.since.date(), reading.until.date()) == (date(2026, 9, 1), date(2026, 9, 16))


@pytest.mark.parametrize("text", ["31/2", "0/0", "uge 0", "uge 99", "32. oktober", "1/2/3/4", "kl. 12.10", "2 og 3"])
def test_what_is_no_day_stays_words(text: str) -> None:
    assert days(text) == []


@given(st.integers(-4000, 4000))
def test_a_date_is_found_by_its_day_and_no_other(days_back: int) -> None:
    day = TODAY - timedelta(days=days_back)
    (reading, _as_words) = asked(f"{day.day}/{day.month}-{day.year}").readings()
    assert reading.since is not None and reading.until is not None
    assert {reading.since.astimezone(COPENHAGEN).date(), (reading.until - timedelta(seconds=1)).date()} == {day}


# ---------------------------------------------------------------- people
@pytest.mark.parametrize("text", ["Aage", "åge", "lund å", "ge"])
def test_somebody_is_called_so(text: str) -> None:
    assert is_named_so(text, "Åge Lund")


@pytest.mark.parametrize("text", ["", " ", "!", "Åge Holm"])
def test_somebody_is_not_called_so(text: str) -> None:
    assert not is_named_so(text, "Åge Lund")


@pytest.mark.parametrize("text", ["20123456", "20 12 34 56", "+45 20123456", "3456"])
def test_a_phone_number_is_found_however_it_is_grouped(text: str) -> None:
    assert is_phone(text, "+45 20 12 34 56")


@pytest.mark.parametrize("text", ["", "456", "20123457", "freja", "12/10", "-"])
def test_what_is_no_phone_number_of_theirs(text: str) -> None:
    assert not is_phone(text, "+45 20 12 34 56")
