"""Nothing about a person reaches a log, whatever a careless line passes on (CP-14, I19)."""

import io
import json
import logging
from typing import Any

import pytest
import structlog

from chassis import log

CANARY = "Amelia Bennett amelia@example.com"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    log.configure()
    return out


def written(lines: io.StringIO) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lines.getvalue())
    return found


def test_a_key_that_is_not_on_the_list_is_dropped(lines: io.StringIO) -> None:
    structlog.get_logger().info("patient.registered", patient_id="0199", patient_name=CANARY, note=CANARY)

    assert "Amelia" not in lines.getvalue()
    assert written(lines)["patient_id"] == "0199"


def test_an_exception_leaves_its_class_and_its_place_but_not_its_text(lines: io.StringIO) -> None:
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        structlog.get_logger().error("request.failed", exc_info=error)

    assert "Amelia" not in lines.getvalue()
    assert written(lines)["error_class"] == "ValueError"
    assert any("test_log.py" in frame for frame in written(lines)["frames"])


def test_what_a_library_warns_of_is_a_line_of_ours_without_its_text(lines: io.StringIO) -> None:
    warned = logging.LogRecord("aiokafka.cluster", logging.WARNING, __file__, 1, CANARY, (), None)

    log.Libraries().emit(warned)

    assert "Amelia" not in lines.getvalue()
    assert (written(lines)["logger"], written(lines)["event"]) == ("aiokafka.cluster", "library.warned")
