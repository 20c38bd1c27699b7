"""What may guard a vault alone, and the reason where it may not."""

from __future__ import annotations

import pytest

from storage.strength import Weakness, weakness, weakness_of_pin


@pytest.mark.parametrize(
    "passphrase",
    [
        "regn på ruden",
        "gulerod cykel måne",
        "hest bil hus ko",
        "correct horse battery staple",
        "x7!Kq-92mPzR",
        "æblegrød øl åkande",
    ],
)
def test_a_few_words_are_enough(passphrase: str) -> None:
    assert weakness(passphrase) is None


@pytest.mark.parametrize(
    ("passphrase", "why"),
    [
        ("", Weakness.TOO_SHORT),
        ("x7!Kq-92mPz", Weakness.TOO_SHORT),
        ("kort         ", Weakness.TOO_SHORT),
        ("passwordiloveyou", Weakness.COMMON),
        ("qwertyuiop12", Weakness.COMMON),
        ("Freja20101998", Weakness.NAME_OR_DATE),
        ("karenmary1985", Weakness.NAME_OR_DATE),
        ("abcdefghijkl", Weakness.PATTERN),
        ("aaaaaaaaaaaaaa", Weakness.PATTERN),
        ("zxcvbnm,./zxcvbnm", Weakness.PATTERN),
        ("Københavnnnnn", Weakness.GUESSABLE),
    ],
)
def test_what_is_easy_to_guess_is_refused_with_its_reason(passphrase: str, why: Weakness) -> None:
    assert weakness(passphrase) == why


@pytest.mark.parametrize("passphrase", ["fodboldklubben", "sommerferie2024", "hjemmehjælperen", "kaffe kaffe kaffe"])
def test_one_danish_word_is_one_word_however_long(passphrase: str) -> None:
    """zxcvbn alone takes these for a dozen random letters."""
    assert weakness(passphrase) is not None


def test_what_is_known_of_her_is_tried_first() -> None:
    passphrase = "hjortshøj bøgelund"
    assert weakness(passphrase) is None
    assert weakness(passphrase, ["Bøgelund Kommune", "Tove Hjortshøj"]) == Weakness.NAME_OR_DATE


def test_the_same_letters_written_in_two_ways_are_judged_alike() -> None:
    assert weakness("a\u030al a\u030al a\u030al") == weakness("ål ål ål") == Weakness.TOO_SHORT


def test_a_very_long_one_is_judged_without_waiting() -> None:
    assert weakness("regn på ruden " * 4000) is None
    assert weakness("a" * 60_000) == Weakness.PATTERN


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("12345", Weakness.PIN_SHORT),
        ("111111", Weakness.PIN_ROW),
        ("123456", Weakness.PIN_ROW),
        ("987654", Weakness.PIN_ROW),
        ("314159", None),
        ("246810", None),
    ],
)
def test_a_pin_is_no_run_and_no_repeat(pin: str, why: Weakness | None) -> None:
    assert weakness_of_pin(pin) == why


@pytest.mark.parametrize("pin", ["240988", "24091988", "880924", "19880924"])
def test_a_date_is_no_pin(pin: str) -> None:
    assert weakness_of_pin(pin) == Weakness.PIN_DATE


@pytest.mark.parametrize("pin", ["135790", "246802", "319988", "999998"])
def test_what_is_no_date_may_be_a_pin(pin: str) -> None:
    assert weakness_of_pin(pin) is None
