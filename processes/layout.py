"""Which processes there are, on which ports, and what each is told: what every deployment says in a way of its own."""

import json
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.role import Role
from chassis.service import Service
from embedded.contents import Account
from embedded.secrets import Secrets
from processes.children import Program

WEB = "web"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many of what."""

    together: bool = False
    """One process a service, instead of one that answers and one that works."""
    apis: int = 1
    workers: int = 1

    def roles(self) -> Iterator[tuple[Role, int]]:
        if self.together:
            yield Role.BOTH, max(self.apis, self.workers)
        else:
            yield Role.API, self.apis
            yield Role.WORKER, self.workers


@dataclass(frozen=True, slots=True)
class Place:
    """One process of a service, or of the front end."""

    name: str
    service: str
    role: Role
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all processes share."""

    folder: Path
    door: str
    """Address of the one door."""
    brokers: str
    accounts: Sequence[Account]
    """Of the demo chain, which the sign-in page offers."""


class Layout:
    """All processes but the broker and PostgreSQL."""

    def __init__(self, services: Mapping[str, Service], wanted: Wanted, surroundings: Surroundings) -> None:
        self._services = services
        self._around = surroundings
        self.places = list(_places(list(services), wanted))

    @property
    def apis(self) -> dict[str, list[str]]:
        """Where each service answers."""
        return {
            name: [place.url for place in self.places if place.service == name and place.role.answers]
            for name in self._services
        }

    @property
    def web(self) -> list[str]:
        return [place.url for place in self.places if place.service == WEB]

    @property
    def watched(self) -> dict[str, str]:
        return {place.name: place.url for place in self.places}

    def programs(self) -> Iterator[Program]:
        """The processes with all that they are told; secrets go into files that only they read."""
        for place in self.places:
            module = [WEB] if place.service == WEB else [f"services.{place.service}", place.role.value]
            command = [sys.executable, "-m", *module, f"--port={place.port}"]
            yield Program(place.name, command, self._environment(place.service), port=place.port)

    def _environment(self, service: str) -> dict[str, str]:
        folder = self._around.folder / "secrets" / f"of-{service}"
        told = {"NEEDLEPOINT_SECRETS_DIR": str(folder), "NEEDLEPOINT_KAFKA_BOOTSTRAP_SERVERS": self._around.brokers}
        if service == WEB:
            secrets = {"web_secret": Secrets(self._around.folder).get("web_secret")}
            accounts = [[each.email, each.password, each.label] for each in self._around.accounts]
            told["NEEDLEPOINT_WEB_PEER_URLS"] = json.dumps(self._peers())
            told["NEEDLEPOINT_WEB_COOKIE_SECURE"] = "false"  # the door speaks plain HTTP
            told["NEEDLEPOINT_WEB_DEMO_ACCOUNTS"] = json.dumps(accounts)
        else:
            secrets = _secrets_of(self._services[service])
            told["NEEDLEPOINT_PEER_URLS"] = json.dumps(self._peers())
        _write(folder, secrets)
        return told

    def _peers(self) -> dict[str, str]:
        """Straight to whoever answers; through the door where there are several, which gives each its turn."""
        return {
            name: f"{answering[0]}/api/{name}" if len(answering) == 1 else f"{self._around.door}/api/{name}"
            for name, answering in self.apis.items()
        }


def _places(services: Sequence[str], wanted: Wanted) -> Iterator[Place]:
    named = [
        (f"{service}-{role}" if many == 1 else f"{service}-{role}-{number}", service, role)
        for role, many in wanted.roles()
        for service in services
        for number in range(1, many + 1)
    ]
    named.append((WEB, WEB, Role.API))
    for (name, service, role), port in zip(named, free_ports(len(named)), strict=True):
        yield Place(name, service, role, port)


def free_ports(count: int) -> list[int]:
    """As many ports as that on which nobody listens; all are held until all are found."""
    with ExitStack() as held:
        doors = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [door.getsockname()[1] for door in doors]


def _secrets_of(service: Service) -> dict[str, str]:
    """Those settings of a service that nobody else may know, as they come out of a folder of secrets."""
    settings: dict[str, Any] = service.settings.model_dump(mode="python")
    secret = {name: _plain(value) for name, value in settings.items() if _is_secret(value)}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in secret.items()}


def _is_secret(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_is_secret(each) for each in value.values())
    return hasattr(value, "get_secret_value")


def _plain(value: Any) -> Any:
    return {name: _plain(each) for name, each in value.items()} if isinstance(value, dict) else value.get_secret_value()


def _write(folder: Path, secrets: Mapping[str, str]) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)  # so nobody else gets as far as the files
    for name, value in secrets.items():
        (folder / f"needlepoint_{name}").write_text(value, encoding="utf-8")
