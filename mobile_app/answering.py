"""What she says to a reminder. As services.py: what writes blocks, and is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from mobile_app.domain.agenda import MANUAL, Open
from mobile_app.stamping import Stamping
from storage.records import Answer, Record, Reminder, ReminderAnswer, ReminderState

_STATES = {Answer.DONE: ReminderState.DONE, Answer.CANCELLED: ReminderState.CANCELLED}


class Answering(Stamping):
    def answer(self, open_one: Open, answer: Answer, until: datetime | None = None) -> Callable[[], None]:
        """Done, cancelled, or snoozed until a moment. Returns what undoes it. Cancelling one occurrence of a recurring
        reminder ends them all."""
        answered, undone = self.answers(open_one, answer, until)
        self.vault.save(answered)
        return lambda: self.vault.save(self._changed(undone))

    def answers(self, open_one: Open, answer: Answer, until: datetime | None = None) -> tuple[Record, Record]:
        """The record that says it, and the one that takes it back; neither is saved."""
        key = open_one.source_id if answer == Answer.CANCELLED and open_one.rule == MANUAL else open_one.key
        before = self.vault.reading.get(key)
        if isinstance(before, Reminder):
            return self._answered(before, answer, until), before
        given = before if isinstance(before, ReminderAnswer) else self._new_answer(open_one)
        return self._changed(given, answer=answer, snoozed_until=until), given

    def _answered(self, reminder: Reminder, answer: Answer, until: datetime | None) -> Reminder:
        if answer == Answer.SNOOZED:
            return self._changed(reminder, snoozed_until=until)
        return self._changed(reminder, state=_STATES[answer])

    def _new_answer(self, open_one: Open) -> ReminderAnswer:
        """Not answered yet."""
        return self._new(
            ReminderAnswer,
            open_one.citizen_id,
            id=open_one.key,
            source_id=open_one.source_id,
            rule=open_one.rule,
            step=open_one.step,
            due_at=open_one.anchor,
            answer=Answer.OPEN,
        )
