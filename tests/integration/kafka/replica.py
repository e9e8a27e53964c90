"""A replica of the marks service in a process of its own, to be frozen and killed: `replica.py listen DATABASE_URL`.

Or `replica.py relay DATABASE_URL`: it relays, and keeps its lock for a second after it was last heard of.

Kafka is named by the environment, as for any process of ours.
"""

import asyncio
import sys

from pydantic import SecretStr

from chassis.bus.kafka import KafkaCarrier, KafkaSettings
from chassis.bus.listening import Listener
from chassis.db import Database
from chassis.inbox import Consumer
from chassis.relay import Relay
from chassis.settings import ServiceSettings, read
from tests.support import marks


async def listen(db: Database) -> None:
    consumer = Consumer(db, {marks.MarkMade: marks.on_mark_made}, name="marks")
    await Listener(consumer, read(KafkaSettings), topics=["marks"]).run()


async def relay(db: Database) -> None:
    await Relay(db, KafkaCarrier(read(KafkaSettings), name="marks"), lease_seconds=1).run()


if __name__ == "__main__":
    role, url = sys.argv[1:]
    database = Database(ServiceSettings(database_url=SecretStr(url)), name="marks")
    asyncio.run({"listen": listen, "relay": relay}[role](database))
