"""`needlepoint demo`: walks one booking through all services and prints the facts it makes."""

import asyncio
from contextlib import AsyncExitStack
from typing import Annotated

import typer
from rich.console import Console

from chassis.clock import SystemClock
from cli.api import Api, Credentials
from cli.connection import DEFAULT_URL
from cli.refusal import told_plainly
from cli.story.walk import People, Walk
from embedded.demo.stage import PASSWORD

DESK, NURSE, OWNER = "desk@example.com", "nurse@example.com", "owner@example.com"


@told_plainly
def demo(
    url: Annotated[str, typer.Option(envvar="NEEDLEPOINT_URL", help="Where Needlepoint answers.")] = DEFAULT_URL,
    password: Annotated[
        str, typer.Option(envvar="NEEDLEPOINT_DEMO_PASSWORD", help="Of the demo users.", show_default=False)
    ] = PASSWORD,
) -> None:
    """Walk one visit through a running demo chain and print each fact as it happens, below what caused it.

    Registers a patient, sells a package, books the first free time, leads the visit to its signed record, and waits
    until money, stock, aftercare and recall have followed. It uses nothing but the public HTTP interface.

    For example:

      needlepoint up                                    in one terminal

      needlepoint demo                                  in another one

      needlepoint demo --url http://127.0.0.1:8001
    """
    asyncio.run(_walk(url, password))


async def _walk(url: str, password: str) -> None:
    console = Console(soft_wrap=True)
    async with AsyncExitStack() as stack:
        people = []
        for email in (DESK, NURSE, OWNER):
            api = await stack.enter_async_context(Api(url, Credentials(email=email, password=password)))
            await api.sign_in()
            people.append(api)
        await Walk(People(*people), SystemClock(), console).walk()
    console.print("Everything that must follow has followed.", style="bold green")
