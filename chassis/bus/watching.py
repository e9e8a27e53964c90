"""Whether a listener gets on, asked from outside its loop: a client that hangs gives no other sign."""

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import IllegalStateError, KafkaError
from aiokafka.structs import TopicPartition

from chassis import telemetry
from chassis.bus.membership import TURN_SECONDS, Membership
from chassis.health import Pulse

if TYPE_CHECKING:
    from chassis.bus.kafka import KafkaSettings

ASK_SECONDS = 5.0
ASK_AGAIN_SECONDS = 20.0
"""How often a member without partitions asks who has them."""


class NotGettingOn(Exception):
    """What a listener that does not get on is found at; goes away by itself, or with a new membership."""


class Hangs(NotGettingOn):
    """The loop does not come round."""


class Stalls(NotGettingOn):
    """Facts are there, none is taken, and nobody waits to try again."""


class HasNothing(NotGettingOn):
    """No partition is ours although there are more partitions than members."""


class TopicIsGone(NotGettingOn):
    """A topic that we listen to is not there; the client itself would look again only after a minute."""


class IsUnheard(NotGettingOn):
    """The brokers do not answer."""


class Waits(NotGettingOn):
    """Facts were put back and wait to be tried again: no new membership would change that."""


class Watch:
    def __init__(self, membership: Membership, settings: "KafkaSettings", *, service: str, pulse: Pulse) -> None:
        self._membership = membership
        self._settings = settings
        self._service = service
        self._pulse = pulse
        self._well_at = time.monotonic()
        self._behind: dict[TopicPartition, tuple[int, float]] = {}
        """Position of each partition that has something to take, and since when it stands there."""
        self._told: set[TopicPartition] = set()
        self._asked_at = float("-inf")
        self._misses_out = False

    async def keep(self) -> None:
        """Beat while all is well; raises what is wrong once it has lasted, so that somebody begins anew."""
        while True:
            await asyncio.sleep(self._settings.watch_seconds)
            try:
                await self._look()
            except IllegalStateError:
                continue  # partitions came or went while we asked: ask again
            except Waits as waits:
                self._pulse.failed(waits)
                self._well_at = time.monotonic()
            except NotGettingOn as problem:
                self._pulse.failed(problem)
                if time.monotonic() - self._well_at > self._settings.rebuild_seconds:
                    raise
            else:
                self._pulse.beat()
                self._well_at = time.monotonic()

    async def _look(self) -> None:
        behind = await self._lag()
        if time.monotonic() - self._membership.turned_at > TURN_SECONDS:
            raise Hangs
        if self._membership.lacks_a_topic():
            raise TopicIsGone
        if not behind and await self._is_missing_out():
            raise HasNothing
        has_stalled = self._has_stalled(behind)
        if self._membership.retries.waiting():
            raise Waits
        if has_stalled:
            raise Stalls

    async def _lag(self) -> dict[TopicPartition, tuple[int, int]]:
        """Position of each partition that is ours, and how many facts lie behind it; asked of the brokers."""
        kafka = self._membership.kafka
        try:
            async with asyncio.timeout(ASK_SECONDS):
                mine = kafka.assignment()
                ends = await kafka.end_offsets(mine) if mine else await self._hello()
                positions = {place: await kafka.position(place) for place in ends}
        except IllegalStateError:
            raise
        except (KafkaError, OSError, TimeoutError) as error:
            raise IsUnheard from error
        lag = {place: (positions[place], max(0, end - positions[place])) for place, end in ends.items()}
        self._tell({place: facts for place, (_, facts) in lag.items()})
        return lag

    async def _hello(self) -> dict[TopicPartition, int]:
        """Without partitions there is nothing else to ask."""
        await self._membership.kafka.topics()
        return {}

    def _tell(self, lag: Mapping[TopicPartition, int]) -> None:
        for place, facts in lag.items():
            telemetry.LAG.labels(self._service, place.topic, str(place.partition)).set(facts)
        for gone in self._told - lag.keys():
            telemetry.LAG.remove(self._service, gone.topic, str(gone.partition))
        self._told = set(lag)

    def _has_stalled(self, lag: Mapping[TopicPartition, tuple[int, int]]) -> bool:
        """Whether a partition stands where it stood long ago although facts lie behind it."""
        now = time.monotonic()
        behind: dict[TopicPartition, tuple[int, float]] = {}
        for place, (position, facts) in lag.items():
            stood, since = self._behind.get(place, (-1, now))
            if facts:
                behind[place] = (position, since if stood == position else now)
        self._behind = behind
        return any(now - since > self._settings.stall_seconds for _, since in behind.values())

    async def _is_missing_out(self) -> bool:
        """Whether the group has fewer members than partitions: then some of them should be ours."""
        if time.monotonic() - self._asked_at < ASK_AGAIN_SECONDS:
            return self._misses_out
        self._asked_at = time.monotonic()
        self._misses_out = await self._members() < self._membership.partitions()
        return self._misses_out

    async def _members(self) -> int:
        admin = AIOKafkaAdminClient(**self._settings.connection(), client_id=f"needlepoint-{self._service}-watch")
        try:
            async with asyncio.timeout(ASK_SECONDS):
                await admin.start()
                answer: Any
                (answer,) = await admin.describe_consumer_groups([self._settings.topic(self._service)])
        except (KafkaError, OSError, TimeoutError) as error:
            raise IsUnheard from error
        finally:
            await admin.close()
        return sum(len(group[-1]) for group in answer.groups)

    def forget(self) -> None:
        """What is told of partitions that were ours."""
        self._tell({})
