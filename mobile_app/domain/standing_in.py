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
        """Whether this phone's consultant is the one for this citizen on this day: her own while nobody stands in, a
        colleague's while she does. False for a citizen who is still here though the cover is over; where nothing is
        known of it she is."""
        if citizen_id not in self.lent:
            return self.cover_of(citizen_id, day) is None
        return not self.lent[citizen_id] or self.cover_of(citizen_id, day) is not None

    def last_day(self, citizen_id: str, today: date) -> date | None:
        """Until when this citizen is hers to look after: the last day of the cover that runs, yesterday where none runs
        any more. None for her own, and where nothing is known of an end."""
        if not self.lent.get(citizen_id):
            return None
        running = self.cover_of(citizen_id, today)
        return running.to_on if running else today - timedelta(days=1)

    def rings(self, one: Open) -> bool:
        """Whether this reminder rings here. Alarms are set long before, and each phone moves them by its own working
        days: so it goes by what both know, the day of what it belongs to (of the appointment), or that of a snooze."""
        moment = one.anchor if one.due_at == one.original_due_at else one.due_at
        return not one.citizen_id or self.is_hers_to_look_after(one.citizen_id, day_of(moment))


def ringing(found: Iterable[Open], standing_in: StandingIn) -> list[Open]:
    """Those of these open reminders that ring on this phone, in their order."""
    return [one for one in found if standing_in.rings(one)]
