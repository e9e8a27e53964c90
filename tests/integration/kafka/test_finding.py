"""Which Kafka a run uses: the best that starts, and not merely the best that is there."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import kafka

Engine = Callable[[str], None]


@pytest.fixture(autouse=True)
def _a_run_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(kafka.CHOICE, raising=False)
    monkeypatch.delenv(kafka.ADDRESS, raising=False)
    monkeypatch.setattr(kafka, "fell_back", [])
    kafka.kinds.cache_clear()
    yield
    kafka.kinds.cache_clear()


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Puts a `docker` in front of the real one that has the image, and does with a container what the script says."""

    def install(script: str) -> None:
        docker = tmp_path / "docker"
        docker.write_text(f'#!/bin/sh\ncase "$1" in image) exit 0 ;; create) echo 4f5a ;; {script} esac\n')
        docker.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    return install


@pytest.fixture
def another(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A broker at an address of its own, as far as the first question goes."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        monkeypatch.setenv(kafka.ADDRESS, f"127.0.0.1:{door.getsockname()[1]}")

        def answer() -> None:
            caller, _ = door.accept()
            with caller:
                caller.recv(64)
                caller.sendall(bytes(4))

        answering = threading.Thread(target=answer)
        answering.start()
        yield f"127.0.0.1:{door.getsockname()[1]}"
        answering.join()


def test_an_engine_that_can_not_run_the_image_is_passed_over_and_that_is_told(engine: Engine, another: str) -> None:
    engine("start) echo 'cannot set up iptables' >&2; exit 1 ;;")

    broker = kafka.started(["docker", "named"])

    assert broker.address == another
    [told] = kafka.fell_back
    assert "docker start: cannot set up iptables" in told
    assert "used instead: the one that KAFKA_BOOTSTRAP_SERVERS names" in told


def test_a_broker_that_dies_as_it_starts_is_not_waited_for(engine: Engine, another: str) -> None:
    engine("inspect) echo false ;; logs) echo 'Multiple garbage collectors selected' ;;")

    broker = kafka.started(["docker", "named"])

    assert broker.address == another
    assert "(Multiple garbage collectors selected)" in kafka.fell_back[0]


def test_when_none_starts_all_reasons_are_told(engine: Engine) -> None:
    engine("start) echo 'no space left on device' >&2; exit 1 ;;")

    with pytest.raises(kafka.DidNotStartError, match="no space left on device"):
        kafka.started(["docker"])


def test_an_engine_without_the_image_is_not_asked_to_fetch_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\nexit 1\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    assert "docker" not in kafka.kinds()


def test_one_that_was_asked_for_by_name_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kafka.CHOICE, "jars")

    assert kafka.kinds() == ("jars",)
    assert "if it does not start" not in kafka.told()
