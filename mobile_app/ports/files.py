"""The system's own dialogs to save and to choose a file; in a browser these are a download and an upload."""

from __future__ import annotations

import flet as ft


class Files:
    def __init__(self, page: ft.Page) -> None:
        self._page, self._picker = page, ft.FilePicker()
        page.services.append(self._picker)

    async def save(self, name: str, content: bytes) -> bool:
        """False where she thought better of it. A browser does not tell: then it is True."""
        path = await self._picker.save_file(file_name=name, src_bytes=content)
        return self._page.web or bool(path)

    async def choose(self) -> bytes | None:
        """What is in the file she chose; None where she chose none."""
        chosen = await self._picker.pick_files(with_data=True, cancel_upload_on_window_blur=False)
        return chosen[0].bytes if chosen else None
