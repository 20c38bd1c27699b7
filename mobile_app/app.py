"""One window of Medgang: its stage, its locking, and what it holds."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, ClassVar

import flet as ft

from mobile_app import backups, i18n, messages
from mobile_app.acting import Acting
from mobile_app.locking import Watch, hear
from mobile_app.lost import Lost
from mobile_app.overview import Overview
from mobile_app.places import PLACE, Place
from mobile_app.ports.dialler import Dialler
from mobile_app.ports.files import Files
from mobile_app.ports.keystore import keystore_for
from mobile_app.ports.notifications import notifications_for
from mobile_app.recovering import Recovering
from mobile_app.reminders import Alarms
from mobile_app.services import Desk
from mobile_app.setup import Setup as Setup
from mobile_app.state import AppState, Recovery, Stage, Ways
from mobile_app.syncing import SyncLoop
from mobile_app.theme import LOCALES, theme
from mobile_app.writing import Writing
from storage import wiping
from storage.errors import StorageError, VaultMissing
from storage.records import Appointment, Draft
from storage.store import Vault

DRAWN_WITHIN_S = 1.0
#: A running sync may finish before the keys are dropped.
SYNC_ENDS_WITHIN_S = 20.0


class App(Acting):
    #: One vault per process, and one window that holds it. The others wait: a reloaded page comes before its old
    #: connection is gone.
    _vault: ClassVar[Vault | None] = None
    _holder: ClassVar[App | None] = None
    _waiting: ClassVar[list[App]] = []

    def __init__(self, page: ft.Page, setup: Setup) -> None:
        super().__init__(page)
        self.setup = setup
        self.state = AppState(app=self)
        self.dialler = Dialler(page)
        self.files = Files(page)
        #: None where the device has no safe of its own (web, desktop).
        self.keystore = keystore_for(page)
        self.recovering = Recovering(self)
        self.writing = Writing(self)
        self.alarms = Alarms(self, notifications_for(page))
        self.sync = SyncLoop(self)
        self.lost = Lost(self)
        self.desk: Desk
        self.overview: Overview
        #: New records that nothing was written in yet.
        self.fresh_drafts: dict[str, Draft] = {}
        self.fresh_appointments: dict[str, Appointment] = {}
        self.kept: dict[str, object] = {}  # what stands in her forms (components/kept.py)
        #: What open editors do before the screen is covered or locked.
        self.savers: set[Callable[[], Awaitable[None]]] = set()
        #: Words that no save took yet (a full disk). They outlive a lock: not to lose them weighs more.
        self.unsaved: dict[str, Draft] = {}
        #: Suggestions that she dropped, by draft: their words only as a hash, so that they may outlive a lock.
        self.dropped: dict[str, set[int]] = {}
        self.place = Place()
        self._loop = asyncio.get_running_loop()
        self._watch = Watch(setup.lock_after, setup.clock, lambda: page.run_task(self._time_is_up))
        self._drawn = asyncio.Event()
        #: Held by whoever opens, locks or empties the vault.
        self.locking = asyncio.Lock()
        self._stop_observing: Callable[[], None] = lambda: None

    # ------------------------------------------------------------ starting
    def start(self) -> None:
        page = self.page
        page.title = "Medgang"
        page.theme, page.dark_theme = theme(), theme()
        page.theme_mode = ft.ThemeMode.SYSTEM
        page.on_resize = lambda e: self._resized()
        page.on_app_lifecycle_state_change = self._lifecycle
        page.on_disconnect = self._disconnected
        hear(page, self._watch.touched)
        self._resized()
        self._come_in()
        self.alarms.start()
        self.lost.start()

    def _come_in(self) -> None:
        """Holds the vault where nobody does, else waits."""
        if App._holder is None:
            App._holder = self
            self.open_file()
        elif App._holder is not self:
            self.state.stage = Stage.ELSEWHERE
            App._waiting.append(self)

    async def take_over(self) -> None:
        """Makes this the window that holds the vault, once the one that did has saved and locked."""
        before, App._holder = App._holder, self
        if self in App._waiting:
            App._waiting.remove(self)
        if before is not None and before is not self:
            App._waiting.append(before)
            await asyncio.wrap_future(before._as_itself(before._give_up))
        self.open_file()

    async def _give_up(self) -> None:
        await self.lock()
        self.state.stage = Stage.ELSEWHERE

    def open_file(self) -> None:
        """From nothing to the lock screen, or to what is in the way of it."""
        try:
            if App._vault is None and not wiping.is_begun(self.setup.vault_path):
                App._vault = Vault(self.setup.vault_path, self.setup.clock, self.keystore)
                backups.clear_left_overs(self.setup.vault_path)
            if App._vault is None or self.vault.wiped_for:
                self.page.run_task(self.lost.go_on)
                return
            self.state.ways = self._ways()
            self.use_language(self.vault.get_plain("language"))
            self.state.stage = Stage.LOCKED
            self.alarms.open_file(self.vault)
            self.lost.wake()
        except VaultMissing:
            backups.clear_left_overs(self.setup.vault_path)
            self.state.emptied = self.lost.emptied()
            if self.state.emptied:
                self.page.run_task(self.alarms.forget)
            self.use_language(i18n.language() if self.state.emptied else i18n.DEFAULT_LANGUAGE)
            self.state.stage = Stage.FIRST_RUN
        except Exception as error:  # also one nobody foresaw: a blank page says nothing
            self.use_language(i18n.language())
            self.state.problem = messages.sentence(error)
            self.state.stage = Stage.DAMAGED

    @classmethod
    def use_vault(cls, vault: Vault) -> None:
        """For a process that opened the vault already (the demo)."""
        cls._vault = vault

    @property
    def held_vault(self) -> Vault | None:
        """The vault where this window holds it, locked or open; none while there is none."""
        return App._vault if App._holder is self else None

    def let_go(self) -> None:
        """The vault is closed, and its place is looked at anew."""
        App._vault = None

    @property
    def vault(self) -> Vault:
        assert App._vault is not None, "no vault is open"
        return App._vault

    # ------------------------------------------------------------ unlocking and locking
    async def create(self, passphrase: str) -> bool:
        made = await self.attempt(Vault.create, self.setup.vault_path, passphrase, self.setup.clock, self.keystore)
        if made is None:
            return False
        App._vault = made.value
        await asyncio.to_thread(self.vault.put_plain, "language", i18n.language())
        async with self.locking:
            await self._enter()
        return True

    async def unlock(self, pin: str | None) -> str:
        """Opens the vault by this PIN, without one by her finger or face. Returns a sentence where it stays locked."""
        try:
            async with self.locking:  # a lock under way ends first
                if self.is_open:  # by her finger, while she typed
                    return ""
                if pin is None:
                    await asyncio.to_thread(self.vault.unlock_with_biometrics)
                else:
                    await asyncio.to_thread(self.vault.unlock, pin)
                await self._enter()
        except StorageError as error:
            await self.look_at_ways()
            return messages.sentence(error)
        return ""

    async def recover(self, answer: bytes, new_pin: str) -> None:
        """Opens the vault by the helpdesk's answer. Raises CannotOpen where it is for another question. What fails once
        it is open is a line on the screen: she is in, and the vault is never open behind a screen that denies it."""
        async with self.locking:
            try:
                await asyncio.to_thread(self.vault.recover, answer, new_pin)
            except Exception as error:
                if self.vault.locked:
                    raise
                self.say(messages.sentence(error))
            await self._enter()

    async def _enter(self) -> None:
        await asyncio.to_thread(self._sit_down)
        await self.look_at_ways()
        self.state.rang_locked = self.state.just_restored = False
        self.state.recovery = Recovery()
        if await self.lost.may_open():
            await self.show_all()
        else:
            self.state.stage = Stage.SYNC_ONLY
        self._watch.start()
        self.sync.start()

    async def show_all(self) -> None:
        """Her notes, where she was."""
        await self._go_where_she_was()
        self.state.stage = Stage.OPEN
        self.alarms.arm()

    def _sit_down(self) -> None:
        """Makes what asks the vault. Blocks: the window's loop must not wait for it (see Overview)."""
        self._stop_observing()
        self.desk = Desk(self.vault, self.setup.clock)
        self.overview = overview = Overview(self.desk)

        def changed() -> None:
            overview.refresh()
            self._loop.call_soon_threadsafe(self._changed)

        self._stop_observing = self.vault.observe(changed)

    def _ways(self) -> Ways:
        return Ways(self.vault.slots(), self.vault.demands_passphrase)

    async def look_at_ways(self) -> None:
        """After what may have changed them. Where they cannot be read the screen stays as it is."""
        with suppress(StorageError):
            self.state.ways = await asyncio.to_thread(self._ways)

    async def _go_where_she_was(self) -> None:
        """To the editor that was open at the lock or the kill, if its draft is there."""
        with suppress(StorageError):
            if self.place.draft_id not in self.unsaved:
                kept = await asyncio.to_thread(self.vault.get_sealed, PLACE, Place)
                self.place = kept or Place()
            if self.place.draft_id in self.unsaved or isinstance(self.vault.reading.get(self.place.draft_id), Draft):
                self.page.navigate(self.place.route)

    async def keep_place(self, place: Place) -> None:
        """Remembers where she is writing. Failing that is no news: the save of the text has said it already."""
        if place != self.place and self.can_save:
            self.place = place
            with suppress(StorageError):
                await asyncio.to_thread(self.vault.put_sealed, PLACE, place)

    @property
    def is_open(self) -> bool:
        """Whether the vault is unlocked behind the screen."""
        return self.state.stage in (Stage.OPEN, Stage.SYNC_ONLY)

    @property
    def can_save(self) -> bool:
        """Also for the last moment before the keys are dropped."""
        return hasattr(self, "desk")

    async def enrolled(self) -> None:
        """The hub knows this phone from now on."""
        await asyncio.to_thread(self._sit_down)
        await self.attempt(self.desk.claim_unsent)
        await self.sync.now()

    def _changed(self) -> None:
        """After every change of the vault, on the loop."""
        if self.is_open:
            if self.state.stage == Stage.OPEN:
                self.alarms.arm()
            self.page.run_task(self.sync.after_change)
            self.state.revision += 1

    async def lock(self) -> None:
        """Saves what is open, then drops keys and read model. Asked for several times at once it happens once."""
        async with self.locking:
            await self.lock_now()

    async def lock_now(self) -> None:
        """For who holds `locking` already."""
        if self.is_open:
            await self._lock()

    async def _time_is_up(self) -> None:
        await self.save_editors()
        await self.sync.finish(SYNC_ENDS_WITHIN_S)
        if self._watch.is_over:  # not where it was locked and opened meanwhile
            await self.lock()

    async def _lock(self) -> None:
        self._watch.stop()
        had_reminders = self.state.stage == Stage.OPEN
        await self.save_editors()
        self.sync.stop()
        self._stop_observing()
        self._stop_observing = lambda: None
        self._drawn.clear()
        self.state.stage = Stage.LOCKED
        with suppress(TimeoutError):  # a closed window draws nothing any more
            await asyncio.wait_for(self._drawn.wait(), DRAWN_WITHIN_S)
        if had_reminders:
            self.alarms.arm()  # also what a sync brought at the last moment
        await self.alarms.settle()
        self.state.ringing = ()
        for held in (self.fresh_drafts, self.fresh_appointments, self.kept):
            held.clear()
        self.page.navigate("/")
        del self.desk, self.overview
        await asyncio.to_thread(self.vault.lock)
        self.alarms.lock()
        await self.look_at_ways()
        self.lost.wake()

    def go(self, route: str) -> None:
        if self.state.covered:  # a save ended behind the cover: its form is left
            self.kept.clear()
        super().go(route)

    def drew(self) -> None:
        """The screen of the present stage is drawn: nothing of the one before asks the vault any more."""
        self._drawn.set()

    async def save_editors(self) -> None:
        for save in list(self.savers):
            await save()

    async def _lifecycle(self, event: ft.AppLifecycleStateChangeEvent) -> None:
        hidden = event.state in (ft.AppLifecycleState.HIDE, ft.AppLifecycleState.PAUSE)
        shown = event.state in (ft.AppLifecycleState.RESUME, ft.AppLifecycleState.SHOW)
        if hidden and not self.state.covered:
            self.state.covered = True
            if self.is_open:
                self._watch.hide()
                await self.save_editors()
        elif shown and self.state.covered:
            if self._watch.is_over:  # also where the phone slept through it
                await self.lock()
            self.state.covered = False
            if self.is_open:
                self._watch.start()
            self.alarms.again()
            self.sync.wake()
            self.lost.wake()

    async def _disconnected(self, _event: ft.ControlEvent | None = None) -> None:
        """A closed tab leaves nothing decrypted behind."""
        await self.lock()
        self.alarms.stop()
        self.lost.stop()
        if self in App._waiting:
            App._waiting.remove(self)
        if App._holder is self:
            App._holder = None
            if App._waiting:
                heir = App._waiting[-1]
                heir._as_itself(heir._inherit)

    def _as_itself(self, work: Callable[[], Coroutine[Any, Any, None]]) -> Future[None]:
        """Work of this window, begun from another one's event. Flet draws for the page of the context, and `run_task`
        leaves its page behind in the caller's: so it gets a context of its own."""
        return contextvars.copy_context().run(self.page.run_task, work)

    async def _inherit(self) -> None:
        if App._holder is None:
            await self.take_over()

    async def call(self, phone: str, *, text: bool = False) -> None:
        self._watch.called()
        await (self.dialler.text(phone) if text else self.dialler.call(phone))

    def use_language(self, language: str) -> None:
        i18n.use(language)
        chosen = LOCALES[i18n.language()]
        self.page.locale_configuration = ft.LocaleConfiguration(list(LOCALES.values()), current_locale=chosen)
        self.alarms.again()
        self.state.revision += 1

    def _resized(self) -> None:
        self.state.width = self.page.width or 390


def main_for(setup: Setup) -> Callable[[ft.Page], Awaitable[None]]:
    """Flet's entry point for this setup."""

    async def main(page: ft.Page) -> None:
        from mobile_app.views.root import Root

        app = App(page, setup)
        app.start()
        page.render_views(Root, app.state)

    return main
