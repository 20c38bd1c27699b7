"""What can go wrong between phone and hub. In every case what she wrote stays on the phone."""

from __future__ import annotations

from sync.protocol import PROBLEM_PREFIX, Problem, ProblemCode


class SyncError(Exception):
    """Root of everything sync raises on purpose."""


class NotEnrolled(SyncError):
    """This phone is not known to any hub yet."""


class HubUnreachable(SyncError):
    """No connection, or no answer in time. `never_left`: nothing of the request can have reached the hub."""

    def __init__(self, message: str = "", *, never_left: bool = False) -> None:
        super().__init__(message)
        self.never_left = never_left


class HubNonsense(SyncError):
    """Something answered, but not as a hub does (a captive portal, a proxy, a broken hub)."""


class TooMuchVanishes(SyncError):
    """More would leave this phone than a day's work explains. Nothing left; everything else of the sync stands."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} records would leave the phone")
        self.count = count


class HubFailed(SyncError):
    """The hub answered that it has a fault of its own (5xx)."""


class HubRefused(SyncError):
    """The hub understood the request and refused it whole; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.status} {problem.type}: {problem.title}")
        self.problem = problem


def is_revoked(error: BaseException | None) -> bool:
    """Whether the hub turned a request down because this phone is shut out."""
    return isinstance(error, HubRefused) and error.problem.type == PROBLEM_PREFIX + ProblemCode.DEVICE_REVOKED
