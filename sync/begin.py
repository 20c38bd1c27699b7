"""How a request is on its way while the phone does something else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol, TypeVar

T = TypeVar("T")


class Begin(Protocol):
    def __call__(self, work: Callable[[], T]) -> Callable[[], T]:
        """Begins the work; what is returned waits for its end, and returns or raises what the work did."""


def in_a_thread(work: Callable[[], T]) -> Callable[[], T]:
    ended: Future[T] = Future()

    def run() -> None:
        try:
            ended.set_result(work())
        except BaseException as error:
            ended.set_exception(error)

    threading.Thread(target=run, name="request", daemon=True).start()
    return ended.result


def at_once(work: Callable[[], T]) -> Callable[[], T]:
    """The work is done when this returns."""
    ended: Future[T] = Future()
    try:
        ended.set_result(work())
    except Exception as error:
        ended.set_exception(error)
    return ended.result
