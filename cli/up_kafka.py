"""`needlepoint up-kafka`: the chain of clinics as separate processes over a real Kafka, on this machine."""

import asyncio
import os
import time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from aiokafka.errors import KafkaError

from chassis.bus import topics
from chassis.bus.kafka import KafkaSettings
from chassis.server import Server, on_first_signal, on_signal
from chassis.settings import read
from cli.greeting import Greeting, demo_bar, greet
from cli.refusal import told_plainly
from cli.topics import wanted as wanted_topics
from cli.up import Data, Start, opened, run_until_stopped
from embedded import databases
from embedded.chain import manifests
from embedded.demo.load import WHOLE_STORY
from embedded.opening import make_ready
from embedded.postgres import Cluster
from embedded.secrets import Secrets
from embedded.supervision import keep_running
from processes.broker import Broker, NoBrokerError, must_run
from processes.children import Program
from processes.door import Door
from processes.layout import Layout, Surroundings, Wanted, free_ports
from processes.system import System

DEFAULT_DATA = Path("data-kafka")
BROKERS = "KAFKA_BOOTSTRAP_SERVERS"
CONNECTIONS = {"max_connections": "400"}
"""Every process has a pool of its own."""
BROKER_SECONDS_MAX = 180.0
AGAIN_SECONDS = 0.3


@told_plainly
def up_kafka(
    port: Annotated[int, typer.Option(help="Port of the web front end and the API.", min=0, max=65535)] = 8000,
    data: Data = DEFAULT_DATA,
    *,
    no_demo: Annotated[bool, typer.Option("--no-demo", help="Begin with an empty chain of your own.")] = False,
    together: Annotated[bool, typer.Option(help="One process a service, instead of an api and a worker.")] = False,
    apis: Annotated[int, typer.Option(help="Processes of each service that answer HTTP.", min=1, max=8)] = 1,
    workers: Annotated[int, typer.Option(help="Processes of each service that relay and listen.", min=1, max=8)] = 1,
) -> None:
    """Start every service as processes of its own, over a real Kafka, and stay until Ctrl-C.

    For trying out on one machine what a deployment does on several. It needs Java 17 or newer and Maven, which fetches
    Kafka once; or name brokers of your own with KAFKA_BOOTSTRAP_SERVERS.

    For example:

      needlepoint up-kafka

      needlepoint up-kafka --together --port 8001

      KAFKA_BOOTSTRAP_SERVERS=localhost:9092 needlepoint up-kafka --workers 2
    """
    if not os.environ.get(BROKERS):
        must_run()
    with opened(data, "127.0.0.1", port, with_demo=not no_demo) as start:
        run_until_stopped(start, partial(_run, start, Wanted(together, apis, workers)), settings=CONNECTIONS)


async def _run(start: Start, wanted: Wanted, cluster: Cluster) -> None:
    """From a folder, empty or full, to a running system, until a signal."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine always runs in one
    on_signal(task.cancel)
    services = manifests(cluster, Secrets(start.folder))
    with demo_bar(start.console) as advance:
        demo = WHOLE_STORY if start.with_demo else None
        held = await make_ready(start.folder, cluster, services, demo=demo, advance=advance)
    has_staff = await databases.has_facts(cluster, "identity")
    keeper = asyncio.create_task(keep_running(cluster, tell=start.tell), name="PostgreSQL's keeper")
    system = System(start.folder, tell=start.tell)
    try:
        around = Surroundings(start.folder, start.url, await _brokers(start, system), held.accounts)
        layout = Layout(services, wanted, around)
        for program in layout.programs():
            system.start(program)
        door = Door(layout.apis, layout.web, watched=layout.watched)
        greeting = asyncio.create_task(_greet(start, door, Greeting(start.url, start.folder, held, has_staff)))
        await _serve(start, door, system)
        greeting.cancel()
    finally:
        await system.stop()
        keeper.cancel()


async def _brokers(start: Start, system: System) -> str:
    """The address of a Kafka that has our topics: one that somebody names, else one of our own."""
    address = os.environ.get(BROKERS)
    with start.console.status("Starting Kafka (the first time, Maven fetches it)"):
        if not address:
            port, controller_port = free_ports(2)
            broker = Broker(start.folder / "kafka", port=port, controller_port=controller_port)
            await asyncio.to_thread(broker.prepare)
            system.start(Program("kafka", broker.command, port=port, watched=False))
            address = broker.address
        await _create_topics(read(KafkaSettings, bootstrap_servers=address))
    return address


async def _create_topics(settings: KafkaSettings) -> None:
    """As soon as the brokers answer."""
    deadline = time.monotonic() + BROKER_SECONDS_MAX
    while True:
        try:
            await topics.ensure(settings, list(wanted_topics()))
        except (KafkaError, OSError, TimeoutError) as error:
            if time.monotonic() > deadline:
                raise NoBrokerError(f"nothing at {settings.bootstrap_servers} answers as a Kafka does") from error
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            return


async def _greet(start: Start, door: Door, greeting: Greeting) -> None:
    """Once everybody can work."""
    with start.console.status("Starting the services") as status:
        while stuck := await door.stuck():
            status.update(f"Starting {len(stuck)} processes")
            await asyncio.sleep(AGAIN_SECONDS)
    greet(start.console, greeting)
    start.console.print(
        f"Who runs where: {start.folder / 'processes.json'}   Their logs: {start.folder / 'logs'}",
        style="dim",
        highlight=False,
    )


async def _serve(start: Start, door: Door, system: System) -> None:
    """Until a signal; then everybody finishes at the same time."""
    server = Server(door)
    on_first_signal(server.stop)
    serving = asyncio.create_task(server.serve(sockets=[start.door]))
    await server.told_to_stop.wait()
    await asyncio.gather(serving, system.stop())
    await door.close()
