"""`deploy/secrets.sh` makes what is missing, once, and what follows from it, each time."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from embedded.databases import owner_of
from embedded.roster import ROSTER
from tests.unit.deploy.files import DEPLOY, compose

MAY_BE_EMPTY = {"smtp_password"}


def make(folder: Path, **environment: str) -> dict[str, str]:
    subprocess.run([DEPLOY / "secrets.sh", folder], env={**os.environ, **environment}, check=True)
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "secrets"


def test_every_secret_that_a_container_is_given_is_made(folder: Path) -> None:
    given = {Path(each["file"]).name for name, each in compose()["secrets"].items() if name != "ca"}

    made = make(folder)

    assert given <= made.keys()
    assert {name for name, value in made.items() if not value} == MAY_BE_EMPTY


def test_each_is_long_and_like_no_other(folder: Path) -> None:
    random = [
        value for name, value in make(folder).items() if name.endswith(("_password", "_key", "_secret", "_token"))
    ]

    values = [value for value in random if value]
    assert len(values) == len(set(values)) >= 3 * len(ROSTER)
    assert {len(value) for value in values} == {64}


def test_only_its_owner_enters_the_folder_and_every_container_can_read_the_file_it_is_given(folder: Path) -> None:
    make(folder)

    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o444}


def test_what_is_there_stays(folder: Path) -> None:
    first = make(folder)

    assert make(folder) == first


def test_a_changed_password_reaches_everything_that_is_made_of_it(folder: Path) -> None:
    first = make(folder)
    (folder / "booking_password").unlink()

    second = make(folder)

    changed = {name for name in first if first[name] != second[name]}
    assert changed == {"booking_password", "booking_database_url", "database_roles", "database_urls"}
    assert second["booking_password"] in second["booking_database_url"]


def test_services_and_databases_are_told_the_same(folder: Path) -> None:
    made = make(folder)

    roles = [line.split() for line in made["database_roles"].splitlines()]
    assert [name for name, _, _ in roles] == list(ROSTER)
    for name, owners, own in roles:
        assert made[f"{name}_database_url"] == f"postgresql://{name}:{own}@postgres:5432/{name}"
        assert made[f"{name}_migration_url"] == f"postgresql://{owner_of(name)}:{owners}@postgres:5432/{name}"
    assert json.loads(made["database_urls"]) == {name: made[f"{name}_database_url"] for name in ROSTER}
    assert json.loads(made["service_keys"]) == {name: made[f"{name}_service_key"] for name in ROSTER}


def test_the_databases_may_be_on_another_machine(folder: Path) -> None:
    made = make(folder, NEEDLEPOINT_DATABASE_HOST="db.example:6432")

    assert made["audit_database_url"].endswith("@db.example:6432/audit")
