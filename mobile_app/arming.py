"""Which alarms a phone should hold, and by which steps it gets there. Pure.

A kill may come between any two steps: what is new is armed before what is old is taken away, the next to ring first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

#: iOS keeps 64 notifications of an app, and drops what comes beyond without a word.
PENDING_MAX = 64
#: Room is left for what is still armed while the new is, and for the trial.
ARMED_MAX = 50
#: The number of the alarm that she tries; reminders have others (Keyring.alarm_number).
TRIAL = 0


@dataclass(frozen=True)
class Alarm:
    """One notification at one moment (UTC, whole seconds). `number`: 0 to 2^31 - 1; the same number replaces. `text`
    names nobody and nothing. `exact`: to the minute, where the phone may."""

    number: int
    due_at: datetime
    text: str
    silent: bool = False
    exact: bool = False


@dataclass(frozen=True)
class Arm:
    alarm: Alarm


@dataclass(frozen=True)
class Cancel:
    """Also takes the notification off the screen, where it has been shown."""

    number: int


Step = Arm | Cancel


def moment_of(due_at: datetime) -> datetime:
    """When a reminder rings: in UTC, at its second or the next whole one, so that it is due then."""
    whole = due_at.astimezone(UTC).replace(microsecond=0)
    return whole if whole >= due_at else whole + timedelta(seconds=1)


def alarms_for(
    fire_times: Iterable[tuple[int, datetime]],
    now: datetime,
    text: str,
    *,
    exact: bool,
    is_silent: Callable[[datetime], bool],
) -> list[Alarm]:
    """The next ones, earliest first. Several reminders of one moment ring once: each would say the same."""
    first: dict[datetime, int] = {}
    for number, due_at in sorted(fire_times):
        first.setdefault(due_at, number)
    coming = sorted((due_at, number) for due_at, number in first.items() if due_at > now)
    return [Alarm(number, due_at, text, is_silent(due_at), exact) for due_at, number in coming[:ARMED_MAX]]


def steps(
    wanted: Sequence[Alarm],
    armed: Mapping[int, Alarm],
    pending: Collection[int],
    keep: Collection[int] = (),
    gone: Collection[int] = (),
) -> list[Step]:
    """From what the phone has pending to what is wanted, earliest first; never more than PENDING_MAX on the way.

    `armed`: what this process armed, and how. A phone that says "pending" may be wrong: after a force-stop Android's
    plugin lists alarms that nobody rings any more. So only what both say is left alone. `keep`: numbers that are not
    wanted any more but may still ring (due, and not seen). `gone`: numbers that may stand on the screen for nothing."""
    wanted_numbers = {alarm.number for alarm in wanted}
    unwanted = sorted({*pending, *gone} - wanted_numbers - {*keep, TRIAL})
    new = [alarm for alarm in wanted if alarm.number not in pending or armed.get(alarm.number) != alarm]
    ordered, room = list[Step](), PENDING_MAX - len(set(pending))
    freeing = [number for number in unwanted if number in pending]
    for alarm in new:
        adds = alarm.number not in pending
        if adds and room <= 1 and freeing:  # one is the trial's
            number = freeing.pop()
            unwanted.remove(number)
            ordered.append(Cancel(number))
            room += 1
        ordered.append(Arm(alarm))
        room -= adds
    return [*ordered, *map(Cancel, unwanted)]
