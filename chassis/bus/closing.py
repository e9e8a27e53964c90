"""Ends aiokafka's clients within a known time, whatever the brokers do, and leaves none of their tasks behind.

With the broker gone, a producer's `stop()` waits for ever, and a consumer's may raise `CancelledError` into whoever
called it and leave its connections open. Nothing is lost by not waiting: offsets are committed by us or not at all.
"""

import asyncio
from collections.abc import Awaitable, Iterator
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

GOODBYE_SECONDS = 2.0
"""For leaving the group; a member that does not leave is missed after its session."""
CLOSING_SECONDS = 1.0


async def put_down(kafka: AIOKafkaConsumer) -> None:
    """Leave the group if the broker answers, then close."""
    await _within(kafka.stop(), GOODBYE_SECONDS)
    await _end(list(_tasks_of(kafka)))
    await _within(kafka._client.close(), CLOSING_SECONDS)


async def throw_away(kafka: AIOKafkaProducer) -> None:
    """Close without sending what is still there."""
    kafka._closed = True  # its stop() would first send everything, however long that takes
    sending = kafka._sender.sender_task
    if sending is not None:
        sending.cancel()
    await _within(kafka.client.close(), CLOSING_SECONDS)  # whatever is on its way ends with its connection
    await _end([sending])
    await _within(kafka.client.close(), CLOSING_SECONDS)  # something may have connected again meanwhile


def _tasks_of(kafka: AIOKafkaConsumer) -> Iterator["asyncio.Task[Any] | None"]:
    """What runs for a consumer in the background; all of it is done if its `stop()` went through."""
    group, fetcher = kafka._coordinator, kafka._fetcher
    if group is not None and kafka._group_id is not None:
        yield from (group._coordination_task, group._heartbeat_task, group._commit_refresh_task)
    if fetcher is not None:
        yield from (fetcher._fetch_task, *fetcher._pending_tasks)


async def _end(tasks: list["asyncio.Task[Any] | None"]) -> None:
    running = [task for task in tasks if task is not None and not task.done()]
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running, timeout=CLOSING_SECONDS)


async def _within(closing: Awaitable[None], seconds: float) -> None:
    """Raises only if we ourselves are cancelled: a cancellation that the client made up is not ours."""
    task = asyncio.current_task()
    cancelled_before = task.cancelling() if task else 0
    try:
        await asyncio.wait_for(closing, seconds)
    except (KafkaError, OSError, TimeoutError):
        return
    except asyncio.CancelledError:
        if task and task.cancelling() > cancelled_before:
            raise
