"""The models say what the migrations build."""

from services.audit.app import build
from services.audit.record import Record
from services.audit.settings import AuditSettings
from tests.integration.conftest import MoveIn
from tests.support.house import plan
from tests.support.schema import differences


async def test_models_and_migrations_agree(move_in: MoveIn) -> None:
    house = await move_in(plan(build, AuditSettings))

    assert await differences(house, "audit", Record.metadata) == []
