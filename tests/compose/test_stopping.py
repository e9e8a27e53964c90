"""Told to stop in the midst of work, everything ends in order and soon, and goes on where it was."""

import asyncio
import time
from contextlib import suppress

import pytest

from cli.api import ApiError
from tests.compose.test_rolling import nothing_is_lost, visits
from tests.support.containers import JOBS, Containers
from tests.support.site import Site
from tests.support.story import Story
from tests.system.test_kill import Acknowledged, one_visit

DRAINED_SECONDS_MAX = 10
DESKS = 3
IN_ORDER = {0, 143}
"""By itself, or as a Java machine says that it was told to. 137 is a kill: it did not end in time."""


@pytest.mark.timeout(600)
async def test_stop_drains_within_ten_seconds_and_nothing_is_lost(containers: Containers, site: Site) -> None:
    said = Acknowledged()
    desks = [asyncio.create_task(until_closed(site, said)) for _ in range(DESKS)]
    await visits(said, more=DESKS)

    begun = time.time()
    await asyncio.to_thread(containers.compose, "stop")
    took = seconds_to_end(containers, since=begun)
    await asyncio.gather(*desks)
    stayed = {name: each for name, each in containers.inspect() if name not in JOBS and not name.endswith("-migrate")}
    await asyncio.to_thread(containers.up)  # whatever is found: other tests need them

    assert {name: each["State"]["ExitCode"] for name, each in stayed.items() if exit_code(each) not in IN_ORDER} == {}
    assert took.keys() >= stayed.keys()
    assert {name: seconds for name, seconds in took.items() if seconds > DRAINED_SECONDS_MAX} == {}
    await nothing_is_lost(containers, said)


async def until_closed(site: Site, said: Acknowledged) -> None:
    """One desk, visit after visit, until nothing answers any more."""
    async with Story(site.api) as story:
        with suppress(ApiError):
            while True:
                await one_visit(story, said)


def exit_code(container: dict[str, dict[str, int]]) -> int:
    return container["State"]["ExitCode"]


def seconds_to_end(containers: Containers, *, since: float) -> dict[str, float]:
    """From being told to stop until it had ended, for each service that was told."""
    project = f"label=com.docker.compose.project={containers.settings['COMPOSE_PROJECT_NAME']}"
    what = ["--filter", "event=kill", "--filter", "event=die", "--filter", project]
    form = '{{index .Actor.Attributes "com.docker.compose.service"}} {{.Action}} {{.TimeNano}}'
    told = containers.docker(
        "events", "--since", f"{since:.3f}", "--until", f"{time.time():.3f}", *what, "--format", form
    )
    times: dict[str, dict[str, int]] = {}
    for line in told.splitlines():
        service, action, at = line.split()
        times.setdefault(service, {}).setdefault(action, int(at))
    return {name: (at["die"] - at["kill"]) / 1e9 for name, at in times.items()}
