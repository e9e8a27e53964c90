"""Callers who know a service by its document alone: requests made by schemathesis, sent to a house.

The requests are made before there is a house, so they name things by ids that stand in for those of its world:
the same requests every time, however ids fall.
"""

import asyncio
from copy import deepcopy
from typing import Any
from uuid import UUID, uuid4, uuid5

import httpx
import requests
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.schemas import OpenApiSchema

from chassis.problems import MEDIA_TYPE
from embedded.documents import openapi
from embedded.roster import ROSTER
from tests.support.everyone import Json

Case = schemathesis.Case[Any]
SEED = 20261121
DRAWN = 12
"""Cases drawn at random for each operation, beside the systematic ones: every field missing, too long, mistyped."""
NAMES = (
    *("location_id", "home_location_id", "patient_id", "appointment_id", "practitioner_id", "room_id", "device_id"),
    *("package_id", "invoice_id", "message_id", "staff_id", "grant_id", "receipt_id", "discrepancy_id", "lot_id"),
    *("item_id", "legal_entity_id", "ids"),
)
STAND_INS = {name: str(uuid5(UUID(int=0), name)) for name in NAMES}
KNOWN: Json = {
    **STAND_INS,
    "location_ids": [STAND_INS["location_id"]],
    "treatment": "pen-face",
    "item": "serum",
    "local_start": "2026-12-22T10:00:00",
    "version": None,
}
"""What a caller at home in the clinic would write, by the names of fields and parameters."""
UNSAYABLE = (
    "the check digit of this GTIN is wrong",
    "write at least",
    "give either local_start or starts_at",
    "of the calendar",
    "an e-mail address looks like",
)
"""Rules of form that JSON Schema has no words for."""


def as_known(document: Json) -> Json:
    """The same document with examples from the clinic."""
    document = deepcopy(document)
    for path in document["paths"].values():
        for operation in path.values():
            _make_known(operation)
    for schema in document["components"]["schemas"].values():
        for name, part in schema.get("properties", {}).items():
            part.update({"examples": [KNOWN[name]]} if name in KNOWN else {})
    return document


def _make_known(operation: Json) -> None:
    for parameter in operation.get("parameters", ()):
        parameter["example"] = KNOWN.get(parameter["name"], parameter["example"])
        if parameter["name"] == "cursor":
            del parameter["example"], parameter["schema"]["examples"]  # an invented one is refused, rightly
    for content in operation.get("requestBody", {"content": {}})["content"].values():
        content["example"] = _known(content["example"])


def _known(example: Any) -> Any:
    if isinstance(example, list):
        return [_known(each) for each in example]
    if isinstance(example, dict):
        return {name: KNOWN[name] if name in KNOWN else _known(each) for name, each in example.items()}
    return example


def apis() -> dict[str, OpenApiSchema]:
    """Every service as its document tells of it; `location` says which one."""
    found = {name: schemathesis.openapi.from_dict(as_known(openapi(name)), config=_config()) for name in ROSTER}
    for name, api in found.items():
        api.location = name
    return found


def _config() -> SchemathesisConfig:
    sayable = {name: value for name, value in KNOWN.items() if isinstance(value, str)}
    return SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "cache": {"enabled": False},
            "dictionaries": {name: {"values": [value]} for name, value in sayable.items()},
            "parameters": {
                f"{where}.{name}": {"dictionary": name, "probability": 0.7}
                for name in sayable
                for where in ("path", "query", "body")
            },
            "generation": {
                "max-examples": DRAWN,
                "deterministic": True,
                "no-shrink": True,
                "with-security-parameters": False,
                "allow-extra-parameters": False,  # what nobody knows in a URL is passed over
            },
            "phases": {"coverage": {"unexpected-methods": ["get", "post", "put", "patch", "delete"]}},
            "checks": {
                "ignored_auth": {"enabled": False},  # every route is walked without a token in test_who_may
                "positive_data_acceptance": {"enabled": False},  # a rule of the business may refuse what is well formed
            },
        }
    )


class Stranger:
    """Sends cases to the house, and brings back what was answered."""

    def __init__(self, clients: dict[str, httpx.AsyncClient], ids: dict[str, str]) -> None:
        self._clients = clients
        self._ids = {STAND_INS[name]: ids[name] for name in NAMES}
        self._loop = asyncio.get_running_loop()
        self._keys: set[str] = set()

    def send(self, case: Case) -> schemathesis.Response:
        """The service's answer; called where no loop runs, because Hypothesis is not asynchronous."""
        client = self._clients[str(case.operation.schema.location)]
        asked = case.as_transport_kwargs(base_url=str(client.base_url).rstrip("/"))
        prepared = requests.Request(**{name: asked[name] for name in asked if name in _ASKED}).prepare()
        self._settle_key(case, prepared)
        answer = self._loop.run_until_complete(client.send(self._request(client, prepared)))
        return schemathesis.Response(
            status_code=answer.status_code,
            headers={name: answer.headers.get_list(name) for name in answer.headers},
            content=answer.content,
            request=prepared,
            elapsed=0.0,
            verify=True,
        )

    def _settle_key(self, case: Case, prepared: requests.PreparedRequest) -> None:
        """A command that may succeed gets a key of its own: one used before is answered from memory, or refused."""
        key = prepared.headers.get("idempotency-key")
        if key is None or case.meta is None or case.meta.generation.mode.is_negative:
            return
        if key in self._keys:
            prepared.headers["idempotency-key"] = str(uuid4())
        self._keys.add(str(key))

    def _request(self, client: httpx.AsyncClient, prepared: requests.PreparedRequest) -> httpx.Request:
        body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body or b""
        assert isinstance(body, bytes)
        url = str(prepared.url)
        for stand_in, real in self._ids.items():
            url, body = url.replace(stand_in, real), body.replace(stand_in.encode(), real.encode())
        headers = [
            (_bytes(name), _bytes(value)) for name, value in prepared.headers.items() if name != "Content-Length"
        ]
        sent = httpx.Request(str(prepared.method), url, headers=headers, content=body)
        sent.headers.setdefault("authorization", client.headers["authorization"])
        return sent


def _bytes(told: object) -> bytes:
    return told if isinstance(told, bytes) else str(told).encode("latin-1")


_ASKED = frozenset({"method", "url", "headers", "params", "data", "json", "cookies", "files"})


def must_be_as_documented(case: Case, response: schemathesis.Response) -> None:
    """Fails with one line that names the operation and what is wrong, and below it how to do it again."""
    try:
        case.validate_response(response, additional_checks=[what_the_document_allows_is_read])
    except FailureGroup as found:
        wrong = "; ".join(f"{each.title}: {each.message.splitlines()[0]}" for each in found.exceptions)
        raise AssertionError(f"{case.operation.label}: {wrong}\n{found.message}") from None


def what_the_document_allows_is_read(_: schemathesis.CheckContext, response: schemathesis.Response, case: Case) -> None:
    """Whatever fits the schema is at least understood: it may break a rule, but not the form."""
    if case.meta is None or case.meta.generation.mode.is_negative or not _is_problem(response):
        return
    problem = response.json()
    if problem["code"] == "invalid_request":
        beyond = [each for each in problem["errors"] if not any(rule in each["message"] for rule in UNSAYABLE)]
        assert not beyond, f"The document allows what is refused as malformed: {beyond}"
    assert problem["code"] != "unreadable_text", "The document allows text that can't be kept"


def _is_problem(response: schemathesis.Response) -> bool:
    return response.headers.get("content-type", [""])[0].startswith(MEDIA_TYPE)
