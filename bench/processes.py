"""The processes of a run: each side of a comparison lives in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_STOP_S = 20


def environment(**added: str) -> dict[str, str]:
    """With bytecode, as an installed app has it."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | added


class Process:
    """A process that says a first line when it is ready, and then answers each line of JSON by one. It ends when its
    input does, or is ended by its own id."""

    def __init__(self, *command: str | Path, errors: Path, **added: str) -> None:
        self._errors = errors
        with errors.open("ab") as file:
            self._process = subprocess.Popen(
                [str(part) for part in command], cwd=ROOT, env=environment(**added), text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file,
            )  # fmt: skip
        try:
            self.ready = self._line()
        except BaseException:
            self.end()
            raise

    @property
    def url(self) -> str:
        """A server's: the last word of its first line."""
        return self.ready.split()[-1]

    def ask(self, op: str, **arguments: Any) -> Any:
        self.tell(op, **arguments)
        return self.answer()

    def tell(self, op: str, **arguments: Any) -> None:
        """`ask` without the answer, so that several can be at work at once."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"op": op, **arguments}) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        return json.loads(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        if not (line := self._process.stdout.readline()):
            raise RuntimeError(f"{self._process.args} ended: {self._errors.read_text(errors='replace')[-2000:]}")
        return line.strip()

    def end(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.terminate()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> Process:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()


def answer_lines(ready: str, ops: dict[str, Any], lines: Sequence[str] | Any) -> None:
    """The other end of `Process`: says `ready`, then answers until the input ends."""
    print(ready, flush=True)
    for line in lines:
        asked = json.loads(line)
        print(json.dumps(ops[asked.pop("op")](**asked)), flush=True)
