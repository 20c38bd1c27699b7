"""How much may leave a phone in one sync without asking. Pure.

A hub that was restored wrongly, or is hostile, may say that everything was deleted. What was received leaves the phone
only once it is known how much would leave: up to these bounds it goes by itself, beyond them she is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from storage.records import NO_CITIZEN
from sync.protocol import Change, Covered, Gone

#: Single records: drafts that became notes on another phone, reminders that were thrown away.
RECORDS_MAX = 25
#: Of what is on the phone, where that is more.
SHARE_MAX = 0.1
#: A handover takes whole citizens, each with any number of records. More at once is a colleague's leave, and known.
CITIZENS_MAX = 5


def is_too_much(going: Sequence[tuple[str, Change]], held: int, lent: Collection[str] = ()) -> bool:
    """Whether she is to be asked. `going` are pairs of citizen and change, `held` how many records are here. Citizens
    who were only `lent` to this phone, for as long as she stood in, leave together and it is known when."""
    leaving = {citizen_id for citizen_id, change in going if _is_handover(citizen_id, change)}.difference(lent)
    single = sum(not _is_handover(citizen_id, change) for citizen_id, change in going)
    return single > max(RECORDS_MAX, held * SHARE_MAX) or len(leaving) > CITIZENS_MAX


def covered_since(before: Sequence[Covered], now: Sequence[Covered]) -> set[str]:
    """The citizens for whom she stands in now, and did not before."""
    return {one.citizen_id for one in now}.difference(one.citizen_id for one in before)


def _is_handover(citizen_id: str, change: Change) -> bool:
    return change.gone == Gone.LEFT_CASELOAD and citizen_id != NO_CITIZEN
