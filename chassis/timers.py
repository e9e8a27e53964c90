"""The clock door: work that is due because time has passed, run by one process at a time."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import func, select

from chassis import telemetry, trail
from chassis.clock import new_id
from chassis.errors import Unavailable
from chassis.health import Pulse
from chassis.stopping import Stopping

if TYPE_CHECKING:
    from chassis.context import Context

log = structlog.get_logger()

AGAIN_SECONDS = 30.0
"""After a failure, a timer that ticks less often than this does not wait for its next tick."""

Work = Callable[["Context"], Awaitable[int]]
"""Does what is due now and returns how much that was; opens its own transactions."""


@dataclass(frozen=True, slots=True)
class Timer:
    name: str
    seconds: float
    do: Work
    is_vital: bool = True
    """Whether `/ready` turns red when it fails; what tidies up may wait."""


def every(*, seconds: float, do: Work, is_vital: bool = True) -> Timer:
    """Run `do` this often; the first time at once."""
    return Timer(do.__name__, seconds, do, is_vital)


async def run_once(context: "Context", timer: Timer) -> int:
    """One run under the timer's advisory lock; 0 when another process is at it."""
    async with context.db.engine.connect() as connection:
        key = select(func.hashtextextended(timer.name, 0)).scalar_subquery()
        if not await connection.scalar(select(func.pg_try_advisory_lock(key))):
            return 0
        await connection.commit()
        try:
            with trail.following(trail.Trail(new_id())), telemetry.span(f"timer {timer.name}"):
                return await timer.do(context)
        finally:
            await connection.scalar(select(func.pg_advisory_unlock(key)))


async def run(context: "Context", timer: Timer, pulse: Pulse, stopping: Stopping) -> None:
    """Run until it is time to stop; a failure is logged and tried again."""
    telemetry.keeps(context.service, timer.name)
    while not stopping.is_set():
        rest = timer.seconds
        try:
            done = await run_once(context, timer)
            pulse.beat()
            telemetry.TIMER_RUNS.labels(context.service, timer.name, "ok").inc()
            if done:
                log.info("timer.done", timer=timer.name, count=done)
        except Exception as error:
            if isinstance(error, Unavailable):
                pulse.beat()  # a peer is away: it says so itself, and we are well
            else:
                pulse.failed(error)
            rest = min(rest, AGAIN_SECONDS)
            telemetry.TIMER_RUNS.labels(context.service, timer.name, "failed").inc()
            log.warning("timer.failed", timer=timer.name, exc_info=error)
        await stopping.rest(rest)
