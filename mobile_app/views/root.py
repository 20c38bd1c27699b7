"""Which screen: by the stage of the app first, by the route once it is open."""

from __future__ import annotations

import flet as ft

from mobile_app.state import AppState, Here, Stage
from mobile_app.views import elsewhere, first_run, lock, recovery, sync_only
from mobile_app.views.aftercare_window import WindowForm
from mobile_app.views.agreement import Agreement
from mobile_app.views.appointment import AppointmentForm
from mobile_app.views.backup import Backup
from mobile_app.views.booking import BookTogether, NewTime
from mobile_app.views.calendar import CalendarFile
from mobile_app.views.citizen import CitizenView
from mobile_app.views.citizens import Citizens
from mobile_app.views.conflicts import Conflicts
from mobile_app.views.cover import CoverView
from mobile_app.views.damage import Damage
from mobile_app.views.death import Death
from mobile_app.views.end_course import EndCourse
from mobile_app.views.finish_aftercare import FinishAftercare
from mobile_app.views.half_years import HalfYears
from mobile_app.views.handover import HandOver
from mobile_app.views.more import More
from mobile_app.views.moving import Moving
from mobile_app.views.note import NoteEditor
from mobile_app.views.pause import PauseForm
from mobile_app.views.reminder_form import ReminderForm
from mobile_app.views.reminders import Reminders
from mobile_app.views.safety import Safety
from mobile_app.views.settings import Settings
from mobile_app.views.sync import SyncView
from mobile_app.views.today import Today
from mobile_app.views.week import Week

_ROUTES = [
    ft.Route(
        "/",
        component=Today,
        children=[
            ft.Route("note/:draft_id", component=NoteEditor),
            ft.Route(
                "citizens",
                component=Citizens,
                children=[
                    ft.Route("aftercare", component=HalfYears),  # before what it would be taken for
                    ft.Route(
                        ":citizen_id",
                        component=CitizenView,
                        children=[
                            ft.Route("note/:draft_id", component=NoteEditor),
                            ft.Route("appointment/:appointment_id", component=AppointmentForm),
                            ft.Route("appointment/:appointment_id/book", component=BookTogether),
                            ft.Route("appointment/:appointment_id/time/:at", component=NewTime),
                            ft.Route("reminder", component=ReminderForm),
                            ft.Route("agreed", component=Agreement),
                            ft.Route("pause/:pause_id", component=PauseForm),
                            ft.Route("moving", component=Moving),
                            ft.Route("death", component=Death),
                            ft.Route("end", component=EndCourse),
                            ft.Route(
                                "aftercare",
                                component=WindowForm,
                                children=[ft.Route("finish", component=FinishAftercare)],
                            ),
                            ft.Route("handover", component=HandOver),
                        ],
                    ),
                ],
            ),
            ft.Route("reminders", component=Reminders, children=[ft.Route("new", component=ReminderForm)]),
            ft.Route(
                "more",
                component=More,
                children=[
                    ft.Route("sync", component=SyncView),
                    ft.Route("conflicts", component=Conflicts),
                    ft.Route("cover", component=CoverView),
                    ft.Route("settings", component=Settings, children=[ft.Route("week", component=Week)]),
                    ft.Route("calendar", component=CalendarFile),
                    ft.Route("safety", component=Safety, children=[ft.Route("backup", component=Backup)]),
                    ft.Route("damage", component=Damage),
                ],
            ),
        ],
    )
]


@ft.component
def Root(state: AppState) -> list[ft.View] | ft.Control:
    state.app.drew()
    if state.covered:  # swapped, never overlaid: nothing decrypted stays in the tree
        return [elsewhere.Covered(state, key="covered")]
    if state.stage == Stage.OPEN:
        return Here(state, lambda: ft.Router(_ROUTES, not_found=Today, manage_views=True))
    # The key: without it Flet takes one screen of these for the other and draws nothing new.
    return [_BEFORE[state.stage](state, key=state.stage)]


_BEFORE = {
    Stage.STARTING: elsewhere.Covered,
    Stage.FIRST_RUN: first_run.FirstRun,
    Stage.LOCKED: lock.Lock,
    Stage.RECOVERY: recovery.RecoveryView,
    Stage.SYNC_ONLY: sync_only.SyncOnly,
    Stage.EMPTYING: elsewhere.Covered,
    Stage.ELSEWHERE: elsewhere.Elsewhere,
    Stage.DAMAGED: elsewhere.Damaged,
}
