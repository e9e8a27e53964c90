"""The compose files say what the house says: the same services, nothing secret, nobody with rights they do not need."""

import json
import re
import shlex
from typing import Any

import pytest

from embedded.demo.stage import OWNER, PASSWORD, TEAM
from embedded.roster import ROSTER
from tests.unit.deploy.files import DEPLOY, ROOT, Json, compose, services

FOREIGN = {"postgres", "kafka", "mailpit", "prometheus", "grafana"}
JOBS = {*(f"{name}-migrate" for name in ROSTER), "databases", "topics", "demo", "owner"}
RENEWED = {*ROSTER, *(f"{name}-worker" for name in ROSTER), "web"}
STAYING = RENEWED | FOREIGN | {"gateway"}
EVERYTHING = STAYING | JOBS
FILES = ("docker-compose.yml", "deploy/compose.three-brokers.yml")
LOOKS_SECRET = re.compile(r"password|secret|token|_key\b|credential", re.IGNORECASE)


def named(service: str) -> Json:
    found: Json = services()[service]
    return found


def test_compose_runs_the_services_of_the_roster_and_what_they_need() -> None:
    assert services().keys() == EVERYTHING


def test_the_page_of_the_containers_names_each_of_them() -> None:
    page = (ROOT / "docs" / "containers.md").read_text("utf-8")

    rows = re.findall(r"^\| (`[^|]+) \|", page, re.MULTILINE)

    assert {name for row in rows for name in re.findall(r"`([\w-]+)`", row)} == EVERYTHING


def test_rolling_renews_whatever_can_be_renewed() -> None:
    script = (DEPLOY / "roll.sh").read_text("utf-8")
    [listed] = re.findall(r"^everything='([^']+)'", script, re.MULTILINE)

    assert set(listed.split()) == RENEWED


def test_secrets_are_made_for_the_services_of_the_roster() -> None:
    script = (DEPLOY / "secrets.sh").read_text("utf-8")

    assert shlex.split(re.findall(r"^services=(.+)$", script, re.MULTILINE)[0])[0].split() == list(ROSTER)


@pytest.mark.parametrize("service", sorted(EVERYTHING))
def test_what_we_build_is_never_fetched_under_its_name(service: str) -> None:
    each = named(service)
    is_ours = each["image"].startswith("needlepoint/")

    assert is_ours == (service not in FOREIGN | {"databases"})
    assert (each.get("pull_policy") == "never") == is_ours


@pytest.mark.parametrize("service", sorted(EVERYTHING))
def test_nobody_is_root_or_writes_to_their_own_files_or_gains_a_right(service: str) -> None:
    each = named(service)

    assert each["user"].partition(":")[0] not in ("0", "root")
    assert each["read_only"] is True
    assert each["cap_drop"] == ["ALL"]
    assert each["security_opt"] == ["no-new-privileges:true"]
    assert not {"cap_add", "privileged", "pid", "ipc", "network_mode", "devices"} & each.keys()
    assert each["deploy"]["resources"]["limits"].keys() == {"cpus", "memory", "pids"}


@pytest.mark.parametrize("service", sorted(STAYING))
def test_what_stays_is_asked_how_it_is_and_started_again(service: str) -> None:
    each = named(service)
    asked = " ".join(each["healthcheck"]["test"])

    assert each["restart"] == "unless-stopped"
    assert not re.search(r"localhost|::1", asked), "a container may have no ::1"
    assert "start_interval" not in each["healthcheck"], "engines before 25 do not know it"


@pytest.mark.parametrize("service", sorted(JOBS))
def test_a_job_ends_and_holds_up_what_needs_it(service: str) -> None:
    each = named(service)

    assert str(each["restart"]).partition(":")[0] in ("on-failure", "no")
    assert "ports" not in each


def test_only_the_gateway_is_published_beyond_this_machine() -> None:
    beyond = {
        name for name, each in services().items() for port in each.get("ports", ()) if not port.startswith("127.0.0.1:")
    }

    assert beyond == {"gateway"}


def test_databases_and_brokers_have_no_way_out() -> None:
    networks = compose()["networks"]

    for service in ("postgres", "kafka"):
        assert all(networks[each]["internal"] for each in named(service)["networks"])


def test_a_service_is_told_its_own_secrets_and_no_other() -> None:
    for service in ROSTER:
        for container in (service, f"{service}-worker", f"{service}-migrate"):
            told = {each["source"] for each in named(container)["secrets"]}
            foreign = {name for name in told if name.partition("_")[0] in ROSTER.keys() - {service}}
            assert not foreign, container


def test_only_a_migration_may_alter_tables() -> None:
    holders = {name for name, each in services().items() if "migration_url" in str(each.get("secrets", ""))}

    assert holders == {f"{name}-migrate" for name in ROSTER}


@pytest.mark.parametrize("path", FILES)
def test_no_secret_stands_in_a_compose_file(path: str) -> None:
    told = [*environments(compose(path))]

    assert [(name, value) for name, value in told if LOOKS_SECRET.search(name) and not is_a_file(name, value)] == []
    assert not re.search(r"\b[0-9a-f]{24,}\b", (ROOT / path).read_text("utf-8"))


def test_the_example_of_settings_holds_no_secret_and_nothing_that_compose_does_not_read() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    assigned = re.findall(r"^#? ?((?:NEEDLEPOINT|COMPOSE)_[A-Z_]+)=(.*)$", example, re.MULTILINE)
    text = "".join((ROOT / path).read_text("utf-8") for path in FILES)
    read = set(re.findall(r"\$\{([A-Z_]+)|^ +([A-Z_]+):$", text, re.MULTILINE))

    assert assigned
    assert not [name for name, _ in assigned if LOOKS_SECRET.search(name) and name != "NEEDLEPOINT_SECRETS"]
    assert {name for name, _ in assigned} - {"COMPOSE_PROFILES"} <= {name for names in read for name in names}


def test_every_default_of_the_example_is_that_of_compose() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    shown = dict(re.findall(r"^# (NEEDLEPOINT_[A-Z_]+)=(.*)$", example, re.MULTILINE))
    used = dict(re.findall(r"\$\{(NEEDLEPOINT_[A-Z_]+):-([^}]*)\}", (ROOT / FILES[0]).read_text("utf-8")))

    differing = {name: (shown[name], used[name]) for name in shown.keys() & used.keys() if shown[name] != used[name]}
    assert differing == {"NEEDLEPOINT_CA_BUNDLE": (shown["NEEDLEPOINT_CA_BUNDLE"], "/dev/null")}


def test_the_accounts_that_the_sign_in_page_offers_are_those_of_the_demo_chain() -> None:
    offered = json.loads((DEPLOY / "demo_accounts.json").read_text("utf-8"))

    assert offered == [[each.email, PASSWORD, each.label] for each in (OWNER, *TEAM)]


def environments(file: Json) -> list[tuple[str, str]]:
    """Everything that containers are told in the open, by the name of its variable."""
    told: list[tuple[str, str]] = []
    for each in file["services"].values():
        given: dict[str, Any] = each.get("environment") or {}
        told.extend((name, str(value)) for name, value in given.items())
    return told


def is_a_file(name: str, value: str) -> bool:
    return name.endswith("_FILE") and value.startswith("/run/secrets/")
