"""Every way the hub turns a whole request down, as RFC 9457 problem documents."""

from __future__ import annotations

from datetime import datetime

from sync.protocol import PROBLEM_PREFIX, Problem, ProblemCode

#: Code -> (HTTP status, title).
PROBLEMS: dict[ProblemCode, tuple[int, str]] = {
    ProblemCode.INVALID: (400, "The request is not a valid message"),
    ProblemCode.SIGNATURE: (401, "The signature does not fit the request"),
    ProblemCode.CLOCK: (401, "The request was signed too far from the hub's time"),
    ProblemCode.REPLAYED: (401, "This very request was received before"),
    ProblemCode.DEVICE_UNKNOWN: (401, "The hub does not know this device"),
    ProblemCode.DEVICE_REVOKED: (401, "This device was revoked"),
    ProblemCode.ENROL_CODE: (403, "The code is wrong, used or too old"),
    ProblemCode.NOT_FOUND: (404, "There is nothing here"),
    ProblemCode.FORK: (409, "Another change was received under this number"),
    ProblemCode.TOO_LARGE: (413, "The request is too large"),
    ProblemCode.TOO_MANY: (429, "Too many requests"),
    ProblemCode.PROTOCOL: (426, "The hub does not speak this version of the protocol"),
    ProblemCode.INTERNAL: (500, "The hub has a fault"),
}


class ProblemError(Exception):
    """The request is refused whole and nothing of it was stored."""

    def __init__(self, code: ProblemCode, detail: str = "", hub_time: datetime | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        status, title = PROBLEMS[code]
        self.problem = Problem(type=PROBLEM_PREFIX + code, title=title, status=status, detail=detail, hub_time=hub_time)
