"""When the notes are not to be seen any more: the phone was handed in or stolen, or has not met its hub for too long.

What comes next is said by sync.command and sync.lease; here it is asked for and done. Locked, the hub is asked at
start, on coming back, and at the pace of the sync; unlocked, once it turns a sync down.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mobile_app import messages
from mobile_app.places import Place
from mobile_app.state import Stage
from mobile_app.syncing import backoff_s
from storage import wiping
from storage.errors import StorageError
from storage.store import Vault
from sync import command, lease, lost
from sync.command import Outbox, Step, Verb
from sync.errors import is_revoked

if TYPE_CHECKING:
    from mobile_app.app import App

_LOCKED = (Stage.LOCKED, Stage.RECOVERY)


class Lost:
    def __init__(self, app: App) -> None:
        self._app = app
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failures = 0

    # ------------------------------------------------------------ asking while locked
    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def wake(self) -> None:
        """Locked just now, or back at the front."""
        self._wake.set()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            if self._app.state.stage in _LOCKED:
                await self.ask()
            pause_s = backoff_s(self._failures) if self._failures else self._app.setup.sync_every_s
            with suppress(TimeoutError):
                # Jitter, so that an office does not knock at once.
                await asyncio.wait_for(self._wake.wait(), pause_s * random.uniform(0.5, 1.0))  # noqa: S311

    async def ask(self) -> None:
        """Asks the hub, and does what it says. Where it says nothing what it said before counts."""
        vault = self._app.held_vault
        if vault is None:
            return
        try:
            await asyncio.to_thread(lost.look, vault)
            self._failures = 0
        except Exception:  # no connection, no hub, a closed vault: the lock screen has nothing to say about it
            self._failures += 1
        await self.decide()

    # ------------------------------------------------------------ what comes next
    async def may_open(self) -> bool:
        """The vault is open: whether the notes may be seen."""
        await self._look_at_lease()
        self._app.state.handed_in = await asyncio.to_thread(lost.is_handed_in, self._app.vault)
        return not self._is_shut

    async def after_sync(self, error: Exception | None) -> None:
        """The hub has answered, or has not."""
        if not self._app.is_open:
            return
        if is_revoked(error):
            await self.ask()
        else:
            await self._look_at_lease()
            await self.decide()

    async def agree(self) -> None:
        """Her word that what was not taken, and stands before her, goes with the rest."""
        await self.decide(agreed=True)

    async def decide(self, *, agreed: bool = False) -> None:
        """Does what comes next, as far as it can be told."""
        app, state, vault = self._app, self._app.state, self._app.held_vault
        if vault is None:
            return
        try:
            said = await asyncio.to_thread(lost.kept, vault)
            verb = said.verb if said else None
            newly, state.handed_in = verb == Verb.HANDED_IN and not state.handed_in, verb == Verb.HANDED_IN
            if state.handed_in and state.stage == Stage.OPEN:
                await self._show_sync_alone()  # what stands in an editor waits, too
            outbox = await asyncio.to_thread(self._outbox, vault)
        except StorageError:  # locked or closed meanwhile, or damaged: that is said elsewhere
            return
        step = command.next_step(verb, outbox, is_open=app.is_open, agreed=agreed)
        state.asks_to_empty = step == Step.ASK
        if step == Step.WIPE and verb is not None:
            # A task of its own: locking ends the sync, and this may be at its end.
            app.page.run_task(self._empty, verb, agreed)
        elif not self._is_shut:
            async with app.locking:  # she may be unlocking it just now, and then it is asked anew
                if state.stage == Stage.SYNC_ONLY and not self._is_shut:
                    await app.show_all()
        if newly and step == Step.SEND:
            app.sync.wake()

    async def _show_sync_alone(self) -> None:
        """The vault stays open behind it. What is in an editor is saved first."""
        app = self._app
        async with app.locking:
            if app.state.stage == Stage.OPEN:
                await app.save_editors()
                app.state.stage = Stage.SYNC_ONLY
                app.state.ringing = ()
                app.alarms.arm_locked(await asyncio.to_thread(app.vault.fire_times))

    @property
    def _is_shut(self) -> bool:
        """Over while she works, the lease lets her finish: it is the PIN that opens less."""
        state = self._app.state
        return state.handed_in or (state.lease is not None and state.lease.is_over)

    async def _look_at_lease(self) -> None:
        with suppress(StorageError):
            self._app.state.lease = await asyncio.to_thread(lease.look, self._app.vault, self._app.setup.clock())

    def _outbox(self, vault: Vault) -> Outbox:
        """What of this phone the hub does not have: also the words that no save took, which are tried once more where
        no editor does it."""
        app = self._app
        for draft in list(app.unsaved.values()) if app.state.stage == Stage.SYNC_ONLY else ():
            with suppress(StorageError):
                app.desk.keep_draft(draft)
                app.unsaved.pop(draft.id, None)
        outbox = lost.outbox(vault)
        return replace(outbox, not_taken=outbox.not_taken + len(app.unsaved))

    # ------------------------------------------------------------ emptying
    def emptied(self) -> Verb | None:
        """Why there are no notes here any more; none where there never were any."""
        note = wiping.note_of(self._app.setup.vault_path)
        return Verb(note.why) if note is not None and note.why in list(Verb) else None

    async def _empty(self, verb: Verb, agreed: bool) -> None:
        """Locks, and then nothing of the vault stays. Of a phone that was handed in nothing goes that was written in
        the last moment: it stays locked, and what waits is sent once it is unlocked."""
        app = self._app
        vault = app.held_vault
        async with app.locking:
            if vault is None or app.held_vault is not vault:  # done already
                return
            with suppress(StorageError):  # also of a file that fails just now nothing stays
                await app.lock_now()
            if verb == Verb.HANDED_IN and not agreed:
                outbox = await asyncio.to_thread(self._outbox, vault)
                if not outbox.is_empty:
                    return
            await self._wipe(vault, verb)

    async def go_on(self) -> None:
        """A wipe that a kill cut off is brought to its end."""
        async with self._app.locking:
            await self._wipe(self._app.held_vault, None)

    async def _wipe(self, vault: Vault | None, verb: Verb | None) -> None:
        app, path = self._app, self._app.setup.vault_path
        app.state.stage = Stage.EMPTYING
        app.let_go()
        app.unsaved.clear()
        app.place = Place()
        app.state.handed_in = app.state.asks_to_empty = False
        app.state.lease = None
        try:
            if vault is not None:
                await asyncio.to_thread(vault.wipe, verb or vault.wiped_for)
            else:
                note = wiping.note_of(path)
                await asyncio.to_thread(wiping.end, path, note.why if note else "", app.keystore)
        except StorageError as error:
            app.state.problem = messages.sentence(error)
            app.state.stage = Stage.DAMAGED
            return
        app.open_file()
