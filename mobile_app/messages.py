"""Every error as one sentence that says what happened and what to do."""

from __future__ import annotations

from collections.abc import Callable

from mobile_app.domain.aftercare import WindowInvalid
from mobile_app.errors import InvalidInput
from mobile_app.i18n import _
from storage import errors as storage
from storage.strength import Weakness
from sync import errors as sync
from sync.protocol import PROBLEM_PREFIX, ProblemCode, Reason
from sync.transport import HubAddressInvalid


def sentence(error: BaseException) -> str:
    """For the consultant. An error nobody foresaw says so, and that what she wrote is kept."""
    if isinstance(error, InvalidInput):
        return _INPUT[error.code]()
    if isinstance(error, WindowInvalid):
        return _WINDOW[error.code]()
    if isinstance(error, sync.HubRefused):
        return _problem(error)
    for kind in type(error).__mro__:
        if kind in _SENTENCES:
            return _SENTENCES[kind](error)
    return _("Something went wrong here ({name}). What you wrote is kept. Please try again.", name=type(error).__name__)


def _wait(error: BaseException) -> int:
    return max(1, round(getattr(error, "retry_after_s", 0)))


def _damaged() -> str:
    return _("The file with your notes is damaged. It was not changed. Do not delete the app; ring your IT support.")


_SENTENCES: dict[type[BaseException], Callable[[BaseException], str]] = {
    storage.WrongPin: lambda e: _("That does not fit. Wait {n} s and try again.", n=_wait(e)),
    storage.TooSoon: lambda e: _("Wait {n} s before you try again.", n=_wait(e)),
    storage.WeakPin: lambda e: weakness(getattr(e, "reason", Weakness.GUESSABLE)),
    storage.VaultInUse: lambda e: _(
        "Medgang is already open with these notes. Close it there first, then try again here."
    ),
    storage.VaultDamaged: lambda e: _damaged(),
    storage.PageDamaged: lambda e: _damaged(),
    storage.UnboundedKdf: lambda e: _damaged(),
    storage.CannotOpen: lambda e: _damaged(),
    storage.VaultTooNew: lambda e: _("These notes were written by a newer Medgang. Update the app; nothing is lost."),
    storage.VaultExists: lambda e: _("There already are notes here. They were not touched."),
    storage.VaultMissing: lambda e: _("There are no notes here yet."),
    storage.VaultLocked: lambda e: _("Medgang is locked. Unlock it and try again; your draft is kept."),
    storage.DiskFull: lambda e: _(
        "The phone is full, so this was not saved. Your text stays here. Make room, then save."
    ),
    storage.CannotSave: lambda e: _("The phone could not save this. Your text stays here. Please try again."),
    storage.NoteIsFinal: lambda e: _("This note was sent and cannot be changed. Write a correction instead."),
    storage.KeystoreFailed: lambda e: _(
        "The phone did not give its key. Use your PIN or passphrase; if that does not help, start the phone anew."
    ),
    storage.NoSuchSlot: lambda e: _("This way in is not set up on this phone. Use your PIN or passphrase."),
    storage.PinDestroyed: lambda e: _(
        "Ten wrong tries: that PIN opens nothing any more. Your notes are kept. Get a new PIN from your IT support."
    ),
    storage.ReadOnly: lambda e: _(
        "Not saved: the file with your notes is damaged and is only read. Your text stays here; ring your IT support."
    ),
    storage.NotABackup: lambda e: _("That file is no whole backup of Medgang. Choose another one."),
    storage.CannotRotate: lambda e: _(
        "The keys are as they were: {n} records cannot be opened, and would be lost. Ring your IT support.",
        n=getattr(e, "unreadable", 1),
    ),
    storage.SelfTestFailed: lambda e: _(
        "This phone calculates wrong, so nothing was opened or changed. Start it anew, or ring your IT support."
    ),
    storage.RecordInvalid: lambda e: _(
        "Not saved: a text is missing or too long. Shorten it or fill it in, then save."
    ),
    storage.TextNotStorable: lambda e: _("The text holds half a character. Delete what looks odd, then save."),
    sync.NotEnrolled: lambda e: _("This phone is not connected to a hub yet. Ask for a code and enter it under More."),
    sync.HubUnreachable: lambda e: _("No connection. The notes are saved on the phone."),
    sync.HubNonsense: lambda e: _(
        "What answered is not the hub. The notes are saved on the phone. Try another network."
    ),
    sync.TooMuchVanishes: lambda e: _(
        "The hub says that {n} records here are gone. Nothing was removed. Ask your IT support before you let them go;"
        " your unsent notes are kept.",
        n=getattr(e, "count", 0),
    ),
    sync.HubFailed: lambda e: _("The hub has a fault of its own. The notes are saved on the phone. Try again later."),
    HubAddressInvalid: lambda e: _("That is no address of a hub. It begins with https://"),
    ConnectionError: lambda e: _("No connection. The notes are saved on the phone."),
}

_WEAK: dict[str, Callable[[], str]] = {
    Weakness.TOO_SHORT: lambda: _("Not enough yet. Take three or four words you remember, at least twelve characters."),
    Weakness.COMMON: lambda: _("These words are among the first that are tried. Add two words that are only yours."),
    Weakness.NAME_OR_DATE: lambda: _("Names and dates are easily found out. Take three or four other words."),
    Weakness.PATTERN: lambda: _("Rows and repeats are quickly guessed. Take three or four words you remember."),
    Weakness.GUESSABLE: lambda: _("That can still be guessed. Add another word."),
    Weakness.PIN_SHORT: lambda: _("Choose at least six digits."),
    Weakness.PIN_ROW: lambda: _("Choose digits that are not all alike and not in a row."),
    Weakness.PIN_DATE: lambda: _("A date is guessed first. Choose other digits."),
}

_INPUT: dict[str, Callable[[], str]] = {
    "done_already": lambda: _("That is done already."),
    "changed_meanwhile": lambda: _("It was changed meanwhile. Look once more, then choose."),
    "newer_field": lambda: _("A newer Medgang wrote this. Update the app, then choose; nothing is lost."),
    "no_text": lambda: _("The note is empty. Write a few words, or choose what kept you apart."),
    "no_citizen": lambda: _("Choose whom the note is about."),
    "no_channel": lambda: _("Choose where or how you were in contact."),
    "text_too_long": lambda: _("The note is longer than 40,000 characters. Save it as two notes."),
    "text_odd": lambda: _("The text holds half a character. Delete what looks odd, then save."),
    "in_future": lambda: _("A contact cannot lie in the future. Choose today, or make an appointment."),
    "end_before_start": lambda: _("The end lies before the start. Change one of them."),
    "rhythm_days": lambda: _("Choose between 2 and 91 days, for instance 14. Leave it empty where nothing is agreed."),
    "meeting_days": lambda: _(
        "Choose between 2 and 366 days for meetings, for instance 84. Leave it empty where nothing is agreed."
    ),
    "age_limit_past": lambda: _("That day has passed. Choose a day to come, or take the date away."),
    "pause_ends_before": lambda: _("The pause would end before it begins. Change one of the days."),
    "pause_ended_later": lambda: _("That day has not come yet. Put it as the expected end instead."),
    "pause_overlaps": lambda: _("There is a pause on those days already. Open that one and change it."),
    "death_later": lambda: _("That day has not come yet. Choose today or an earlier day."),
    "no_working_day": lambda: _("Choose at least one working day. For days off there is leave."),
    "hours_backwards": lambda: _("The day would end before it begins. Change one of the times."),
    "leave_ends_before": lambda: _("The leave would end before it begins. Change one of the days."),
    "leave_past": lambda: _("That leave is over. Choose days from today on."),
    "leave_long": lambda: _("So long a leave is a handover: hand the cases over, best with a meeting of all three."),
    "leave_overlaps": lambda: _("You have leave on some of those days already."),
    "reminder_about_dead": lambda: _("Nothing rings about who has died. Set the reminder without a name."),
    "course_end_in_future": lambda: _("The course cannot end in the future. Choose today or an earlier day."),
    "half_year_over": lambda: _(
        "The half year after the course is over, so aftercare cannot begin. Point the way to the youth centre, or"
        " reopen the course."
    ),
    "taken_over_by_long": lambda: _("Who takes over is longer than 500 characters. Shorten it."),
    "no_reason": lambda: _("Choose why it ends before time, or write it in your own words."),
    "reason_long": lambda: _("The reason is longer than 500 characters. Shorten it; the summary has room for more."),
    "no_time": lambda: _("Choose a day and a time."),
    "appointment_past": lambda: _("That time has passed. Choose a later one, or say what became of it."),
    "no_last_time": lambda: _("It repeats without an end. Choose how many times, for example ten."),
    "no_occurrence": lambda: _("The last day lies before the first time. Choose a later one."),
    "no_phone": lambda: _("Write the number, then save it."),
    "reminder_past": lambda: _("That moment has passed. Choose a later one."),
    "no_reminder_text": lambda: _("Write what you want to be reminded of."),
    "no_colleague": lambda: _("Choose who takes over."),
    "no_cover": lambda: _("Choose who covers for you."),
    "no_days": lambda: _("Choose the first and the last day."),
    "cover_passed": lambda: _("The last day has passed. Choose a later one."),
    "cover_too_long": lambda: _too_long(),
    "covered_already": lambda: _("Somebody covers for you on these days already. End that first."),
    "message_too_long": lambda: _("The message is longer than 500 characters. Shorten it, or write a note."),
    "handed_over_already": lambda: _("It is on its way to the hub already, and cannot be undone here."),
    "pins_differ": lambda: _("The two are not alike. Write the new one again."),
}

_WINDOW: dict[str, Callable[[], str]] = {
    "ends_before_start": lambda: _("The aftercare would end before it begins. Choose a later day."),
    "too_long": lambda: _("Aftercare is half a year at the most. Choose an earlier day."),
    "ends_in_past": lambda: _("That day is over. Choose today or later, or end the aftercare before time."),
    "call_outside": lambda: _("The agreed call lies outside the aftercare. Choose another day, or no call."),
}

_PROBLEMS: dict[str, Callable[[], str]] = {
    ProblemCode.ENROL_CODE: lambda: _("The code does not fit or is older than ten minutes. Ask for a new one."),
    ProblemCode.DEVICE_REVOKED: lambda: _(
        "This phone may no longer sync. The notes are saved on the phone. Ring your IT support."
    ),
    ProblemCode.DEVICE_UNKNOWN: lambda: _(
        "The hub does not know this phone. The notes are saved on the phone. Ring your IT support."
    ),
    ProblemCode.CLOCK: lambda: _("The phone's clock is wrong. Set it right and sync again; the notes are saved here."),
    ProblemCode.PROTOCOL: lambda: _(
        "The hub speaks another version. Update the app; the notes are saved on the phone."
    ),
    # Only questions to the helpdesk are counted (protocol.md).
    ProblemCode.TOO_MANY: lambda: _(
        "This phone has asked too often. Ask again tomorrow, or ring your IT support; the notes are saved on the phone."
    ),
}


def _too_long() -> str:
    return _("A cover lasts 90 days at the most. A longer leave is a handover: meet about it, and hand the cases over.")


def _problem(error: sync.HubRefused) -> str:
    code = error.problem.type.removeprefix(PROBLEM_PREFIX)
    if code in _PROBLEMS:
        return _PROBLEMS[code]()
    return _("The hub refused the sync ({code}). The notes are saved on the phone. Ring your IT support.", code=code)


_REFUSALS: dict[str, Callable[[], str]] = {
    Reason.INVALID: lambda: _("The hub could not read this record. It stays on the phone."),
    Reason.NOT_IN_CASELOAD: lambda: _("This citizen is not in your caseload any more. It stays on the phone."),
    Reason.NOTE_IS_FINAL: lambda: _("The note was final already. Write a correction instead."),
    Reason.TOO_LARGE: lambda: _("This record is too large for the hub. It stays on the phone."),
    Reason.UNKNOWN_COLLEAGUE: lambda: _(
        "The hub does not know this colleague any more. The cases stay with you; choose somebody else."
    ),
    Reason.COVER_TOO_LONG: lambda: _too_long(),
    Reason.HERS_ALREADY: lambda: _("The case is yours already. Nothing was handed over."),
}


def refusal(reason: str) -> str:
    return _REFUSALS.get(reason, _REFUSALS[Reason.INVALID])()


def weakness(reason: str) -> str:
    """What makes a passphrase or PIN too easy, and what to do about it."""
    return _WEAK.get(reason, _WEAK[Weakness.GUESSABLE])()
