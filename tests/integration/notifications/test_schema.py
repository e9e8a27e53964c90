"""The models say what the migrations build."""

from services.notifications.app import build
from services.notifications.record import Record
from services.notifications.settings import NotificationsSettings
from tests.integration.conftest import MoveIn
from tests.support.house import plan
from tests.support.schema import differences


async def test_models_and_migrations_agree(move_in: MoveIn) -> None:
    house = await move_in(plan(build, NotificationsSettings))

    assert await differences(house, "notifications", Record.metadata) == []
