"""Structured logs: one line a fact, and no key that was not allowed beforehand (CP-14, I19)."""

import logging
import sys
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from chassis import trail

ALLOWED_KEYS = frozenset(
    """
    event level timestamp logger service correlation_id causation_id actor
    method route status seconds code error_class frames
    fact message_id consumer topic aggregate aggregate_id aggregate_version outcome
    count attempt parked published behind retry_seconds port role version revision
    location_id appointment_id patient_id package_id invoice_id payment_id lot_id item_id
    template channel reason timer staff_id path database rule
    """.split()  # noqa: SIM905 - sixty words read better than sixty strings
)
"""Names of things, opaque ids and counts; never a query string, a body, or a name of a person."""


def drop_unknown_keys(_: WrappedLogger, __: str, event_dict: EventDict) -> EventDict:
    """What is not on the list does not reach the log, whoever wrote it there."""
    unknown = [key for key in event_dict if key not in ALLOWED_KEYS]
    for key in unknown:
        del event_dict[key]
    return event_dict


def without_values(_: WrappedLogger, __: str, event_dict: EventDict) -> EventDict:
    """An exception leaves its class and its places in the code, not its text: the text may quote a patient."""
    error = event_dict.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event_dict["error_class"] = type(error).__name__
        event_dict["frames"] = _frames(error)
    return event_dict


def _frames(error: BaseException, *, most: int = 8) -> list[str]:
    places: list[str] = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    return places[-most:]


def configure(*, level: str = "INFO", style: Literal["json", "console"] = "json", file: TextIO | None = None) -> None:
    """Set up structlog for the process; call once, from a command, never on import. Without a file: stderr."""
    out = file or sys.stderr
    chain: list[Processor] = [
        trail.in_the_line,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_values,
        drop_unknown_keys,
    ]
    chain.append(
        structlog.processors.JSONRenderer() if style == "json" else structlog.dev.ConsoleRenderer(colors=out.isatty())
    )
    structlog.configure(
        processors=chain,
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=out),  # a line in one piece: replicas may share a file
        cache_logger_on_first_use=False,
    )
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # would say ten times a second that a broker is away
    logging.basicConfig(level=logging.WARNING, handlers=[Libraries()])


class Libraries(logging.Handler):
    """What libraries warn of, as lines like ours: who and where, without the text, which may quote anything."""

    def emit(self, record: logging.LogRecord) -> None:
        place = f"{record.filename}:{record.lineno} {record.funcName}"
        structlog.get_logger().log(
            record.levelno, "library.warned", logger=record.name, frames=[place], exc_info=record.exc_info
        )
