"""Every error is a sentence of its own, in both languages (P7). A new error without one fails here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mobile_app
from mobile_app import i18n, messages
from mobile_app.domain.aftercare import WindowInvalid
from mobile_app.errors import InvalidInput
from storage.errors import CannotRotate, StorageError, TooSoon, WeakPin, WrongPin
from storage.strength import Weakness
from sync.errors import HubRefused, SyncError, TooMuchVanishes
from sync.protocol import PROBLEM_PREFIX, Problem, ProblemCode, Reason
from sync.transport import HubAddressInvalid

#: Faults between the two programs, which she can do nothing about: one sentence, with the code for her IT support.
FOR_IT_SUPPORT = {
    ProblemCode.INVALID,
    ProblemCode.SIGNATURE,
    ProblemCode.REPLAYED,
    ProblemCode.FORK,
    ProblemCode.TOO_LARGE,
    ProblemCode.NOT_FOUND,
    ProblemCode.INTERNAL,
}
#: What these take beyond nothing.
ARGUMENTS: dict[type[BaseException], tuple[Any, ...]] = {
    WrongPin: (2.0,),
    TooSoon: (2.0,),
    WeakPin: (Weakness.COMMON,),
    CannotRotate: (3,),
    TooMuchVanishes: (26,),
}


def below(root: type[BaseException]) -> Iterator[type[BaseException]]:
    for kind in root.__subclasses__():
        yield kind
        yield from below(kind)


def invalid_input_codes() -> set[str]:
    """Of every `InvalidInput("...")` in the app."""
    found = set()
    for file in Path(mobile_app.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "InvalidInput":
                assert isinstance(node.args[0], ast.Constant), f"{file.name}: a code is a plain text"
                found.add(node.args[0].value)
    return found


def problem(code: str) -> HubRefused:
    return HubRefused(Problem(type=PROBLEM_PREFIX + code, title="Nope", status=400))


def in_both(error: BaseException) -> tuple[str, str]:
    return tuple(said(error, language) for language in ("da", "en"))  # type: ignore[return-value]


def said(error: BaseException, language: str) -> str:
    i18n.use(language)
    return messages.sentence(error)


def is_sentence(text: str) -> bool:
    return text[0].isupper() and text[-1] in ".!/" and "{" not in text


ERRORS = [kind for kind in (*below(StorageError), *below(SyncError)) if kind is not HubRefused]


@pytest.mark.parametrize("kind", [*ERRORS, HubAddressInvalid, ConnectionError])
def test_every_error_has_its_own_sentence(kind: type[BaseException]) -> None:
    danish, english = in_both(kind(*ARGUMENTS.get(kind, ())))
    assert is_sentence(danish), danish
    assert is_sentence(english), english
    assert danish != english
    assert kind.__name__ not in danish + english


@pytest.mark.parametrize("reason", list(Weakness))
def test_every_weakness_has_its_own_sentence_that_says_what_to_choose(reason: Weakness) -> None:
    danish, english = in_both(WeakPin(reason))
    assert is_sentence(danish)
    assert is_sentence(english)
    assert danish != english
    assert re.search(r"\b(ord|cifre)\b", danish)
    assert len({said(WeakPin(each), "da") for each in Weakness}) == len(Weakness)


def test_a_weakness_of_a_newer_version_is_told_too() -> None:
    assert said(WeakPin("of tomorrow"), "da") == said(WeakPin(Weakness.GUESSABLE), "da")


@pytest.mark.parametrize("code", sorted(invalid_input_codes()))
def test_every_wrong_input_has_its_own_sentence(code: str) -> None:
    danish, english = in_both(InvalidInput(code))
    assert is_sentence(danish), danish
    assert danish != english


def test_no_sentence_waits_for_an_input_error_that_cannot_come() -> None:
    assert set(messages._INPUT) == invalid_input_codes()


@pytest.mark.parametrize("code", WindowInvalid.CODES)
def test_every_window_that_cannot_be_agreed_has_its_own_sentence(code: str) -> None:
    danish, english = in_both(WindowInvalid(code))
    assert is_sentence(danish), danish
    assert danish != english
    assert messages._WINDOW.keys() == set(WindowInvalid.CODES)


@pytest.mark.parametrize("code", list(ProblemCode))
def test_every_refusal_of_a_request_has_a_sentence_that_says_the_notes_are_kept(code: ProblemCode) -> None:
    danish, english = in_both(problem(code))
    assert is_sentence(danish), danish
    assert danish != english
    assert (f"({code})" in danish) == (code in FOR_IT_SUPPORT)
    assert code == ProblemCode.ENROL_CODE or "notaterne" in danish.lower()


def test_a_problem_of_a_newer_hub_is_told_with_its_code() -> None:
    danish, english = in_both(problem("payment_required"))
    assert "(payment_required)" in danish
    assert danish != english


@pytest.mark.parametrize("reason", list(Reason))
def test_every_refusal_of_a_record_has_its_own_sentence(reason: Reason) -> None:
    assert reason in messages._REFUSALS
    i18n.use("en")
    english = messages.refusal(reason)
    i18n.use("da")
    assert is_sentence(messages.refusal(reason))
    assert messages.refusal(reason) != english


def test_the_reasons_are_told_apart() -> None:
    assert len({messages.refusal(reason) for reason in Reason}) == len(Reason)


def test_a_reason_of_a_newer_hub_is_told_too() -> None:
    assert messages.refusal("of tomorrow") == messages.refusal(Reason.INVALID)


@pytest.mark.parametrize(("wait_s", "shown"), [(0.0, 1), (0.4, 1), (1.6, 2), (3600.0, 3600)])
def test_the_wait_is_told_in_whole_seconds(wait_s: float, shown: int) -> None:
    assert re.findall(r"\d+", said(WrongPin(wait_s), "da")) == [str(shown)]


def test_what_nobody_foresaw_is_named_and_says_that_the_text_is_kept() -> None:
    danish, english = in_both(ZeroDivisionError("secret of Freja"))
    assert "ZeroDivisionError" in danish
    assert "Freja" not in danish + english
    assert danish != english


def test_no_sentence_shows_what_the_error_quotes() -> None:
    """An error's own text may hold a path or what somebody wrote."""
    for kind in (*ERRORS, HubAddressInvalid):
        error = kind(*ARGUMENTS.get(kind, ()))
        error.args = ("secret of Freja",)
        assert "Freja" not in "".join(in_both(error))
