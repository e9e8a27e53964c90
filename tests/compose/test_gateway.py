"""The one door: what it lets in, what it tells, and what it keeps to itself."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from embedded.roster import ROSTER
from tests.support.containers import Containers
from tests.support.gateway import LoneGateway
from tests.support.site import Site

FORGED = {
    "X-User-Id": "somebody",
    "X-User-Roles": "owner",
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Host": "elsewhere.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Prefix": "/elsewhere",
    "X-Real-IP": "203.0.113.9",
    "X-Original-URL": "/api/booking/metrics",
    "X-Rewrite-URL": "/api/booking/metrics",
    "Forwarded": "for=203.0.113.9",
}
FOR_OPERATORS = ("live", "ready", "metrics", "docs", "redoc", "openapi.json")
NAME = "Imogen-Secret-Name"


@pytest.fixture
def visitor(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def alone(containers: Containers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoneGateway]:
    with LoneGateway(containers, tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway


def test_whoever_comes_without_tls_is_sent_to_it(containers: Containers) -> None:
    answer = httpx.get(f"http://localhost:{containers.settings['NEEDLEPOINT_HTTP_PORT']}/sign-in")

    assert answer.status_code == 308
    assert answer.headers["location"] == f"{containers.url}/sign-in"


@pytest.mark.parametrize("path", ["/sign-in", "/api/identity/keys"])
def test_every_answer_tells_the_browser_what_it_may_do(visitor: httpx.Client, path: str) -> None:
    answer = visitor.get(path)

    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "server" not in answer.headers
    assert "via" not in answer.headers


@pytest.mark.parametrize("path", FOR_OPERATORS)
@pytest.mark.parametrize("form", ["/{}", "/api/booking/{}", "/api/booking//{}", "/api/audit/./{}", "/API/booking/{}"])
def test_what_is_for_operators_is_not_there_for_the_public(visitor: httpx.Client, form: str, path: str) -> None:
    for spelt in (path, f"%{ord(path[0]):x}{path[1:]}", f"{path}?x=1"):
        assert visitor.get(form.format(spelt)).status_code == 404, spelt


def test_a_service_that_does_not_exist_is_told_as_a_problem(visitor: httpx.Client) -> None:
    answer = visitor.get("/api/payroll/staff")

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "gateway_404"


def test_each_service_stands_below_its_own_name(visitor: httpx.Client) -> None:
    wanted = dict.fromkeys(ROSTER, 401)

    seen = {name: visitor.get(f"/api/{name}/parked").status_code for name in ROSTER}

    assert seen == wanted


def test_nobody_tells_us_who_they_are_or_where_they_come_from(alone: LoneGateway) -> None:
    told = alone.get("/sign-in", headers=FORGED).json()["headers"]

    assert told["x-forwarded-for"] != FORGED["X-Forwarded-For"]
    assert told["x-forwarded-proto"] == "https"
    assert told["x-forwarded-host"] == f"localhost:{alone.port}"
    kept = {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
    assert not {name.lower() for name in FORGED} - kept & told.keys()
    assert "203.0.113.9" not in json.dumps(told)


def test_the_path_of_a_service_begins_behind_its_name(alone: LoneGateway) -> None:
    assert alone.get("/api/booking/patients?q=a%20b").json()["path"] == "/patients?q=a%20b"


def test_a_body_that_is_too_large_is_refused(alone: LoneGateway) -> None:
    answer = alone.post("/api/booking/imports/patients", content=b"x" * (8 * 1024 * 1024 + 1))

    assert answer.status_code == 413


def test_a_request_that_reaches_nobody_waits_for_the_next_replica(alone: LoneGateway) -> None:
    alone.pause()

    answer = alone.get_while(alone.resume, "/api/booking/patients")

    assert answer.status_code == 200


def test_what_people_ask_for_is_in_no_log(alone: LoneGateway) -> None:
    alone.pause()
    for path in (f"/api/booking/patients?q={NAME}", f"/search?q={NAME}"):
        answer = alone.get(path, headers={"Authorization": f"Bearer {NAME}"})
        assert answer.status_code in (502, 503)
        assert answer.headers["retry-after"] == "1"
    alone.resume()

    said = alone.log()

    assert "/api/booking/patients" in said
    assert NAME not in said


def test_the_gateway_believes_no_certificate_but_serves_one_for_its_name(certificate: Path, site: Site) -> None:
    assert certificate.read_text().startswith("-----BEGIN CERTIFICATE-----")
    refused: dict[str, Any] = {"verify": True, "trust_env": False}
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(site.url, **refused)
