"""What operators look at: every target answers, every rule and every panel asks for something that exists."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from embedded.roster import ROSTER
from tests.support.containers import ROOT, Containers, has_image
from tests.support.waiting import soon

DASHBOARD = ROOT / "deploy" / "grafana" / "dashboards" / "needlepoint.json"
WATCHED = {*ROSTER, *(f"{name}-worker" for name in ROSTER), "web", "gateway", "prometheus"}
QUIET = ("needlepoint_dead_letters_total", '"5..')
"""Counters that have no series before something goes wrong: what goes wrong is a label of theirs."""


@pytest.fixture(scope="module")
def prometheus(containers: Containers) -> Iterator[httpx.Client]:
    if not has_image(containers, "prometheus"):
        pytest.skip("UNPROVED, because there is no image of Prometheus here: targets, alerts and panels")
    containers.up("prometheus", profiles="observe")
    port = containers.settings["NEEDLEPOINT_PROMETHEUS_PORT"]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=30) as client:
        yield client
    containers.remove("prometheus")


def asked(prometheus: httpx.Client, path: str, **params: str) -> Any:
    answer = prometheus.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_everything_that_runs_is_watched(prometheus: httpx.Client) -> None:
    def seen() -> set[str]:
        targets = asked(prometheus, "/targets")["activeTargets"]
        return {each["labels"]["container"] for each in targets if each["health"] == "up"}

    soon(lambda: seen() == WATCHED, patience=60)


def test_no_alert_fires_while_all_is_well(prometheus: httpx.Client) -> None:
    soon(lambda: asked(prometheus, "/alerts")["alerts"] == [], patience=60)  # the first look was before all were found
    [group] = asked(prometheus, "/rules")["groups"]

    assert len(group["rules"]) == 10
    assert {each["name"]: each["lastError"] for each in group["rules"] if each.get("lastError")} == {}


def test_every_panel_shows_something(prometheus: httpx.Client) -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    for expr in (target["expr"] for panel in panels for target in panel.get("targets", ())):
        query = expr.replace("$__rate_interval", "1m")

        def shows_something(query: str = query) -> bool:
            return bool(asked(prometheus, "/query", query=query)["result"])

        if any(each in query for each in QUIET):
            asked(prometheus, "/query", query=query)
        else:
            soon(shows_something, patience=60)


def test_a_service_that_is_gone_is_an_alert(prometheus: httpx.Client, containers: Containers) -> None:
    containers.compose("stop", "audit-worker")
    try:
        soon(lambda: ("ServiceDown", "audit-worker") in alerts(prometheus), patience=60)
    finally:
        containers.compose("start", "audit-worker")


def alerts(prometheus: httpx.Client) -> set[tuple[str, str]]:
    told = asked(prometheus, "/alerts")["alerts"]
    return {(each["labels"]["alertname"], each["labels"].get("container", "")) for each in told}
