"""What is said where no Kafka can be started."""

from pathlib import Path

import pytest

from processes import broker
from processes.broker import Broker, NoBrokerError, must_run


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without Java, Maven and jars; what is put into this folder is found."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(broker, "JARS", tmp_path / "jars")
    return tmp_path


def install(folder: Path, name: str, *, says: str = "") -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{says}' >&2\n")
    program.chmod(0o755)


def why_not() -> str:
    with pytest.raises(NoBrokerError) as refused:
        must_run()
    return str(refused.value)


def test_without_java_it_says_so_and_what_else_can_be_done(bare: Path) -> None:
    said = why_not()

    assert "there is no Java" in said
    assert "KAFKA_BOOTSTRAP_SERVERS" in said


def test_an_old_java_is_found_too_old(bare: Path) -> None:
    install(bare, "java", says='openjdk version "11.0.2"')

    assert "too old" in why_not()


def test_without_maven_only_jars_that_are_there_will_do(bare: Path) -> None:
    install(bare, "java", says='openjdk version "17.0.15"')
    missing = why_not()
    (bare / "jars").mkdir()
    (bare / "jars" / "pom.xml").write_bytes(broker.POM.read_bytes())

    must_run()

    assert "Maven" in missing


def test_jars_of_another_release_are_fetched_anew(bare: Path) -> None:
    install(bare, "java", says='openjdk version "17.0.15"')
    (bare / "jars").mkdir()
    (bare / "jars" / "pom.xml").write_text("<project/>")

    assert "Maven" in why_not()


def test_it_listens_on_this_machine_alone(tmp_path: Path) -> None:
    told = Broker(tmp_path, port=19092, controller_port=19093)._settings()

    assert told["listeners"] == "PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093"
