"""A Kafka for tests, the first that starts: one that is named, one in Docker, one of our own, an imitation.

Tried in this order, or asked for by name with NEEDLEPOINT_TEST_KAFKA=docker|jars|imitation. Nothing is started before a
test needs it; whatever is there and does not start is passed over, and the end of the run says so and why.
"""

import importlib.util
import os
import shutil
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from embedded.parent import dies_with_parent
from processes import broker
from processes.broker import NoBrokerError

ADDRESS = "KAFKA_BOOTSTRAP_SERVERS"
CHOICE = "NEEDLEPOINT_TEST_KAFKA"
IMAGE = "apache/kafka:4.1.1"
START_SECONDS_MAX = 60.0
DOCKER_SECONDS_MAX = 60
OWNER = "needlepoint.tests"
"""A label of each container: the process that it belongs to."""


class DidNotStartError(Exception):
    """This Kafka is there, but can't be used; says why."""


class Broker(Protocol):
    """One broker that a whole run shares."""

    address: str
    can_die: bool
    """Whether it may be killed, frozen and started again on the same data."""
    session_seconds: float
    """The shortest session that it lets a consumer have."""

    @property
    def detour(self) -> "Detour | None":
        """By which a test can lay its own network in between; None where the broker is not ours to configure."""
        ...

    def start(self) -> None:
        """Start, or start again on the same data at the same address; return when it answers."""
        ...

    def kill(self) -> None: ...
    def freeze(self) -> None: ...
    def thaw(self) -> None: ...
    def close(self) -> None: ...


class Detour:
    """A second way to a broker: it listens at `inner`, and tells clients who come that way to come to `outer`."""

    def __init__(self) -> None:
        self.inner, self.outer = _free_port(), _free_port()

    @property
    def address(self) -> str:
        """Of whatever the test puts in between."""
        return f"127.0.0.1:{self.outer}"

    def settings(self, settings: Mapping[str, object], *, host: str) -> dict[str, object]:
        """Those of a broker, with this way besides."""
        added = {
            "listeners": f"DETOUR://{host}:{self.inner}",
            "advertised.listeners": f"DETOUR://{self.address}",
            "listener.security.protocol.map": "DETOUR:PLAINTEXT",
        }
        both = {name: f"{settings[name]},{value}" for name, value in added.items()}
        return {**both, "inter.broker.listener.name": "PLAINTEXT"}


class Named:
    """Somebody else's: it is used, and left as it is."""

    can_die = False
    session_seconds = 6.0
    detour = None

    def __init__(self) -> None:
        self.address = os.environ[ADDRESS]

    def start(self) -> None:
        _wait_until_it_answers(self.address.split(",", maxsplit=1)[0])

    def kill(self) -> None:
        raise NotImplementedError

    freeze = thaw = kill

    def close(self) -> None:
        """Nothing of ours runs."""


class Own:
    """A process of ours, out of the jars that `make up-kafka` runs as well."""

    can_die = True
    session_seconds = 1.0

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="needlepoint-kafka-")
        self._broker = broker.Broker(Path(self._folder.name), port=_free_port(), controller_port=_free_port())
        self.detour = Detour()
        self._process: subprocess.Popen[bytes] | None = None
        self.address = self._broker.address

    def start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        self._broker.prepare()
        with (Path(self._folder.name) / "server.properties").open("a") as properties:
            ours: dict[str, object] = {"group.min.session.timeout.ms": round(self.session_seconds * 1000)}
            ours |= self.detour.settings(self._broker._settings(), host="127.0.0.1")
            properties.writelines(f"{name}={value}\n" for name, value in ours.items())
        with (Path(self._folder.name) / "kafka.log").open("ab") as out:
            self._process = subprocess.Popen(
                self._broker.command,
                stdout=out,
                stderr=out,
                start_new_session=True,  # Ctrl-C is for pytest, which closes it
                preexec_fn=dies_with_parent(signal.SIGKILL),  # noqa: PLW1509 - the tests have no threads yet
            )
        _wait_until_it_answers(self.address, why_dead=self._why_it_is_dead)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        self._running.wait()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        if self._running.poll() is None:
            self._signal(signal.SIGCONT)

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def _why_it_is_dead(self) -> str | None:
        if self._running.poll() is None:
            return None
        return _last_line((Path(self._folder.name) / "kafka.log").read_text(errors="replace"))

    @property
    def _running(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process

    def _signal(self, what: signal.Signals) -> None:
        os.kill(self._running.pid, what)


class Contained:
    """A container of the official image."""

    can_die = True
    session_seconds = 1.0

    def __init__(self) -> None:
        self._port = _free_port()
        self.detour = Detour()
        self._id = ""
        self._is_frozen = False
        self.address = f"127.0.0.1:{self._port}"

    def start(self) -> None:
        if self._id:
            _docker("start", self._id)
        else:
            _remove_orphans()
            given = [f"--env={name}={value}" for name, value in self._environment().items()]
            published = [f"--publish=127.0.0.1:{port}:{port}" for port in (self._port, self.detour.inner)]
            self._id = _docker("create", *published, f"--label={OWNER}={os.getpid()}", *given, IMAGE)
            _docker("start", self._id)
        _wait_until_it_answers(self.address, why_dead=self._why_it_is_dead)

    def _environment(self) -> dict[str, str]:
        told = {f"KAFKA_{name.upper().replace('.', '_')}": str(value) for name, value in self._settings().items()}
        # Ours must take the place of the image's own: a Java machine that is told of two collectors ends at once.
        return told | {"KAFKA_HEAP_OPTS": " ".join(broker.HEAP), "KAFKA_JVM_PERFORMANCE_OPTS": " ".join(broker.SMALL)}

    def _settings(self) -> dict[str, object]:
        of_our_own = broker.Broker(Path("/tmp"), port=self._port, controller_port=9093)._settings()  # noqa: S108
        contained = of_our_own | {
            "listeners": f"PLAINTEXT://:{self._port},CONTROLLER://:9093",
            "controller.quorum.voters": "1@localhost:9093",
            "log.dirs": "/tmp/kafka-logs",  # noqa: S108 - inside the container
            "group.min.session.timeout.ms": round(self.session_seconds * 1000),
        }
        return contained | self.detour.settings(contained, host="")

    def _why_it_is_dead(self) -> str | None:
        if _docker("inspect", "--format={{.State.Running}}", self._id) == "true":
            return None
        return _last_line(_docker("logs", "--tail=5", self._id))

    def kill(self) -> None:
        _docker("kill", self._id)
        _docker("wait", self._id)

    def freeze(self) -> None:
        _docker("pause", self._id)
        self._is_frozen = True

    def thaw(self) -> None:
        if self._is_frozen:
            _docker("unpause", self._id)
        self._is_frozen = False

    def close(self) -> None:
        if self._id:
            _docker("rm", "--force", "--volumes", self._id)


class Imitation:
    """Librdkafka's mock cluster: speaks the protocol, keeps everything in memory, survives nothing."""

    can_die = False
    session_seconds = 6.0
    detour = None

    def __init__(self) -> None:
        self.address = ""
        self._cluster: Any = None

    def start(self) -> None:
        confluent_kafka: Any = importlib.import_module("confluent_kafka")
        self._cluster = confluent_kafka.Producer({"bootstrap.servers": "", "test.mock.num.brokers": 1})
        (node,) = self._cluster.list_topics().brokers.values()
        self.address = f"{node.host}:{node.port}"

    def kill(self) -> None:
        raise NotImplementedError

    freeze = thaw = kill

    def close(self) -> None:
        self._cluster = None


KINDS: dict[str, tuple[str, type[Broker]]] = {
    "named": (f"the one that {ADDRESS} names", Named),
    "docker": (f"a container of {IMAGE}", Contained),
    "jars": ("Apache Kafka 4.1.1 on this machine's Java", Own),
    "imitation": ("librdkafka's imitation, which can't be killed: install Java and Maven, or Docker", Imitation),
}


fell_back: list[str] = []
"""What was there in this run and did not start, why, and what was used instead."""


@cache
def kinds() -> tuple[str, ...]:
    """Which Kafkas are here, by their names in `KINDS`, the best first."""
    if chosen := os.environ.get(CHOICE):
        return (chosen,)
    if os.environ.get(ADDRESS):
        return ("named",)
    return tuple(_found())


def _found() -> Iterator[str]:
    if _docker_has_it():
        yield "docker"
    if _can_run_our_own():
        yield "jars"
    if importlib.util.find_spec("confluent_kafka"):
        yield "imitation"


def started(among: Iterable[str]) -> Broker:
    """The first of these that starts; whoever calls closes it."""
    failed: list[str] = []
    for name in among:
        what, make = KINDS[name]
        broker = make()
        try:
            broker.start()
        except DidNotStartError as error:
            broker.close()
            failed.append(f"{what} does not start ({error})")
        else:
            fell_back.extend(f"kafka: {why}; used instead: {what}" for why in failed)
            return broker
    raise DidNotStartError("; ".join(failed))


def told() -> str:
    """The best of them in words, for the head of a test run."""
    if not kinds():
        return "kafka: none, its tests are skipped: install Java and Maven, or Docker"
    best, *others = (KINDS[name][0] for name in kinds())
    return f"kafka: {best}" + (f"; if it does not start: {others[0]}" if others else "")


def _docker_has_it() -> bool:
    if shutil.which("docker") is None:
        return False
    try:
        _docker("image", "inspect", IMAGE)
    except DidNotStartError:
        return False
    return True


def _can_run_our_own() -> bool:
    try:
        broker.java()
    except NoBrokerError:
        return False
    return broker.JARS.exists() or shutil.which("mvn") is not None


def _docker(*arguments: str) -> str:
    """What it says, errors and logs too."""
    asked = ["docker", *arguments]
    try:
        done = subprocess.run(
            asked, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=DOCKER_SECONDS_MAX, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise DidNotStartError(f"docker {arguments[0]} takes longer than {DOCKER_SECONDS_MAX} s") from error
    if done.returncode != 0:
        raise DidNotStartError(f"docker {arguments[0]}: {_last_line(done.stdout)}")
    return done.stdout.strip()


def _remove_orphans() -> None:
    """Containers of runs that were killed before they could remove them."""
    listed = _docker("ps", "--all", f"--filter=label={OWNER}", f'--format={{{{.ID}}}} {{{{.Label "{OWNER}"}}}}')
    for each, _, owner in (line.partition(" ") for line in listed.splitlines()):
        if not Path("/proc", owner).exists():
            _docker("rm", "--force", "--volumes", each)


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


API_VERSIONS = struct.pack(">ihhih", 10, 18, 0, 1, -1)
"""The one question that every broker answers to everybody."""


def _wait_until_it_answers(address: str, *, why_dead: Callable[[], str | None] = lambda: None) -> None:
    """A port that is open may be Docker's; so it is asked something. `why_dead` ends the wait."""
    host, _, port = address.rpartition(":")
    deadline = time.monotonic() + START_SECONDS_MAX
    while not _answers(host, int(port)):
        if why := why_dead():
            raise DidNotStartError(why)
        if time.monotonic() > deadline:
            raise DidNotStartError(f"nothing answers at {address} after {START_SECONDS_MAX:.0f} s")
        time.sleep(0.05)


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2) as connection:
            connection.sendall(API_VERSIONS)
            return len(connection.recv(4)) == 4
    except OSError:
        return False
