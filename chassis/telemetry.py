"""Traces and metrics: W3C trace context through HTTP and facts, and the gauges that operators watch."""

from contextlib import AbstractContextManager, nullcontext

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Gauge, Histogram

_PROPAGATOR = TraceContextTextMapPropagator()
_TRACER = trace.get_tracer("needlepoint")
_NO_SPAN: AbstractContextManager[trace.Span] = nullcontext(trace.INVALID_SPAN)

REQUESTS = Histogram(
    "needlepoint_http_request_seconds",
    "Requests by service, route template and status.",
    ("service", "method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
PUBLISHED = Counter("needlepoint_outbox_published_total", "Facts handed to the bus and acknowledged.", ("service",))
UNPUBLISHED = Gauge("needlepoint_outbox_unpublished", "Facts waiting in the outbox.", ("service",))
OLDEST_UNPUBLISHED = Gauge("needlepoint_outbox_oldest_seconds", "Age of the oldest waiting fact.", ("service",))
HANDLED = Counter("needlepoint_facts_handled_total", "Facts by outcome.", ("service", "outcome"))
PARKED = Gauge("needlepoint_parked_messages", "Messages put aside until somebody looks.", ("service",))
LAG = Gauge("needlepoint_consumer_lag", "Facts on the bus that are not taken yet.", ("service", "topic", "partition"))
RETRIES = Counter("needlepoint_consumer_retries_total", "Partitions put back to be tried again.", ("service",))
REBALANCES = Counter("needlepoint_consumer_rebalances_total", "Partitions given away or taken over.", ("service",))
REBUILDS = Counter("needlepoint_listener_rebuilds_total", "Listeners begun anew after a failure.", ("service",))
DEAD_LETTERS = Counter("needlepoint_dead_letters_total", "Records that could not be handled.", ("service", "error"))
TIMER_RUNS = Counter("needlepoint_timer_runs_total", "Runs of the clock door.", ("service", "timer", "outcome"))


def listens(service: str) -> None:
    """Let its counters of trouble begin at zero: of one that begins at one, nobody sees the first time."""
    for each in (RETRIES, REBALANCES, REBUILDS):
        each.labels(service)


def keeps(service: str, timer: str) -> None:
    """The same for a timer that may fail."""
    for outcome in ("ok", "failed"):
        TIMER_RUNS.labels(service, timer, outcome)


def traceparent() -> str | None:
    """The present span as a W3C `traceparent`, or None outside a trace."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


def span(name: str, *, parent: str | None = None) -> AbstractContextManager[trace.Span]:
    """A span that goes on where `parent` (a `traceparent`) left off; nothing at all where nobody traces."""
    if parent is None and isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        return _NO_SPAN
    context = _PROPAGATOR.extract({"traceparent": parent}) if parent else Context()
    return _TRACER.start_as_current_span(name, context=context)
