"""Which reminders ring on this phone while somebody stands in, worked out from the covers themselves (rule 7: they ring
only at the cover). Pure; days are read in Europe/Copenhagen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from mobile_app.domain.agenda import Open
from mobile_app.domain.calendar import day_of
from storage.records import Cover


@dataclass(frozen=True)
class StandingIn:
    """`own`: her covers as the hub has them, for one that it does not know silences nobody. `lent`: the citizens who
    are here because she stands in, with the covers that name her."""

    own: tuple[Cover, ...] = ()
    lent: Mapping[str, tuple[Cover, ...]] = field(default_factory=dict)

    def cover_of(self, citizen_id: str, day: date) -> Cover | None:
        """The cover that runs for this citizen on this day, hers or a colleague's: the one that lasts longest."""
        running = [one for one in self.lent.get(citizen_id, self.own) if one.runs_on(day)]
        return max(running, key=lambda one: one.to_on, default=None)

    def is_hers_to_look_after(self, citizen_id: str, day: date) -> bool:
        """False for a citizen who is still here though the cover is over. Where nothing is known of it she does."""
        if citizen_id not in self.lent:
            return True
        return not self.lent[citizen_id] or self.cover_of(citizen_id, day) is not None

    def last_day(self, citizen_id: str, today: date) -> date | None:
        """Until when this citizen is hers to look after: the last day of the cover that runs, yesterday where none runs
        any more. None for her own, and where nothing is known of an end."""
        if not self.lent.get(citizen_id):
            return None
        running = self.cover_of(citizen_id, today)
        return running.to_on if running else today - timedelta(days=1)

    def rings(self, one: Open) -> bool:
        """Whether this reminder rings here on the day it is due: alarms are set long before."""
        day = day_of(one.due_at)
        if not one.citizen_id or one.citizen_id in self.lent:
            return self.is_hers_to_look_after(one.citizen_id, day)
        return self.cover_of(one.citizen_id, day) is None


def ringing(found: Iterable[Open], standing_in: StandingIn) -> list[Open]:
    """Those of these open reminders that ring on this phone, in their order."""
    return [one for one in found if standing_in.rings(one)]
