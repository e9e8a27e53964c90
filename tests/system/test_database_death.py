"""PostgreSQL is killed under a running `needlepoint up`: it comes back by itself, and nothing confirmed is lost."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.site import NEEDLEPOINT, OwnSite

OWNER = {"email": "owner@clinic.example", "password": "a long enough secret"}
BACK_SECONDS_MAX = 60.0
KILLS = 3
AT_LEAST = 20
"""Commands that are confirmed before each kill, and after the last."""


@pytest.fixture
def site() -> Iterator[OwnSite]:
    with TemporaryDirectory(prefix="needlepoint-killed-") as folder:
        site = OwnSite(Path(folder) / "data", with_demo=False)
        site.start()
        who = ("--email", OWNER["email"], "--name", "Ada Sharpe")
        create = [str(NEEDLEPOINT), "owner", "create", "--data", str(site.folder), *who]
        subprocess.run(create, check=True, env={**os.environ, "NEEDLEPOINT_PASSWORD": OWNER["password"]})
        yield site
        site.stop()


def postmaster(site: OwnSite) -> int:
    return int((site.folder / "pgdata" / "postmaster.pid").read_text().splitlines()[0])


@contextmanager
def signed_in(site: OwnSite) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, timeout=30) as client:
        token = client.post("/api/identity/tokens", json=OWNER).json()["access_token"]
        client.headers["authorization"] = f"Bearer {token}"
        yield client


class Desk:
    """Adds treatments one after the other; each command goes out under its key until it is answered."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.confirmed: list[str] = []
        self.refused: set[int] = set()

    def work(self, more: int) -> None:
        until = len(self.confirmed) + more
        while len(self.confirmed) < until:
            self._add(f"treatment-{len(self.confirmed)}")

    def _add(self, code: str) -> None:
        body: dict[str, Any] = {"code": code, "name": code, "modality": "pen", "plan": {"procedure": 30}}
        key, deadline = str(uuid4()), time.monotonic() + BACK_SECONDS_MAX
        while time.monotonic() < deadline:
            answer = self._client.post("/api/booking/treatments", json=body, headers={"idempotency-key": key})
            if answer.status_code == httpx.codes.CREATED:
                self.confirmed.append(code)
                return
            self.refused.add(answer.status_code)
        pytest.fail(f"{code} could not be added within {BACK_SECONDS_MAX} s")


@pytest.mark.fault("F10", dose="kill -9 of PostgreSQL, three times", holds="I15 I16")
@pytest.mark.timeout(300)
def test_killed_again_and_again_it_comes_back_and_nothing_confirmed_is_lost(site: OwnSite) -> None:
    with signed_in(site) as client:
        desk = Desk(client)
        for _ in range(KILLS):
            desk.work(AT_LEAST)
            os.kill(postmaster(site), signal.SIGKILL)
        desk.work(AT_LEAST)
        kept = {each["code"] for each in client.get("/api/booking/treatments").json()}

    assert set(desk.confirmed) <= kept
    assert desk.refused <= {httpx.codes.SERVICE_UNAVAILABLE}
    assert site.folder.with_suffix(".out").read_text().count("PostgreSQL is back after") == KILLS


@pytest.mark.fault("F10", dose="kill -9 of PostgreSQL", holds="I22")
@pytest.mark.timeout(300)
def test_ready_is_red_while_it_is_gone_and_green_soon_after(site: OwnSite) -> None:
    seen: list[int] = []

    os.kill(postmaster(site), signal.SIGKILL)
    deadline = time.monotonic() + BACK_SECONDS_MAX
    while seen[-1:] != [200] or 503 not in seen:
        assert time.monotonic() < deadline, seen
        seen.append(httpx.get(f"{site.url}/ready", timeout=30).status_code)

    assert set(seen) == {200, 503}
