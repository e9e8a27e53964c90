"""Nothing about a person reaches a log, whatever a careless line passes on (CP-14, I19)."""

import io
import json
import logging
from typing import Any

import structlog

from chassis import log

CANARY = "Amelia Bennett amelia@example.com"


def written(logged: io.StringIO) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(logged.getvalue())
    return found


def test_a_key_that_is_not_on_the_list_is_dropped(logged: io.StringIO) -> None:
    structlog.get_logger().info("patient.registered", patient_id="0199", patient_name=CANARY, note=CANARY)

    assert "Amelia" not in logged.getvalue()
    assert written(logged)["patient_id"] == "0199"


def test_an_exception_leaves_its_class_and_its_place_but_not_its_text(logged: io.StringIO) -> None:
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        structlog.get_logger().error("request.failed", exc_info=error)

    assert "Amelia" not in logged.getvalue()
    assert written(logged)["error_class"] == "ValueError"
    assert any("test_log.py" in frame for frame in written(logged)["frames"])


def test_what_a_library_warns_of_is_a_line_of_ours_without_its_text(logged: io.StringIO) -> None:
    warned = logging.LogRecord("aiokafka.cluster", logging.WARNING, __file__, 1, CANARY, (), None)

    log.Libraries().emit(warned)

    assert "Amelia" not in logged.getvalue()
    assert (written(logged)["logger"], written(logged)["event"]) == ("aiokafka.cluster", "library.warned")
