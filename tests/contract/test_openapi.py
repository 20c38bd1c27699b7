"""docs/openapi.json is the hub's API: valid, up to date, served as it is, with every route, problem and bound."""

from __future__ import annotations

import json
from typing import Any

import pytest
from litestar.routes import HTTPRoute
from litestar.testing import TestClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from sync.hub import openapi
from sync.hub.app import app_of
from sync.hub.problems import PROBLEMS
from sync.hub.settings import Hub
from sync.protocol import MUTATIONS_MAX, NUMBER_MAX, PAGE_MAX, PROBLEM_PREFIX, ProblemCode
from tests.integration.phones import sqlite_alone
from tests.openapi import DOCUMENT

database_url = pytest.fixture(sqlite_alone)
SPEC: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
OPERATIONS = {(path, method): found for path, methods in SPEC["paths"].items() for method, found in methods.items()}


def test_the_document_is_up_to_date() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == openapi.as_text(), "run `make openapi`"


def test_it_is_valid_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(SPEC).validate()


@pytest.mark.parametrize("path", openapi.SCHEMA_PATHS)
def test_the_hub_serves_it(client: TestClient[Any], path: str) -> None:
    answer = client.get(path)
    assert answer.headers["content-type"].startswith(openapi.MEDIA_TYPE)
    assert answer.text == DOCUMENT.read_text(encoding="utf-8")


def test_every_route_of_the_hub_is_in_it_and_no_other(hub: Hub) -> None:
    routes = [route for route in app_of(hub).routes if isinstance(route, HTTPRoute)]
    served = {(route.path, method.lower()) for route in routes for method in route.methods if method != "OPTIONS"}
    assert served == OPERATIONS.keys()


def _problem_types(responses: dict[str, Any], status: int) -> list[str]:
    content = responses.get(str(status), {}).get("content", {}).get("application/problem+json")
    return content["schema"]["allOf"][1]["properties"]["type"]["enum"] if content else []


@pytest.mark.parametrize("code", [code for code in ProblemCode if code != ProblemCode.NOT_FOUND])
def test_every_problem_is_told_where_it_may_come_under_its_status(code: ProblemCode) -> None:
    status = PROBLEMS[code][0]
    types = [_problem_types(found["responses"], status) for found in OPERATIONS.values()]
    told = [each for each in types if PROBLEM_PREFIX + code in each]
    assert told
    assert code != ProblemCode.INTERNAL or len(told) == len(OPERATIONS)


def test_signed_routes_ask_for_the_three_headers_of_a_signature() -> None:
    for (path, _), found in OPERATIONS.items():
        names = {each["$ref"].rpartition("/")[2] for each in found.get("parameters", [])}
        signed = {"ContentDigest", "SignatureInput", "Signature"}
        assert names & signed == (signed if path in ("/v1/sync", "/v1/digest", "/v1/enrol") else set())
        assert ("ContentEncoding" in names) == ("requestBody" in found)


def test_bounds_of_fields_are_told() -> None:
    schemas = SPEC["components"]["schemas"]
    request, reply, mutation = (schemas[name]["properties"] for name in ("SyncRequest", "SyncReply", "Mutation"))
    assert request["mutations"]["maxItems"] == reply["outcomes"]["maxItems"] == MUTATIONS_MAX
    assert reply["changes"]["maxItems"] == PAGE_MAX
    assert (mutation["n"]["minimum"], mutation["n"]["maximum"]) == (1, NUMBER_MAX)
    assert mutation["record_id"]["maxLength"] == 64
    assert schemas["Mutation"]["required"] == ["n", "record_id", "base_version"]
    assert schemas["RecoveryAsk"]["properties"]["public_key"]["contentEncoding"] == "base64"
