"""What a rule is made of: when it speaks, what it asks, and in which words. Pure.

Each rule stands whole in one module of this package, its `RULES`: adding one touches that file and its test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from mobile_app.domain.calendar import WorkCalendar
from mobile_app.domain.case import Case
from storage.records import CitizenStatus, PauseReason, RecordId, answer_id

EVERYBODY = frozenset(CitizenStatus)
ACTIVE = frozenset({CitizenStatus.ACTIVE})
IN_COURSE_OR_AFTERCARE = frozenset({CitizenStatus.ACTIVE, CitizenStatus.AFTERCARE})
BY_ADMISSION = frozenset({PauseReason.ADMISSION})
BY_ANY_PAUSE = frozenset(PauseReason)
BY_NOTHING: frozenset[PauseReason] = frozenset()


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """Marks a message for the catalogues; the screen translates it."""
    return message


@dataclass(frozen=True)
class Step:
    """One question of a rule. `code` is part of every answer's id: it stays. Of steps with the same `question` only the
    newest that is due is shown. A `travel` step moves earlier out of quiet hours, every other later (rule 6). `text`
    and `why` are messages with {name} for the citizen's first name; of appointments also with what, whither and when.
    `text_early` is said on a day before the appointment's."""

    code: str
    text: str
    why: str
    same_question: str = ""
    travel: bool = False
    text_early: str = ""

    @property
    def question(self) -> str:
        return self.same_question or self.code


class Wanted(Struct, frozen=True, gc=False):
    """A reminder a rule asks for. Computed, never stored. `due_at` is aware.

    `anchor` is the moment in the records that the step belongs to (the start of the appointment): it names the
    reminder, so that neither her working days nor her leave make another one of it, and a moved appointment does; none
    is `due_at` before quiet hours. From `expires_at` on it is pointless ("Klar til i morgen?" once it has begun)."""

    source_id: str
    citizen_id: str
    rule: str
    step: str
    due_at: datetime
    anchor: datetime | None = None
    expires_at: datetime | None = None

    @property
    def anchored_at(self) -> datetime:
        return self.anchor or self.due_at

    @property
    def id(self) -> RecordId:
        return answer_id(self.source_id, self.rule, self.step, self.anchored_at)


@dataclass(frozen=True)
class Rule:
    """`ask` gives what is wanted of one case, not yet moved out of quiet hours; what repeats ends at an aware moment.
    The rule speaks for citizens of these statuses, and not while a pause that silences it runs."""

    ask: Callable[[Case, WorkCalendar, datetime], Iterable[Wanted]]
    steps: tuple[Step, ...]
    statuses: frozenset[CitizenStatus]
    silenced_by: frozenset[PauseReason]
