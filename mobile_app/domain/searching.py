"""What she typed into the search box: words, and the names, channels and days among them. Pure.

A name, a channel or a day is a filter *or* the same word in a note: "skole" finds contacts at school and every note
that says so, "freja" the notes about Freja and those of others that mention her. So a word that is both never loses a
hit. Only what is counted from today ("i går", "siden 1. september") is a filter alone. A filter that she switches off
is a word again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import product

from mobile_app.domain.calendar import COPENHAGEN
from mobile_app.domain.search_dates import DATES, Days, days_of
from storage.records import Channel
from storage.searching import folded

#: What is recognised beyond this stays a word: each filter doubles the searches.
FILTERS_MAX = 4
PHONE_MIN_DIGITS = 4

_CHANNEL_WORDS = {
    Channel.WALK: "gåtur gåture gåturen tur walk walks",
    Channel.HOME_VISIT: "hjemmebesøg hjemmebesøget home_visit home_visits",
    Channel.OFFICE: "ungecenter ungecentret ungecenteret kontor kontoret youth_centre youth_center office",
    Channel.SCHOOL: "skole skolen school",
    Channel.WORKPLACE: "praktiksted praktikstedet arbejdsplads arbejdspladsen workplace",
    Channel.HEALTH: "læge/psykiatri læge lægen psykiatri psykiatrien doctor/psychiatry doctor psychiatry",
    Channel.PHONE: "telefon telefonen telefonisk opkald phone call calls",
    Channel.TEXT: "sms sms'er sms'en text texts",
    Channel.VIDEO: "video videomøde videoopkald",
}
_CHANNELS = {word.replace("_", " "): channel for channel, words in _CHANNEL_WORDS.items() for word in words.split()}
_LONGEST_FIRST = sorted(_CHANNELS, key=len, reverse=True)
_CHANNEL = re.compile(rf"(?:{'|'.join(map(re.escape, _LONGEST_FIRST))})(?!\w)".replace("\\ ", r"\s+"))
_WORD = re.compile(r"\w+(?:'s\b)?")
#: What may stand before a filter and says nothing by itself.
_SMALL_WORDS = "i på om med til fra hos den d af ad ved for og pr via per in on at to with about from of by the and"
_SMALL = frozenset(_SMALL_WORDS.split())


@dataclass(frozen=True)
class Filter:
    """One thing that what she typed may mean: one of the three is set."""

    text: str
    citizen_ids: frozenset[str] | None = None
    channel: Channel | None = None
    days: Days | None = None


@dataclass(frozen=True)
class Reading:
    """One search of the notes. `since` is the first moment, `until` the first one after (aware, of Copenhagen)."""

    words: str = ""
    citizen_ids: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class _Part:
    """A stretch of what she typed, what it may mean, and whether it may also be words of a note."""

    text: str
    filters: tuple[Filter, ...] = ()
    in_notes: bool = True


@dataclass(frozen=True)
class Query:
    text: str
    parts: tuple[_Part, ...]

    @property
    def filters(self) -> tuple[Filter, ...]:
        """What was recognised, in the order it was typed."""
        return tuple(one for part in self.parts for one in part.filters)

    def citizen_ids(self, off: frozenset[Filter] = frozenset()) -> frozenset[str]:
        """Whoever is named."""
        return frozenset().union(*(one.citizen_ids or () for one in self.filters if one not in off))

    def readings(self, off: frozenset[Filter] = frozenset()) -> list[Reading]:
        """The searches that together find what is asked for: every recognised part as a filter and as words, except the
        filters that are `off`. The one that takes most for filters comes first; none where nothing is asked."""
        ways = [_ways(part, off) for part in self.parts]
        found = (_all_of(combination) for combination in product(*ways))
        return list(dict.fromkeys(one for one in found if one is not None and one != _ANY))


_ANY = Reading()


def parsed(text: str, names: Mapping[str, str], today: date) -> Query:
    """What this text asks, by the names of the citizens (citizen id -> name) and seen from `today`. Takes any text."""
    lowered = unicodedata.normalize("NFC", text).lower()
    ids_of = _by_word(names)
    parts: list[_Part] = []
    for words in _tokens(lowered):
        room = FILTERS_MAX - sum(len(part.filters) for part in parts)
        part = _part(words, ids_of, today)
        filters = part.filters[: max(room, 0)]
        if filters:
            while parts and parts[-1].text in _SMALL:
                parts.pop()
        elif part.filters:
            part = _Part(part.text)
        merged = _one_name(parts[-1], part) if parts and filters else None
        parts = [*parts[:-1], merged] if merged else [*parts, replace(part, filters=filters)]
    return Query(lowered, tuple(parts))


def _tokens(lowered: str) -> Iterable[re.Match[str]]:
    """Words of time, words of a channel, and single words, one behind the other."""
    at = 0
    while word := _WORD.search(lowered, at):
        start = word.start()
        found = DATES.match(lowered, start) or _CHANNEL.match(lowered, start) or word
        yield found
        at = found.end()


def _part(words: re.Match[str], ids_of: Mapping[str, frozenset[str]], today: date) -> _Part:
    text, in_notes = words.group().removesuffix("'s"), True
    filters: list[Filter] = []
    if ids := _named(text, ids_of):
        filters.append(Filter(text, citizen_ids=ids))
    if channel := _CHANNELS.get(" ".join(text.split())):
        filters.append(Filter(text, channel=channel))
    if words.re is DATES and (days := days_of(words, today)):
        filters.append(Filter(text, days=days))
        in_notes = days.in_notes
    return _Part(text, tuple(filters), in_notes)


def _by_word(names: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Whose names hold a word, by the word as it is compared."""
    found: dict[str, set[str]] = {}
    for citizen_id, name in names.items():
        for word in folded(name).split():
            found.setdefault(word, set()).add(citizen_id)
    return {word: frozenset(ids) for word, ids in found.items()}


def _named(text: str, ids_of: Mapping[str, frozenset[str]]) -> frozenset[str] | None:
    """Whom this word names, also in the genitive ("frejas")."""
    word = folded(text).strip()
    return ids_of.get(word) or ids_of.get(word.removesuffix("s"))


def _one_name(before: _Part, part: _Part) -> _Part | None:
    """Given and family name name one citizen; None where these are not two words of one name."""
    if len(before.filters) != 1 or len(part.filters) != 1:
        return None
    first, second = before.filters[0].citizen_ids, part.filters[0].citizen_ids
    if not first or not second or not first & second:
        return None
    text = f"{before.text} {part.text}"
    return _Part(text, (Filter(text, citizen_ids=first & second),))


def _ways(part: _Part, off: frozenset[Filter]) -> list[Reading]:
    on = [one for one in part.filters if one not in off]
    return [_filtered(one) for one in on] + ([Reading(words=part.text)] if part.in_notes or not on else [])


def _filtered(one: Filter) -> Reading:
    if one.days is None:
        return Reading(citizen_ids=one.citizen_ids, channels=frozenset({one.channel}) if one.channel else None)
    return Reading(since=_midnight(one.days.first), until=_midnight(one.days.last, 1))


def _midnight(day: date | None, days_later: int = 0) -> datetime | None:
    return datetime.combine(day + timedelta(days=days_later), time(), COPENHAGEN) if day else None


def _all_of(ways: Iterable[Reading]) -> Reading | None:
    found: Reading | None = _ANY
    for way in ways:
        found = _both(found, way) if found else None
    return found


def _both(one: Reading, other: Reading) -> Reading | None:
    """Both at once; None where nothing can be both."""
    citizen_ids, channels = _common(one.citizen_ids, other.citizen_ids), _common(one.channels, other.channels)
    since = max((s for s in (one.since, other.since) if s), default=None)
    until = min((u for u in (one.until, other.until) if u), default=None)
    if citizen_ids == frozenset() or channels == frozenset() or (since and until and since >= until):
        return None
    return Reading(" ".join(w for w in (one.words, other.words) if w), citizen_ids, channels, since, until)


def _common(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return one if other is None else other
    return one & other


# ---------------------------------------------------------------- people
def is_named_so(text: str, *said: str) -> bool:
    """Whether what is said of somebody holds every word of the text, as "onas" is in "Jonas". No words: no."""
    words = folded(text).split()
    where = folded(" ".join(said))
    return bool(words) and all(word in where for word in words)


def is_phone(text: str, phone: str) -> bool:
    """Whether the text is a phone number or enough of one, however it is grouped."""
    digits = re.sub(r"[+\s-]", "", text)
    return digits.isdecimal() and len(digits) >= PHONE_MIN_DIGITS and digits in re.sub(r"\D", "", phone)
