"""Sentences of casework with what they offer, from the .tsv files of corpus/. All of it is invented.

A line is the sentence, its moments in the order they are offered ("-" for nothing) and, where it has them, who acts
("citizen") or the rule of what comes again. A line "# now ..." says when the ones below it were written, and when the
citizen's next doctor's appointment is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mobile_app.domain.calendar import COPENHAGEN, WorkCalendar
from mobile_app.domain.phrases import Offer, offers

FOLDER = Path(__file__).parent / "corpus"
_HEAD = re.compile(r"# now (?P<now>\S+ \S+)(?: doctor (?P<doctor>\S+ \S+))?")
_UNTIL = re.compile(r"UNTIL=(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")


@dataclass(frozen=True)
class Sentence:
    """`also`: "citizen" or a rule whose end is written as its last day ("UNTIL=20261223")."""

    text: str
    now: datetime
    doctor_at: datetime | None
    moments: tuple[str, ...]
    also: str = ""

    def found(self) -> list[Offer]:
        return offers(self.text, self.now, WorkCalendar(), self.doctor_at)

    def said(self) -> tuple[tuple[str, ...], str]:
        """What is found, in the words of the file."""
        found = self.found()
        rules = {_with_last_day(offer.rrule) for offer in found} - {""}
        who = {"citizen"} if any(offer.by_citizen for offer in found) else set()
        return tuple(f"{offer.due_at:%Y-%m-%d %H:%M}" for offer in found), " ".join(sorted(rules | who))


def _with_last_day(rule: str) -> str:
    def last_day(match: re.Match[str]) -> str:
        moment = datetime.strptime(f"{''.join(match.groups())}+0000", "%Y%m%d%H%M%S%z")
        return f"UNTIL={moment.astimezone(COPENHAGEN):%Y%m%d}"

    return _UNTIL.sub(last_day, rule)


def read(name: str) -> list[Sentence]:
    """The sentences of corpus/`name`.tsv."""
    return list(_sentences((FOLDER / f"{name}.tsv").read_text(encoding="utf-8").splitlines()))


def _sentences(lines: list[str]) -> Iterator[Sentence]:
    now, doctor_at = _at("2026-11-23 08:00"), None
    for line in lines:
        head = _HEAD.fullmatch(line)
        if head:
            now, doctor_at = _at(head["now"]), _at(head["doctor"]) if head["doctor"] else None
            continue
        text, moments, *also = line.split("\t")
        yield Sentence(text, now, doctor_at, () if moments == "-" else tuple(moments.split("; ")), *also)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN)
