"""`needlepoint up` on a chain of one's own: starts, refuses, stops, is killed, and goes on."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from tests.support.site import NEEDLEPOINT, OwnSite

STOP_SECONDS_MAX = 6.0
OWNER = {"email": "owner@clinic.example", "password": "a long enough secret"}


@pytest.fixture(scope="module")
def own() -> Iterator[OwnSite]:
    with TemporaryDirectory(prefix="needlepoint-own-") as folder:
        site = OwnSite(Path(folder) / "data", with_demo=False)
        site.start()
        yield site
        site.stop()


def needlepoint(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """One command to its end."""
    return subprocess.run(
        [NEEDLEPOINT, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1", **environment},
    )


def sign_in(site: OwnSite) -> httpx.Response:
    return httpx.post(f"{site.url}/api/identity/tokens", json=OWNER, timeout=30)


@pytest.mark.timeout(300)
def test_the_first_owner_is_created_while_it_runs_and_survives_a_kill(own: OwnSite) -> None:
    said = needlepoint(
        "owner",
        "create",
        "--data",
        own.folder,
        "--email",
        OWNER["email"],
        "--name",
        "Ada Sharpe",
        NEEDLEPOINT_PASSWORD=OWNER["password"],
    )
    before = sign_in(own)
    own.kill()
    own.start()

    assert said.returncode == 0, said.stderr
    assert (before.status_code, sign_in(own).status_code) == (200, 200)


def test_a_second_owner_is_not_made_that_way(own: OwnSite) -> None:
    arguments = ("owner", "create", "--data", own.folder, "--email", "b@clinic.example", "--name", "B")

    said = needlepoint(*arguments, NEEDLEPOINT_PASSWORD="another long secret")

    assert said.returncode == 2
    assert "Traceback" not in said.stderr


@pytest.mark.fault("F25", dose="a second process on the folder", holds="I1")
def test_a_second_start_on_the_same_folder_names_the_first(own: OwnSite) -> None:
    said = needlepoint("up", "--port", "0", "--data", own.folder)

    assert said.returncode == 2
    assert f"in use by process {own.pid}" in said.stderr


def test_a_taken_port_is_told_with_the_next_one(own: OwnSite, tmp_path: Path) -> None:
    said = needlepoint("up", "--port", str(own.port), "--data", tmp_path / "other")

    assert said.returncode == 2
    assert f"Port {own.port} on 127.0.0.1 is taken" in said.stderr
    assert f"--port {own.port + 1}" in said.stderr


def test_every_service_answers_below_its_name_and_others_do_not_exist(own: OwnSite) -> None:
    ready = httpx.get(f"{own.url}/ready", timeout=30).json()
    statuses = {name: httpx.get(f"{own.url}/api/{name}/live", timeout=30).status_code for name in ready["services"]}
    unknown = httpx.get(f"{own.url}/api/astrology/live", timeout=30)

    assert len(statuses) == 6
    assert set(statuses.values()) == {200}
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")
    assert httpx.get(f"{own.url}/sign-in", timeout=30).status_code == 200


def test_the_log_is_json_in_a_file_and_holds_no_secret(own: OwnSite) -> None:
    lines = (own.folder / "needlepoint.log").read_text().splitlines()

    assert lines
    assert all(line.startswith("{") for line in lines)
    assert OWNER["password"] not in "\n".join(lines)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_within_seconds_while_browsers_are_connected(own: OwnSite, told: signal.Signals) -> None:
    with socket.create_connection(("127.0.0.1", own.port)) as idle:
        idle.sendall(b"GET /live HTTP/1.1\r\nhost: x\r\n\r\n")
        assert idle.recv(12) == b"HTTP/1.1 200"

        begun = time.monotonic()
        os.kill(own.pid, told)
        code = own.wait(STOP_SECONDS_MAX)

    assert code == 0
    assert time.monotonic() - begun < STOP_SECONDS_MAX
    assert not (own.folder / "pgdata" / "postmaster.pid").exists()
    own.start()
    assert sign_in(own).status_code == 200


def test_a_stopped_folder_is_migrated_and_found_up_to_date(own: OwnSite) -> None:
    own.stop()

    said = needlepoint("migrate", "--data", own.folder)

    assert (said.returncode, said.stdout.strip()) == (0, "Everything is up to date.")


@pytest.mark.parametrize(
    "command", ["up", "up-kafka", "serve", "demo", "import", "replay", "migrate", "openapi", "version", "owner"]
)
def test_every_command_has_help_with_its_options(command: str) -> None:
    said = needlepoint(command, "--help")

    assert said.returncode == 0
    assert re.match(rf"Usage: needlepoint {command}", said.stdout)


def test_commands_without_a_system_say_where_they_looked() -> None:
    said = needlepoint("replay", "--url", "http://127.0.0.1:9", "--token", "x")

    assert said.returncode == 2
    assert "Nothing answers at http://127.0.0.1:9" in said.stderr


def test_a_document_is_printed_without_anything_running() -> None:
    said = needlepoint("openapi", "booking")

    assert said.returncode == 0
    assert '"openapi": "3.1.0"' in said.stdout
