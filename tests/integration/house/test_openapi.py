"""Whatever a stranger sends, every service answers as its OpenAPI document says."""

import pytest
import schemathesis

from contracts.identity import Role
from embedded.roster import ROSTER
from tests.integration.house.strangers import Case, Stranger, apis, must_be_as_documented
from tests.integration.house.walking import World
from tests.support.identity import a_member


@pytest.fixture(scope="module")
async def stranger(world: World) -> Stranger:
    """A person whom everything is open to."""
    owner = await a_member(world.chain.house, Role.OWNER)
    caller = owner.caller(Role.OWNER)
    return Stranger({name: world.chain.house.client(name, caller) for name in ROSTER}, world.ids)


@schemathesis.pytest.parametrize(**apis())
def test_whatever_is_sent_the_answer_is_as_documented(case: Case, stranger: Stranger) -> None:
    answer = stranger.send(case)

    must_be_as_documented(case, answer)
