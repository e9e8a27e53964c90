"""A replica of the marks service in a process of its own, to be frozen and killed: `replica.py DATABASE_URL`.

Kafka is named by the environment, as for any process of ours.
"""

import asyncio
import sys

from pydantic import SecretStr

from chassis.bus.kafka import KafkaSettings
from chassis.bus.listening import Listener
from chassis.db import Database
from chassis.inbox import Consumer
from chassis.settings import ServiceSettings, read
from tests.support import marks


async def listen(url: str) -> None:
    db = Database(ServiceSettings(database_url=SecretStr(url)), name="marks")
    consumer = Consumer(db, {marks.MarkMade: marks.on_mark_made}, name="marks")
    await Listener(consumer, read(KafkaSettings), topics=["marks"]).run()


if __name__ == "__main__":
    asyncio.run(listen(sys.argv[1]))
