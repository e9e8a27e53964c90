"""A Kafka of this machine's own, in a folder: the real broker, one node, out of Maven Central's jars.

For trying things out and for tests: what is written to it is on one disk only.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from embedded.preflight import CannotStartError

HERE = Path(__file__).parent
POM = HERE / "kafka" / "pom.xml"
JARS = HERE.parent / "build" / "kafka"
"""Fetched once for this clone."""
COPY_JARS = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
CLUSTER_ID = "bmVlZGxlcG9pbnQtMDE"
"""Any 16 bytes; the folder belongs to this cluster alone."""
JAVA_MIN = 17
HEAP = ("-Xms128m", "-Xmx384m")
SMALL = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""For a broker that shares a small machine with everything else."""


class NoBrokerError(CannotStartError):
    """Kafka can't run here; says what is missing and what else can be done."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"No Kafka can be started here: {why}.\n"
            f"Install Java {JAVA_MIN} or newer and Maven, or name a broker: KAFKA_BOOTSTRAP_SERVERS=host:9092"
        )


class Broker:
    """One broker on one folder; `prepare` it, then run `command`."""

    def __init__(self, folder: Path, *, port: int, controller_port: int) -> None:
        self.folder = folder
        self.port = port
        self._controller_port = controller_port
        self._properties = folder / "server.properties"

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def command(self) -> list[str]:
        return [*self._java(), *HEAP, *SMALL, "kafka.Kafka", str(self._properties)]

    def prepare(self) -> None:
        """Fetch the jars, write the properties, and make the folder a broker's, where that has not been done yet."""
        fetch_jars()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._properties.write_text("".join(f"{name}={value}\n" for name, value in self._settings().items()))
        if not (self.folder / "data" / "meta.properties").exists():
            tool = [*self._java(), "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(self._properties)]
            done = subprocess.run(tool, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
            if done.returncode != 0:
                raise NoBrokerError(f"its folder {self.folder} can't be used ({done.stderr.strip()[-300:]})")

    def _java(self) -> list[str]:
        return [java(), "-cp", f"{JARS}/*", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]

    def _settings(self) -> dict[str, object]:
        return {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@127.0.0.1:{self._controller_port}",
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{self._controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": self.folder / "data",
            "auto.create.topics.enable": "false",
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,  # those who test may want to be missed soon
            # After a kill -9 the broker waits until its earlier self has expired: seconds instead of ten.
            "broker.session.timeout.ms": 1500,
            "broker.heartbeat.interval.ms": 300,
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 8,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
        }


def must_run() -> None:
    """Raise `NoBrokerError` while nothing has been started yet."""
    java()
    if not _are_here():
        _maven()


def _are_here() -> bool:
    """Whether the jars are those that are wanted now."""
    made_from = JARS / POM.name
    return made_from.exists() and made_from.read_bytes() == POM.read_bytes()


def _maven() -> str:
    maven = shutil.which("mvn")
    if maven is None:
        raise NoBrokerError("Maven, which would fetch it, is not installed")
    return maven


def fetch_jars() -> None:
    """Let Maven fetch the jars into their folder, which gets its name only when it is whole."""
    if _are_here():
        return
    raw = JARS.with_name(f"{JARS.name}.{os.getpid()}")
    shutil.rmtree(raw, ignore_errors=True)
    copy = [_maven(), "-B", "-q", "-f", str(POM), "-DincludeScope=runtime", f"-DoutputDirectory={raw}", COPY_JARS]
    done = subprocess.run(copy, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
    if done.returncode != 0:
        shutil.rmtree(raw, ignore_errors=True)
        raise NoBrokerError(f"Maven could not fetch it ({_last_line(done.stdout)})")
    shutil.copy(POM, raw)
    shutil.rmtree(JARS, ignore_errors=True)
    raw.rename(JARS)


def java() -> str:
    """The Java of this machine, if it is new enough."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if found is None:
        raise NoBrokerError("there is no Java")
    said = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < JAVA_MIN:
        raise NoBrokerError(f"the Java in {found} is too old")
    return found


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"
