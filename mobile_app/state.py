"""What the screens show beyond the vault: which stage the app is in, and a revision that every change raises.

Views take `App` from the context, read through `app.overview`, and write through `app.attempt(app.desk...)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import flet as ft

from mobile_app.domain.agenda import Open
from mobile_app.ports.notifications import Ability
from mobile_app.trial import Tried
from storage.slots import RecoveryRequest
from sync.command import Verb
from sync.lease import Lease

if TYPE_CHECKING:
    from mobile_app.app import App


class Stage(StrEnum):
    STARTING = "starting"
    FIRST_RUN = "first_run"
    LOCKED = "locked"
    RECOVERY = "recovery"
    OPEN = "open"
    #: The vault is open, and nothing of the notes is shown (see lost.py).
    SYNC_ONLY = "sync_only"
    EMPTYING = "emptying"
    ELSEWHERE = "elsewhere"
    DAMAGED = "damaged"


class SyncPhase(StrEnum):
    IDLE = "idle"
    RUNNING = "running"
    FAILED = "failed"
    NOT_ENROLLED = "not_enrolled"


@dataclass(frozen=True)
class SyncLine:
    """What the sync is doing; `problem` is a sentence. `moved` counts records of a running sync; `asks_to_let_go`: it
    waits for her word before what is gone at the hub leaves the phone."""

    phase: SyncPhase = SyncPhase.IDLE
    problem: str = ""
    moved: int = 0
    unreachable: bool = False
    asks_to_let_go: bool = False


@dataclass(frozen=True)
class Recovery:
    """How far the way back in came after a forgotten PIN. `problem` is a sentence."""

    request: RecoveryRequest | None = None
    answer: bytes | None = None
    problem: str = ""


@dataclass(frozen=True)
class Ways:
    """The ways into the vault (storage.slots), and whether a short PIN is none. Screens take them from here: asking the
    vault may mean to wait for it."""

    slots: frozenset[str] = frozenset()
    demands_passphrase: bool = True


@ft.observable
@dataclass(eq=False)  # identity: hooks compare by ==
class AppState:
    app: App
    stage: Stage = Stage.STARTING
    revision: int = 0
    covered: bool = False
    width: float = 390
    problem: str = ""
    ways: Ways = field(default_factory=Ways)
    sync: SyncLine = field(default_factory=SyncLine)
    recovery: Recovery = field(default_factory=Recovery)
    #: How long the notes are shown without the hub; none where nothing was had from it yet.
    lease: Lease | None = None
    handed_in: bool = False
    #: Handed in, and something is here that the hub did not take.
    asks_to_empty: bool = False
    #: Why there are no notes here any more.
    emptied: Verb | None = None
    #: Opened by the passphrase of the backup, until another one is chosen.
    just_restored: bool = False
    ringing: tuple[Open, ...] = ()
    #: A reminder came while locked: says nothing about whom or what.
    rang_locked: bool = False
    #: What reminders can do on this phone, as it said last; none before it was asked.
    ability: Ability | None = None
    #: The reminder that she tries.
    tried: Tried = Tried.NOT


Here: ft.ContextProvider[AppState] = ft.create_context(None)  # type: ignore[arg-type]  # always provided by Root


def use_app() -> App:
    """The running app, in a component: draws it anew with every change of the state."""
    return ft.use_context(Here).app
