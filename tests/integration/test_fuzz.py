"""Requests made up from docs/openapi.json, right and wrong ones, signed by a device and not: the hub has no fault, and
every answer is one that the document promises.

MEDGANG_FUZZ makes so many times as many; the same ones each time, unless it is set.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from litestar.testing import TestClient
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from storage.records import HUB_KINDS, KINDS, Cover, to_fields
from sync import signing
from sync.checks import Course
from sync.command import DEVICE_PATH, Verb
from sync.hub import access, lost
from sync.hub.settings import Hub
from sync.protocol import ENROL_PATH, PROBLEM_MEDIA_TYPE, RECOVERY_PATH, SYNC_PATH, SyncReply, SyncRequest
from tests.hubs import TOWN, Phone, imported
from tests.openapi import DOCUMENT
from tests.vaults import sample

TIMES = int(os.environ.get("MEDGANG_FUZZ", "0"))
EXAMPLES = 15 * max(1, TIMES)
SCHEMA = schemathesis.openapi.from_dict(json.loads(DOCUMENT.read_text(encoding="utf-8")))
OPERATIONS = {found.ok().path: found.ok() for found in SCHEMA.get_all_operations()}
MODES = {mode.value: mode for mode in schemathesis.GenerationMode}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def fuzzed(test: Callable[..., None], **strategies: Any) -> None:
    """Runs the test with so many examples; derandomised, unless more were asked for: then a failure prints its seed."""
    how = settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate] if not TIMES else [Phase.generate, Phase.shrink],
        derandomize=not TIMES,
        print_blob=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    how(given(**strategies)(test))()


def written(case: schemathesis.Case) -> tuple[str, bytes, dict[str, str]]:
    """The case as it goes over the line: path with query, body, headers."""
    kwargs = case.as_transport_kwargs(base_url="http://hub")
    body = kwargs.get("data") or b""
    if "json" in kwargs:
        body = json.dumps(kwargs["json"]).encode()
    if isinstance(body, str):
        body = body.encode("utf-8", "surrogatepass")
    query = urlencode(kwargs.get("params") or {}, doseq=True)
    headers = {name: value for name, value in (kwargs.get("headers") or {}).items() if isinstance(value, str)}
    return case.path + (f"?{query}" if query else ""), body, headers


def judged(case: schemathesis.Case, answer: Any) -> int:
    """The status of the answer, which is as the document has it."""
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == PROBLEM_MEDIA_TYPE, answer.text
    case.validate_response(answer, checks=CHECKS)
    return int(answer.status_code)


_OF_A_SIGNATURE = {"signature", "signature-input", "content-digest", "content-encoding"}


def signed(phone: Phone, path: str, body: bytes, headers: dict[str, str], *, packed: bool = False) -> Any:
    """The answer to this body, signed as it is sent: so it is read, and not turned down before."""
    kept = {name: value for name, value in headers.items() if name.lower() not in _OF_A_SIGNATURE}
    if packed:
        body, kept = gzip.compress(body), kept | {"content-encoding": "gzip"}
    return phone.send(path, body, headers=kept)


@pytest.fixture
def phone(hub: Hub, new_phone: Callable[[], Phone]) -> Phone:
    """With a record of every kind that a phone makes at the hub, each in version 1; a handover would move the case."""
    imported(hub)
    phone = new_phone()
    jens = access.add_consultant(hub, TOWN, "Jens Dahl")
    made = [sample(kind) for kind in KINDS.keys() - HUB_KINDS - {"citizen", "handover"}]
    of_a_cover = {"citizen_id": "", "colleague_id": jens.id}
    fields = [
        to_fields(record)
        | (of_a_cover if isinstance(record, Cover) else {"citizen_id": "citizen-1"})
        | {"author": phone.consultant_id}
        for record in made
    ]
    reply = phone.sync(*(phone.mutation(each["id"], changes=each) for each in fields))
    assert {outcome.status for outcome in reply.outcomes} == {"applied"}
    return phone


#: A request without parameters cannot be wrong.
ASKED = [(path, mode) for path, found in OPERATIONS.items() for mode in MODES if found.body or mode == "positive"]


@pytest.mark.parametrize(("path", "mode"), ASKED)
def test_no_unsigned_request_is_a_fault(client: TestClient[Any], phone: Phone, path: str, mode: str) -> None:
    operation = OPERATIONS[path]

    def answered(case: schemathesis.Case) -> None:
        url, body, headers = written(case)
        judged(case, client.request(case.method, url, content=body, headers=headers))

    fuzzed(answered, case=operation.as_strategy(generation_mode=MODES[mode]))


@pytest.mark.parametrize("mode", MODES)
def test_no_signed_exchange_is_a_fault(phone: Phone, mode: str) -> None:
    seen = set()

    def answered(case: schemathesis.Case, packed: bool) -> None:
        seen.add(judged(case, signed(phone, *written(case), packed=packed)))

    fuzzed(answered, case=OPERATIONS[SYNC_PATH].as_strategy(generation_mode=MODES[mode]), packed=st.booleans())
    assert {"positive": 200, "negative": 400}[mode] in seen


@pytest.mark.parametrize("mode", MODES)
def test_no_signed_enrolment_is_a_fault(hub: Hub, phone: Phone, mode: str) -> None:
    """By a key and a code that are right, with everything else as it comes."""
    seen = set()

    def answered(case: schemathesis.Case) -> None:
        new = Phone(phone.post)
        if isinstance(case.body, dict):
            code = access.new_enrol_code(hub, TOWN, "Karen Holm").text
            case.body |= {"public_key": signing.key_text(new.key.public_key()), "code": code}
        seen.add(judged(case, signed(new, *written(case))))

    fuzzed(answered, case=OPERATIONS[ENROL_PATH].as_strategy(generation_mode=MODES[mode]))
    assert {"positive": 200, "negative": 400}[mode] in seen


def test_no_question_of_a_known_device_is_a_fault(client: TestClient[Any], phone: Phone) -> None:
    seen = set()

    def answered(case: schemathesis.Case, key: bytes, wrapped: bytes) -> None:
        texts = {name: base64.b64encode(value).decode() for name, value in (("public_key", key), ("wrapped", wrapped))}
        case.body |= texts | {"device_id": phone.device_id}
        seen.add(judged(case, client.post(RECOVERY_PATH, content=written(case)[1])))

    cases = OPERATIONS[RECOVERY_PATH].as_strategy(generation_mode=MODES["positive"])
    few = st.sampled_from([bytes(32), b"k" * 32])
    fuzzed(answered, case=cases, key=few, wrapped=few)
    assert 200 in seen


@pytest.mark.parametrize("verb", [None, *Verb])
def test_no_question_about_a_known_device_is_a_fault(
    hub: Hub, client: TestClient[Any], phone: Phone, verb: Verb | None
) -> None:
    lost.revoke(hub, TOWN, device_id=phone.device_id, verb=verb)
    seen = set()

    def answered(case: schemathesis.Case) -> None:
        case.body |= {"device_id": phone.device_id, "protocol": 1}
        seen.add(judged(case, client.post(DEVICE_PATH, content=written(case)[1])))

    fuzzed(answered, case=OPERATIONS[DEVICE_PATH].as_strategy(generation_mode=MODES["positive"]))
    assert seen == {200}


# ---------------------------------------------------------------- as far as the rules
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
_NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
_TIMES = st.sampled_from(
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-11-23T08:00:00Z", "2026-11-23"]
)
_PLAIN = st.none() | st.booleans() | _NUMBERS | _TEXTS | _TIMES
_VALUES = st.recursive(_PLAIN, lambda inner: st.lists(inner) | st.dictionaries(_TEXTS, inner), max_leaves=8)
_RECORDS = {kind: to_fields(sample(kind)) | {"citizen_id": "" if kind == "cover" else "citizen-1"} for kind in KINDS}
_FIELD_NAMES = sorted({name for fields in _RECORDS.values() for name in fields})


def _deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@st.composite
def mutations(draw: st.DrawFn) -> dict[str, Any]:
    """Nearly right: of a record that is there or might be, with some fields bent."""
    kind = draw(st.sampled_from(list(KINDS)))
    record_id = draw(st.sampled_from([f"{kind}-1", f"{kind}-2", "citizen-1"]))
    bent = draw(st.dictionaries(st.sampled_from(_FIELD_NAMES) | _TEXTS, _VALUES, max_size=3))
    if draw(st.integers(0, 9)) == 0:
        bent["x"] = _deep(draw(st.integers(1, 600)))
    whole = {"kind": kind, **_RECORDS[kind], "id": record_id} if draw(st.booleans()) else {}
    if draw(st.booleans()):
        bent = {name: value for name, value in bent.items() if name not in whole}
    return {
        "n": draw(st.integers(1, 2**63 - 1)),
        "record_id": record_id,
        "base_version": draw(st.sampled_from([0, 0, 1, 1, 2]) | st.integers(0, 2**64)),
        "changes": whole | bent,
        "delete": draw(st.integers(0, 9)) == 0,
    }


def test_no_mutation_is_a_fault_of_the_rules_or_the_tables(phone: Phone) -> None:
    """What was taken is read back with each answer: nothing stored can stop the next exchange."""
    seen: set[str] = set()

    def answered(case: schemathesis.Case, asked: list[dict[str, Any]]) -> None:
        each = [mutation | {"changes": mutation["changes"] | {"author": phone.consultant_id}} for mutation in asked]
        case.body = {"incarnation": "fuzz", "mutations": each}
        answer = signed(phone, SYNC_PATH, json.dumps(case.body).encode(), {})
        judged(case, answer)
        if answer.status_code == 200:
            reply = msgspec.json.decode(answer.content, type=SyncReply)
            seen.update(outcome.status for outcome in reply.outcomes)
            Course().follow(msgspec.json.decode(json.dumps(case.body), type=SyncRequest), reply)

    cases = OPERATIONS[SYNC_PATH].as_strategy(generation_mode=MODES["positive"])
    fuzzed(answered, case=cases, asked=st.lists(mutations(), min_size=1, max_size=8))
    assert {"applied", "refused", "stale"} <= seen
