"""Listing phones and shutting them out from a terminal: what is said, what the exit code is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import msgspec
import pytest
from litestar.testing import TestClient

from sync.command import DEVICE_PATH
from sync.hub import access, cli
from sync.hub.app import app_of
from sync.hub.settings import Settings, open_hub
from tests.hubs import TOWN, Phone, through_client
from tests.integration import test_hub_cli
from tests.integration.test_hub_cli import run

data_folder = test_hub_cli.data_folder
Said = pytest.CaptureFixture[str]


@pytest.fixture
def phones(data_folder: object) -> Iterator[list[Phone]]:
    """Two of Karen's, the first with a name that would move the cursor."""
    hub = open_hub(Settings.of(os.environ))
    with TestClient(app_of(hub), base_url="http://hub.local") as client:
        made = []
        for name in ("Pixel\x1b[2J", "Tablet"):
            made.append(Phone(through_client(client)))
            made[-1].enrol(access.new_enrol_code(hub, TOWN, "Karen Holm").text, device_name=name)
        yield made
    hub.close()


def line_of(phone: Phone, capsys: Said) -> str:
    assert run("devices") == cli.OK
    (found,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith(phone.device_id))
    return found


def test_phones_are_listed_with_their_state(phones: list[Phone], capsys: Said) -> None:
    pixel, tablet = phones
    tablet.sync()
    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d"
    assert re.fullmatch(rf"{pixel.device_id}  Karen Holm  Pixel\?\[2J  {moment}  never +in use", line_of(pixel, capsys))
    assert re.fullmatch(rf"\S+  Karen Holm  Tablet +{moment}  {moment}  in use", line_of(tablet, capsys))
    run("revoke", "--device", pixel.device_id)
    assert re.search(rf"shut out {moment}$", line_of(pixel, capsys))
    run("revoke", "--device", pixel.device_id, "--stolen")
    assert re.search(rf"stolen {moment}, not told yet$", line_of(pixel, capsys))
    pixel.post(DEVICE_PATH, msgspec.json.encode({"device_id": pixel.device_id}), {})
    assert re.search(rf"stolen {moment}, told {moment}$", line_of(pixel, capsys))


def test_of_a_stolen_phone_it_says_that_what_waited_is_lost(phones: list[Phone], capsys: Said) -> None:
    assert run("revoke", "--device", phones[0].device_id, "--stolen") == cli.OK
    said = capsys.readouterr().out
    assert said.startswith("1 device is shut out (stolen).\n")
    assert "not sent yet is LOST with it" in said


def test_of_phones_handed_in_it_says_that_they_are_to_be_unlocked_once_more(phones: list[Phone], capsys: Said) -> None:
    assert run("revoke", "--consultant", "Karen Holm", "--handed-in") == cli.OK
    said = capsys.readouterr().out
    assert said.startswith("2 devices of Karen Holm are shut out (handed in).\n")
    assert "Once it is unlocked with a connection, what waits there is sent" in said


def test_without_a_word_they_are_shut_out_and_more_can_be_said(phones: list[Phone], capsys: Said) -> None:
    assert run("revoke", "--consultant", "Karen Holm") == cli.OK
    assert "--handed-in or --stolen can still be said" in capsys.readouterr().out
    assert run("revoke", "--consultant", "Karen Holm", "--stolen") == cli.OK


@pytest.mark.parametrize("which", [("--device", "nobody"), ("--consultant", "Ingen")])
def test_where_there_is_none_it_is_said_so(phones: list[Phone], capsys: Said, which: tuple[str, str]) -> None:
    assert run("revoke", *which, "--stolen") == cli.REFUSED
    assert "No phone was changed" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options", [(), ("--device", "a", "--consultant", "b"), ("--device", "a", "--stolen", "--handed-in")]
)
def test_what_cannot_be_meant_is_refused(options: tuple[str, ...], capsys: Said) -> None:
    with pytest.raises(SystemExit) as ended:
        run("revoke", *options)
    assert ended.value.code == 2


def test_a_hub_that_is_not_there_is_not_made_by_the_way(data_folder: object, capsys: Said) -> None:
    assert run("devices") == cli.CANNOT_START
    assert run("revoke", "--device", "a", "--stolen") == cli.CANNOT_START
    assert "There is no hub at" in capsys.readouterr().err


def test_a_hub_without_phones_says_so(data_folder: object, capsys: Said) -> None:
    run("export")
    capsys.readouterr()
    assert run("devices") == cli.OK
    assert capsys.readouterr().out == "No phone is enrolled.\n"
