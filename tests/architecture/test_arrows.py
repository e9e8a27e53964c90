from pathlib import Path

import pytest

from tests.architecture.arrows import wrong_arrows, wrong_rooms
from tests.architecture.house import build, expect_none, modules


def test_arrows_point_one_way() -> None:
    expect_none(wrong_arrows(modules()))


def test_each_room_imports_only_what_its_job_needs() -> None:
    expect_none(wrong_rooms(modules()))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("services/booking/usecases.py", "from services.billing import usecases"),
        ("services/booking/usecases.py", "import services.billing.model"),
        ("services/booking/usecases.py", "from web.pages import day"),
        ("chassis/outbox.py", "from contracts.booking import AppointmentBooked"),
        ("chassis/outbox.py", "from services.booking.model import Appointment"),
        ("contracts/booking.py", "from chassis.clock import Clock"),
        ("web/day.py", "from services.booking.queries import day"),
        ("web/day.py", "from contracts.booking import AppointmentBooked"),
        ("web/day.py", "import embedded.postgres"),
        ("embedded/demo.py", "from services.booking.model import Appointment"),
        ("embedded/chain.py", "from services.booking.appointments import usecases"),
        ("embedded/demo/play.py", "from services.booking import timers"),
        ("embedded/chain.py", "from processes.layout import Layout"),
        ("processes/layout.py", "from services.booking.app import build"),
        ("processes/door.py", "from web.app import create"),
        ("cli/main.py", "from services.booking import settings"),
        ("cli/main.py", "from bench.row import Row"),
        ("chassis/clock.py", "from tests.support.waiting import eventually"),
    ],
)
def test_a_wrong_arrow_is_seen(tmp_path: Path, path: str, line: str) -> None:
    house = build(tmp_path, {path: line})

    problems = list(wrong_arrows(house))

    assert [f"{path}:1"] == [problem.rsplit(":", 1)[0] for problem in problems]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("services/booking/app.py", "from services.booking.appointments import api"),
        ("services/booking/app.py", "from contracts.booking import AppointmentBooked"),
        ("chassis/outbox.py", "from contracts.envelope import Fact"),
        ("web/day.py", "from contracts.values import Money"),
        ("embedded/chain.py", "from services.booking import app"),
        ("embedded/roster.py", "from services.booking.settings import BookingSettings"),
        ("embedded/demo/play.py", "from services.booking.appointments import usecases"),
        ("processes/layout.py", "from embedded.secrets import Secrets"),
        ("cli/main.py", "from services.booking.app import build"),
    ],
)
def test_a_right_arrow_is_left_alone(tmp_path: Path, path: str, line: str) -> None:
    assert list(wrong_arrows(build(tmp_path, {path: line}))) == []


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("usecases.py", "from fastapi import HTTPException"),
        ("usecases.py", "import aiokafka"),
        ("model.py", "import httpx"),
        ("model.py", "from sqlalchemy.ext.asyncio import AsyncSession"),
        ("model.py", "from chassis.outbox import emit"),
        ("slots.py", "from sqlalchemy import select"),
        ("picking.py", "import sqlalchemy.orm"),
        ("pricing.py", "from chassis.db import Tx"),
        ("allocation.py", "import asyncpg"),
    ],
)
def test_a_room_that_reaches_too_far_is_seen(tmp_path: Path, room: str, line: str) -> None:
    house = build(tmp_path, {f"services/booking/{room}": line})

    problems = list(wrong_rooms(house))

    assert len(problems) == 1
