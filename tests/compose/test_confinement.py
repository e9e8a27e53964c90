"""What a container may do: next to nothing."""

from itertools import permutations

import pytest

from embedded.databases import owner_of
from embedded.roster import ROSTER
from tests.support.containers import JOBS, Containers

PUBLISHED = {"gateway"}


def test_none_runs_as_root_or_can_write_to_its_own_files(containers: Containers) -> None:
    for service, each in containers.inspect():
        asked, host = each["Config"], each["HostConfig"]

        assert asked["User"].partition(":")[0] not in ("", "0", "root"), service
        assert host["ReadonlyRootfs"], service
        assert host["CapDrop"] == ["ALL"], service
        assert not host["CapAdd"], service
        assert any("no-new-privileges" in option for option in host["SecurityOpt"]), service
        assert not host["Privileged"], service


def test_each_has_limits_and_those_that_stay_are_watched_and_restarted(containers: Containers) -> None:
    for service, each in containers.inspect():
        host = each["HostConfig"]
        assert host["Memory"], service
        assert host["NanoCpus"], service
        assert host["PidsLimit"], service
        if service not in JOBS and not service.endswith("-migrate"):
            assert host["RestartPolicy"]["Name"] == "unless-stopped", service
            assert each["State"]["Health"]["Status"] == "healthy", service


def test_only_the_gateway_can_be_reached_from_outside(containers: Containers) -> None:
    published = {service for service, each in containers.inspect() if any(each["HostConfig"]["PortBindings"].values())}

    assert published == PUBLISHED


def test_a_process_cannot_write_beside_tmp(containers: Containers) -> None:
    for service in ("booking", "web", "gateway", "postgres", "kafka"):
        container = containers.one(service)
        containers.docker("exec", container, "sh", "-c", "echo x >/tmp/x && rm /tmp/x")
        with pytest.raises(AssertionError, match="Read-only file system"):
            containers.docker("exec", container, "sh", "-c", "echo x >/x")


def test_secrets_stand_in_files_and_nowhere_else(containers: Containers) -> None:
    values = {path.read_text().strip() for path in (containers.folder / "secrets").iterdir()} - {"", "[]"}
    told = containers.compose("--profile=*", "config") + str(dict(containers.inspect()))
    logs = containers.compose("--profile=*", "logs", "--no-color")

    assert not [value for value in values if value in told or value in logs]


def test_an_image_holds_its_own_service_and_no_other(containers: Containers) -> None:
    for service in ROSTER:
        packages = containers.docker("exec", containers.one(service), "ls", "/app", "/app/services").split()

        assert service in packages
        assert not (ROSTER.keys() - {service}) & set(packages)
        assert not {"web", "embedded", "cli"} & set(packages)


def test_no_image_of_ours_can_compile_anything(containers: Containers) -> None:
    look = "command -v cc gcc clang make go npm uv; true"
    for service in (*ROSTER, "web"):
        assert containers.docker("exec", containers.one(service), "sh", "-c", look) == "", service


@pytest.mark.parametrize(("mine", "other"), [*permutations(("identity", "booking", "audit"), 2)])
def test_a_role_enters_no_other_database(containers: Containers, mine: str, other: str) -> None:
    for role in (mine, owner_of(mine)):
        assert containers.sql(mine, "SELECT current_user", role=role) == role
        for database in (other, "postgres", "template1"):
            with pytest.raises(AssertionError, match="permission denied for database"):
                containers.sql(database, "SELECT 1", role=role)


@pytest.mark.parametrize("service", ROSTER)
def test_a_service_works_on_rows_and_not_on_tables(containers: Containers, service: str) -> None:
    assert containers.sql(service, "SELECT count(*) >= 0 FROM outbox", role=service) == "t"
    for statement in ("CREATE TABLE mine ()", "DROP TABLE outbox", "TRUNCATE outbox", "CREATE ROLE mine"):
        with pytest.raises(AssertionError, match=r"permission denied|must be owner"):
            containers.sql(service, statement, role=service)
