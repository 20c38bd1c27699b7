"""Where she was writing: kept sealed, so that she comes back to it after a lock or a kill."""

from __future__ import annotations

from msgspec import Struct

#: Its name among the sealed values.
PLACE = "open-editor"


class Place(Struct, frozen=True):
    """An open editor; without a draft, none. `citizen_id` is the one of its route, `caret` where she was in the text
    (in UTF-16 units, as Flutter counts) when that had `of_chars`: of a text that was saved since it says nothing."""

    draft_id: str = ""
    citizen_id: str = ""
    caret: int | None = None
    of_chars: int = 0

    @property
    def route(self) -> str:
        return note_route(self.draft_id, self.citizen_id)


def note_route(draft_id: str, citizen_id: str = "") -> str:
    return f"/citizens/{citizen_id}/note/{draft_id}" if citizen_id else f"/note/{draft_id}"
