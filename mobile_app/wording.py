"""The words for codes: channels, states, steps of rules. One table each; English here, Danish in the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum

import flet as ft

from mobile_app import formats
from mobile_app.appointment_words import seen_on, start_of, words
from mobile_app.domain.agenda import Open
from mobile_app.domain.calendar import day_of
from mobile_app.domain.contact import ANOTHER_CHANNEL_AFTER, ContactDue, Why
from mobile_app.domain.phrases import Offer
from mobile_app.domain.recurrence import last_of
from mobile_app.domain.repeating import Every
from mobile_app.domain.today import DUE_WITHIN_DAYS
from mobile_app.domain.wanted import STEPS
from mobile_app.i18n import _
from mobile_app.rhythm import rhythm
from storage import records
from storage.reading import SyncState
from storage.records import (
    Accompany,
    AftercareAnswer,
    AftercareState,
    Answer,
    AnyRecord,
    Appointment,
    AppointmentState,
    AppointmentType,
    Channel,
    Citizen,
    CitizenStatus,
    EventType,
    FollowUp,
    InitiatedBy,
    Outcome,
    Pause,
    PauseReason,
    Relation,
    ReminderState,
    Role,
    SmallStepState,
    WithWhom,
)

Words = Mapping[StrEnum, Callable[[], str]]

#: By class first: equal values of two enums are equal keys.
_WORDS: dict[type[StrEnum], Words] = {
    Channel: {
        Channel.WALK: lambda: _("Walk"),
        Channel.HOME_VISIT: lambda: _("Home visit"),
        Channel.OFFICE: lambda: _("Youth centre"),
        Channel.SCHOOL: lambda: _("School"),
        Channel.WORKPLACE: lambda: _("Workplace"),
        Channel.HEALTH: lambda: _("Doctor/psychiatry"),
        Channel.PHONE: lambda: _("Phone"),
        Channel.TEXT: lambda: _("Text"),
        Channel.VIDEO: lambda: _("Video"),
    },
    Role: {
        Role.EDUCATION: lambda: _("Education"),
        Role.COMPANY: lambda: _("Company"),
        Role.MENTOR: lambda: _("Mentor"),
    },
    WithWhom: {
        WithWhom.CITIZEN: lambda: _("The citizen"),
        WithWhom.NETWORK: lambda: _("Somebody around"),
        WithWhom.BOTH: lambda: _("Both"),
    },
    InitiatedBy: {
        InitiatedBy.CITIZEN: lambda: _("The citizen"),
        InitiatedBy.CONSULTANT: lambda: _("Me"),
        InitiatedBy.OTHER: lambda: _("Somebody else"),
    },
    Outcome: {
        Outcome.NONE: lambda: _("It took place"),
        Outcome.NO_ANSWER: lambda: _("No answer"),
        Outcome.CANCELLED: lambda: _("Cancelled"),
        Outcome.MOVED: lambda: _("Moved"),
    },
    AppointmentType: {
        AppointmentType.DOCTOR: lambda: _("Doctor"),
        AppointmentType.PSYCHIATRY: lambda: _("Psychiatry"),
        AppointmentType.MEETING: lambda: _("Meeting"),
        AppointmentType.INTERNSHIP: lambda: _("Internship"),
        AppointmentType.OTHER: lambda: _("Other"),
    },
    AppointmentState: {
        AppointmentState.REFERRED: lambda: _("Referred – waiting for the letter"),
        AppointmentState.TO_BOOK: lambda: _("To be booked"),
        AppointmentState.BOOKED: lambda: _("Booked"),
        AppointmentState.KEPT: lambda: _("Kept"),
        AppointmentState.MOVED: lambda: _("Moved"),
        AppointmentState.CANCELLED: lambda: _("Cancelled"),
        AppointmentState.MISSED: lambda: _("Did not get there"),
    },
    Accompany: {
        Accompany.ALONE: lambda: _("Goes alone"),
        Accompany.TRAVEL_ALONG: lambda: _("We travel together"),
        Accompany.WAIT_OUTSIDE: lambda: _("I wait outside"),
        Accompany.GO_IN: lambda: _("I go in too"),
    },
    Every: {
        Every.NEVER: lambda: _("No"),
        Every.WEEK: lambda: _("Every week"),
        Every.TWO_WEEKS: lambda: _("Every 2nd week"),
        Every.FOUR_WEEKS: lambda: _("Every 4th week"),
        Every.MONTH: lambda: _("Every month"),
        Every.OTHER: lambda: _("As it was made"),
    },
    FollowUp: {
        FollowUp.SAME_DAY: lambda: _("The same day"),
        FollowUp.NEXT_DAY: lambda: _("The next day"),
        FollowUp.NONE: lambda: _("No follow-up"),
    },
    Relation: {
        Relation.DOCTOR: lambda: _("Doctor"),
        Relation.CLINIC: lambda: _("Clinic"),
        Relation.PSYCHIATRY: lambda: _("Psychiatry"),
        Relation.SUPPORT_WORKER: lambda: _("Support worker"),
        Relation.EMPLOYER: lambda: _("Employer"),
        Relation.TEACHER: lambda: _("Teacher"),
        Relation.FAMILY: lambda: _("Family"),
        Relation.AUTHORITY: lambda: _("Authority"),
        Relation.OTHER: lambda: _("Other"),
    },
    CitizenStatus: {
        CitizenStatus.ACTIVE: lambda: _("In the course"),
        CitizenStatus.AFTERCARE: lambda: _("Aftercare"),
        CitizenStatus.CLOSED: lambda: _("Ended"),
    },
    AftercareAnswer: {
        AftercareAnswer.NOT_ASKED: lambda: _("Not asked yet"),
        AftercareAnswer.ACCEPTED: lambda: _("Yes, please"),
        AftercareAnswer.DECLINED: lambda: _("No thanks"),
        AftercareAnswer.ASK_LATER: lambda: _("Ask later"),
    },
    AftercareState: {
        AftercareState.RUNNING: lambda: _("Running"),
        AftercareState.ENDED: lambda: _("Ended"),
        AftercareState.CANCELLED: lambda: _("Cancelled"),
    },
    ReminderState: {
        ReminderState.OPEN: lambda: _("Not done yet"),
        ReminderState.DONE: lambda: _("Done"),
        ReminderState.CANCELLED: lambda: _("Cancelled"),
    },
    Answer: {
        Answer.DONE: lambda: _("Done"),
        Answer.CANCELLED: lambda: _("Cancelled"),
        Answer.SNOOZED: lambda: _("Put off until later"),
        Answer.OPEN: lambda: _("Not done yet"),
    },
    PauseReason: {
        PauseReason.ADMISSION: lambda: _("Admission"),
        PauseReason.HOLIDAY: lambda: _("Holiday"),
        PauseReason.OTHER: lambda: _("Other"),
    },
    EventType: {
        EventType.ADMISSION: lambda: _("Admission"),
        EventType.DISCHARGE: lambda: _("Discharge"),
        EventType.BREAK_UP: lambda: _("Break-up"),
        EventType.MOVING: lambda: _("Moving house"),
        EventType.MOVES_AWAY: lambda: _("Moves to another municipality"),
        EventType.DEATH: lambda: _("Death"),
        EventType.OTHER: lambda: _("Other"),
    },
    SmallStepState: {
        SmallStepState.CHOSEN: lambda: _("Chosen"),
        SmallStepState.REACHED: lambda: _("Reached"),
        SmallStepState.DROPPED: lambda: _("Laid aside"),
    },
    SyncState: {
        SyncState.ON_THIS_PHONE: lambda: _("On this phone"),
        SyncState.WAITING: lambda: _("Waiting to be sent"),
        SyncState.SENT: lambda: _("On its way, no receipt yet"),
        SyncState.RECEIVED: lambda: _("Received"),
        SyncState.SAFE: lambda: _("Received and safe"),
        SyncState.CONFLICT: lambda: _("Two versions"),
        SyncState.REFUSED: lambda: _("Not taken by the hub"),
    },
}

_ICONS: dict[Channel | None, ft.IconData] = {
    Channel.WALK: ft.Icons.DIRECTIONS_WALK,
    Channel.HOME_VISIT: ft.Icons.HOME_OUTLINED,
    Channel.OFFICE: ft.Icons.APARTMENT,
    Channel.SCHOOL: ft.Icons.SCHOOL_OUTLINED,
    Channel.WORKPLACE: ft.Icons.HANDYMAN_OUTLINED,
    Channel.HEALTH: ft.Icons.LOCAL_HOSPITAL_OUTLINED,
    Channel.PHONE: ft.Icons.CALL_OUTLINED,
    Channel.TEXT: ft.Icons.SMS_OUTLINED,
    Channel.VIDEO: ft.Icons.VIDEOCAM_OUTLINED,
    None: ft.Icons.EVENT_OUTLINED,
}


def word(code: StrEnum) -> str:
    """The word on the screen for a code of records.py."""
    return _WORDS[type(code)][code]()


def icon(channel: Channel | None) -> ft.IconData:
    return _ICONS[channel]


# ---------------------------------------------------------------- reminders
def reminder_text(
    one: Open, citizen: Citizen | None, about: Appointment | None = None, today: date | None = None
) -> str:
    """What to do: her own words, or the question of the rule. `about` is the appointment it is about, if any."""
    if one.text:
        return one.text
    step = STEPS[one.step]
    early = step.text_early and seen_on(one, today) < day_of(start_of(one, about))
    return _(step.text_early if early else step.text, name=_first_name(citizen), **words(one, about, today))


def reminder_why(
    one: Open, citizen: Citizen | None, about: Appointment | None = None, today: date | None = None
) -> str:
    """Why it exists; nothing for one she made herself."""
    return "" if one.text else _(STEPS[one.step].why, name=_first_name(citizen), **words(one, about, today))


def _first_name(citizen: Citizen | None) -> str:
    return citizen.given_name if citizen else _("the citizen")


def offer_text(offer: Offer) -> str:
    """The reminder a phrase becomes; when somebody else acts it is a question."""
    if not offer.by_citizen:
        return offer.text
    return _ASKED.get(offer.asks, lambda text: _("Did it happen? {text}", text=text))(offer.text)


_ASKED: dict[str, Callable[[str], str]] = {
    "he_calls": lambda text: _("Has he called? {text}", text=text),
    "she_calls": lambda text: _("Has she called? {text}", text=text),
    "he_writes": lambda text: _("Has he written? {text}", text=text),
    "she_writes": lambda text: _("Has she written? {text}", text=text),
    "he_sends": lambda text: _("Has he sent it? {text}", text=text),
    "she_sends": lambda text: _("Has she sent it? {text}", text=text),
    "he_books": lambda text: _("Has he booked it? {text}", text=text),
    "she_books": lambda text: _("Has she booked it? {text}", text=text),
    "he_comes": lambda text: _("Did he come? {text}", text=text),
    "she_comes": lambda text: _("Did she come? {text}", text=text),
}


def offer_moment(offer: Offer, today: date) -> str:
    """When: in full, and for what comes again how often and until when."""
    moment = formats.full_moment(offer.due_at, today)
    if not offer.rrule:
        return moment
    last = last_of(offer.due_at, offer.rrule)
    often = rhythm(offer.rrule)
    if last is None:
        return _("{often} from {moment}, no end date", often=often, moment=moment)
    end = formats.long_day(formats.local(last).date(), with_year=formats.local(last).year != today.year)
    return _("{often} from {moment} until {day}", often=often, moment=moment, day=end)


# ---------------------------------------------------------------- agreed contact
_WHY_DUE: dict[Why, Callable[[], str]] = {
    Why.CONTACT: lambda: _("Agreed every {n} days"),
    Why.FIRST_CONTACT: lambda: _("Not met yet"),
    Why.AFTER_PAUSE: lambda: _("Back from a pause"),
    Why.MEETING: lambda: _("A meeting was agreed every {n} days"),
}
#: How the last contact was, within a sentence.
_HOW: dict[Channel, Callable[[], str]] = {
    Channel.WALK: lambda: _("on a walk"),
    Channel.HOME_VISIT: lambda: _("at home"),
    Channel.OFFICE: lambda: _("at the youth centre"),
    Channel.SCHOOL: lambda: _("at school"),
    Channel.WORKPLACE: lambda: _("at the workplace"),
    Channel.HEALTH: lambda: _("at the doctor's or psychiatry"),
    Channel.PHONE: lambda: _("on the phone"),
    Channel.TEXT: lambda: _("by text"),
    Channel.VIDEO: lambda: _("by video"),
}


def why_suggested(due: ContactDue, citizen: Citizen, today: date) -> list[str]:
    """Why somebody is suggested, in plain words and without a word of blame: what was agreed, when and how the last
    contact was, and what was tried since."""
    return [" · ".join(_agreed_and_last(due, citizen, today)), _tried(due, citizen, today)]


def why_due(due: ContactDue, citizen: Citizen, today: date) -> str:
    """When the next contact is due and why."""
    return " · ".join([*_agreed_and_last(due, citizen, today), short_due(due, today)])


def _agreed_and_last(due: ContactDue, citizen: Citizen, today: date) -> list[str]:
    days = citizen.meeting_every_days if due.why == Why.MEETING else citizen.contact_every_days
    parts = [_WHY_DUE[due.why]().format(n=days)]
    if due.why != Why.MEETING and due.meeting_due_on and due.meeting_due_on <= today:
        parts.append(_("a meeting was agreed too"))
    if due.last_contact_on and due.last_channel:
        when, how = formats.last_day(due.last_contact_on, today), _HOW[due.last_channel]()
        parts.append(_("last {when} {how}", when=when, how=how))
    return parts


def _tried(due: ContactDue, citizen: Citizen, today: date) -> str:
    if due.last_tried_on is None:
        return ""
    when = formats.last_day(due.last_tried_on, today)
    if due.unanswered >= ANOTHER_CHANNEL_AFTER:
        tries = {"n": due.unanswered, "when": when}
        return _("No answer {n} times, last {when}: try another way, and ask a colleague for advice.", **tries)
    return _("{name} did not answer {when}: try at another hour.", name=citizen.given_name, when=when)


def counts_as_contact() -> str:
    return _(
        "Counts as contact: you two have talked or written, whoever began. A text without an answer or a talk with"
        " somebody around does not."
    )


def counts_as_meeting() -> str:
    return _("Counts as a meeting: you are in the same place, on a walk for instance. A call or video does not.")


_ON_PAUSE: dict[PauseReason, Callable[[], str]] = {
    PauseReason.ADMISSION: lambda: _("Admitted"),
    PauseReason.HOLIDAY: lambda: _("On holiday"),
    PauseReason.OTHER: lambda: _("On pause"),
}


def pause_words(pause: Pause, today: date) -> str:
    """ "Indlagt siden 16. nov.", "På ferie 1. dec. – 14. dec."."""
    begins = formats.day_in_full(pause.from_on, today)
    if pause.expected_to:
        ends = formats.date_only(pause.expected_to)
        said = _("{what} from {day}, expected until {end}", what=_ON_PAUSE[pause.reason](), day=begins, end=ends)
    elif pause.from_on > today:
        said = _("{what} from {day}", what=_ON_PAUSE[pause.reason](), day=begins)
    else:
        said = _("{what} since {day}", what=_ON_PAUSE[pause.reason](), day=begins)
    return said


def short_due(due: ContactDue | None, today: date) -> str:
    """ "Længe siden", "Snart", or the day."""
    if due is None:
        return ""
    if due.due_on < today:
        return _("A while ago")
    if (due.due_on - today).days <= DUE_WITHIN_DAYS:
        return _("Soon: {day}", day=formats.day(due.due_on, today))
    return _("Next {day}", day=formats.day(due.due_on, today))


# ---------------------------------------------------------------- records
def appointment_title(appointment: Appointment) -> str:
    return appointment.text or word(appointment.type)


_RECORD_TITLES: dict[str, Callable[[], str]] = {
    "citizen": lambda: _("Citizen"),
    "network_person": lambda: _("Person around"),
    "contact_note": lambda: _("Note"),
    "appointment": lambda: _("Appointment"),
    "reminder": lambda: _("Reminder"),
    "reminder_answer": lambda: _("Answer to a reminder"),
    "put_off": lambda: _("Not today"),
    "pause": lambda: _("Pause"),
    "small_step": lambda: _("Small steps"),
    "event": lambda: _("Event"),
    "aftercare_window": lambda: _("Aftercare"),
    "work_pattern": lambda: _("Working hours"),
    "cover": lambda: _("Cover"),
    "colleague": lambda: _("Colleague"),
    "handover": lambda: _("Handover"),
    "conflict": lambda: _("Two versions"),
    "draft": lambda: _("Draft"),
}


def record_title(record: AnyRecord | None) -> str:
    return _RECORD_TITLES[records.kind_of(record)]() if record is not None else _("Deleted here")
