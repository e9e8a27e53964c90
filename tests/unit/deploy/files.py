"""The files by which the chain is deployed, as data."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
Json = dict[str, Any]


@cache
def compose(path: str = "docker-compose.yml") -> Json:
    found: Json = yaml.load((ROOT / path).read_text("utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader, and one tag
    return found


def services() -> Json:
    found: Json = compose()["services"]
    return found


@cache
def alerts() -> dict[str, Json]:
    [group] = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))["groups"]
    return {each["alert"]: each for each in group["rules"]}


@cache
def panels() -> list[Json]:
    found: list[Json] = json.loads((DEPLOY / "grafana" / "dashboards" / "needlepoint.json").read_text("utf-8"))[
        "panels"
    ]
    return found


def queries() -> list[str]:
    """Everything that Prometheus is asked for."""
    shown = [target["expr"] for panel in panels() for target in panel.get("targets", ())]
    return [*shown, *(each["expr"] for each in alerts().values())]


def metrics_in(query: str) -> set[str]:
    """The names of our own and of foreign metrics in a query."""
    return set(re.findall(r"\b(?:needlepoint|caddy|process)_[a-z_]+\b", query))


class _Loader(yaml.SafeLoader):
    """Compose's own tag says that a list takes the place of another."""


def _override(loader: _Loader, node: yaml.SequenceNode) -> list[Any]:
    return loader.construct_sequence(node)


_Loader.add_constructor("!override", _override)
