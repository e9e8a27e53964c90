"""Alerts, runbooks and panels speak of what there is."""

import re
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase

from chassis import telemetry
from embedded.roster import ROSTER
from services.audit.breaks import measures
from tests.unit.deploy.files import DEPLOY, ROOT, alerts, metrics_in, panels, queries

RUNBOOKS = ROOT / "docs" / "runbooks"
FOREIGN = re.compile(r"caddy_http_request_duration_seconds_count|process_(resident_memory_bytes|cpu_seconds_total)")
SECTIONS = ("What it means", "Who notices", "Look", "Do", "Afterwards")
OURS = [each for each in (*vars(telemetry).values(), *vars(measures).values()) if isinstance(each, MetricWrapperBase)]


def test_every_metric_that_is_asked_for_is_one_of_ours_or_known() -> None:
    ours = {name for each in OURS for metric in each.collect() for name in _names(metric.name, metric.type)}

    asked = {name for query in queries() for name in metrics_in(query) if not FOREIGN.fullmatch(name)}

    assert asked
    assert asked <= ours


def _names(name: str, kind: str) -> set[str]:
    return {name, f"{name}_total"} if kind == "counter" else {name, f"{name}_bucket", f"{name}_count", f"{name}_sum"}


def test_every_alert_has_its_page_and_every_page_its_alert() -> None:
    named = {Path(each["annotations"]["runbook"]) for each in alerts().values()}

    assert {ROOT / path for path in named} == set(RUNBOOKS.glob("*.md")) - {RUNBOOKS / "README.md"}


@pytest.mark.parametrize("alert", sorted(alerts()))
def test_an_alert_says_what_is_wrong_and_how_bad_that_is(alert: str) -> None:
    told = alerts()[alert]

    assert told["labels"]["severity"] in ("page", "ticket")
    assert told["annotations"]["summary"].endswith((".", "much."))
    assert told["annotations"]["runbook"].endswith(f"/{_hyphened(alert)}.md")


def test_a_service_that_is_down_is_named() -> None:
    """Prometheus keeps the labels of what is absent only where it was asked for by a plain selector."""
    told = alerts()["ServiceDown"]["expr"]
    gone = set(re.findall(r'absent\(up\{container="([\w-]+)"\}\)', told))

    assert gone == {*ROSTER, *(f"{name}-worker" for name in ROSTER), "web", "gateway"}
    assert told.count("absent(") == len(gone)


@pytest.mark.parametrize("alert", sorted(alerts()))
def test_a_runbook_leads_from_the_alert_to_the_end(alert: str) -> None:
    page = (ROOT / alerts()[alert]["annotations"]["runbook"]).read_text("utf-8")

    assert page.startswith(f"# {alert}\n")
    assert tuple(re.findall(r"^## (.+)$", page, re.MULTILINE)) == SECTIONS


def _hyphened(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def test_panels_have_ids_and_places_of_their_own_and_ask_the_one_source() -> None:
    cells = [
        (x, y)
        for panel in panels()
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]

    assert len({panel["id"] for panel in panels()}) == len(panels())
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    sources = {panel["datasource"]["uid"] for panel in panels() if panel["type"] != "row"}
    assert sources == {"prometheus"}
    assert "uid: prometheus" in (DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text("utf-8")
