"""The chain as containers, in a compose project of its own: names, ports, network and secrets that no real one has."""

import json
import os
import shlex
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROJECT = "needlepoint-test"
VERSION = "test"
SUBNET = "172.30.78.0/24"
DEMO_DAYS = 3
UP_SECONDS_MAX = 900
ASK_SECONDS_MAX = 120
ROOT_CERTIFICATE = "/data/caddy/pki/authorities/local/root.crt"
JOBS = {"databases", "topics", "demo", "owner"}
Json = dict[str, Any]


def why_not() -> str | None:
    """What is missing on this machine, if no containers can be started."""
    for command in ([*_compose(), "version"], ["docker", "version"]):
        try:
            asked = subprocess.run(command, capture_output=True, text=True, timeout=ASK_SECONDS_MAX, check=False)
        except FileNotFoundError:
            return f"there is no {command[0]} here"
        if asked.returncode:
            return f"{shlex.join(command)}: {asked.stderr.strip().splitlines()[-1]}"
    return None


def _compose() -> list[str]:
    return shlex.split(os.environ.get("COMPOSE", "docker compose"))


class Containers:
    """One running chain; `compose` and `docker` do what they do on the command line."""

    def __init__(self, folder: Path, *, files: Iterable[str] = ("docker-compose.yml",), project: str = PROJECT) -> None:
        self.folder = folder
        self.port = free_port()
        self.settings = {
            "COMPOSE_PROJECT_NAME": project,
            "COMPOSE_FILE": os.pathsep.join(files),
            "NEEDLEPOINT_VERSION": VERSION,
            "NEEDLEPOINT_SECRETS": str(folder / "secrets"),
            "NEEDLEPOINT_FRONT_SUBNET": SUBNET,
            "NEEDLEPOINT_HTTPS_PORT": str(self.port),
            "NEEDLEPOINT_HTTP_PORT": str(free_port()),
            "NEEDLEPOINT_MAILPIT_PORT": str(free_port()),
            "NEEDLEPOINT_PROMETHEUS_PORT": str(free_port()),
            "NEEDLEPOINT_GRAFANA_PORT": str(free_port()),
            "NEEDLEPOINT_DEMO_DAYS": str(DEMO_DAYS),
        }
        subprocess.run([ROOT / "deploy" / "secrets.sh", folder / "secrets"], check=True)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def certificate(self) -> Path:
        """The gateway's own authority, for whoever is to believe its certificate."""
        path = self.folder / "root.crt"
        if not path.exists():
            path.write_text(self.docker("exec", self.one("gateway"), "cat", ROOT_CERTIFICATE))
        return path

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.settings, "COMPOSE": shlex.join(_compose())}

    def up(self, *services: str, profiles: str = "demo", **settings: str) -> None:
        """Build, start, and wait until all is well."""
        self.settings |= settings
        options = [f"--profile={each}" for each in profiles.split(",") if each]
        self.compose(*options, "up", "--detach", "--build", "--wait", *services, seconds=UP_SECONDS_MAX)

    def down(self) -> None:
        """Everything, with its data; what an engine may keep is a network in which nobody is any more."""
        try:
            self.compose("--profile=*", "down", "--volumes", "--remove-orphans")
        except AssertionError as error:
            if "has active endpoints" not in str(error):
                raise
            mine = f"--filter=label=com.docker.compose.project={self.settings['COMPOSE_PROJECT_NAME']}"
            assert not self.docker("ps", "--all", "--quiet", mine)
            if left := self.docker("volume", "ls", "--quiet", mine).split():
                self.docker("volume", "rm", *left)

    def remove(self, service: str) -> None:
        """One that a profile has added, so that the others are again what everybody starts."""
        self.compose("--profile=*", "rm", "--stop", "--force", service)

    def compose(self, *arguments: str, seconds: float = ASK_SECONDS_MAX) -> str:
        return self.run(*_compose(), *arguments, seconds=seconds)

    def docker(self, *arguments: str) -> str:
        return self.run("docker", *arguments)

    def run(self, *command: str, seconds: float = ASK_SECONDS_MAX) -> str:
        """What the command wrote; fails with all it said when it fails."""
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=seconds, check=False
        )
        assert done.returncode == 0, (
            f"{shlex.join(command)}: {done.returncode}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
        )
        return done.stdout

    def ids(self, service: str) -> list[str]:
        return self.compose("--profile=*", "ps", "--all", "--quiet", service).split()

    def one(self, service: str) -> str:
        [found] = self.ids(service)
        return found

    def inspect(self) -> Iterator[tuple[str, Json]]:
        """Every container of the project, ended jobs too, by the name of its service."""
        ids = self.compose("--profile=*", "ps", "--all", "--quiet").split()
        for each in json.loads(self.docker("inspect", *ids)):
            yield each["Config"]["Labels"]["com.docker.compose.service"], each

    def sql(self, database: str, statement: str, *, role: str | None = None) -> str:
        """What PostgreSQL answers to this role over the network; to the superuser on its socket without one."""
        as_role = ["-e", f"PGPASSWORD={self.secret(f'{role}_password')}"] if role else []
        over = ["-h", "postgres", "-U", role] if role else ["-U", "postgres"]
        return self.docker(
            "exec", *as_role, self.one("postgres"), "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", *over, "-d", database,
            "-c", statement,
        ).strip()  # fmt: skip

    def secret(self, name: str) -> str:
        return (self.folder / "secrets" / name).read_text().strip()

    def stop(self, container: str) -> tuple[float, int]:
        """How long it took to end after SIGTERM, and its exit code."""
        begun = time.monotonic()
        self.docker("stop", "--time", "30", container)
        seconds = time.monotonic() - begun
        return seconds, int(self.docker("inspect", "--format", "{{.State.ExitCode}}", container))


def has_image(containers: Containers, service: str) -> bool:
    """Whether the image of a service is here or can be had."""
    described: Mapping[str, Any] = json.loads(containers.compose("--profile=*", "config", "--format", "json"))
    image = described["services"][service]["image"]
    for command in (["docker", "image", "inspect", image], ["docker", "pull", image]):
        if subprocess.run(command, capture_output=True, timeout=UP_SECONDS_MAX, check=False).returncode == 0:
            return True
    return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
        return port
