"""However facts were heard, a cause stands before what it led to, and nothing gets lost."""

from datetime import timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.audit.timeline.ordering import Step, in_causal_order
from tests.support.house import NOON


def a_step(number: int, *, cause: int | None = None, thing: int | None = None, version: int = 1, late: int = 0) -> Step:
    return Step(
        message_id=UUID(int=number),
        causation_id=None if cause is None else UUID(int=cause),
        aggregate=("thing", UUID(int=number if thing is None else thing)),
        version=version,
        at=NOON + timedelta(seconds=late),
        position=number,
    )


def numbers(steps: list[Step]) -> list[int]:
    return [step.message_id.int for step in in_causal_order(steps)]


def test_without_causes_time_decides_then_the_order_of_hearing() -> None:
    assert numbers([a_step(1, late=5), a_step(3), a_step(2)]) == [2, 3, 1]


def test_an_effect_with_an_earlier_clock_still_stands_behind_its_cause() -> None:
    assert numbers([a_step(1, late=5), a_step(2, cause=1, late=0)]) == [1, 2]


def test_the_facts_of_one_thing_keep_their_versions() -> None:
    assert numbers([a_step(1, thing=9, version=2), a_step(2, thing=9, version=1, late=3)]) == [2, 1]


def test_a_cause_that_is_not_shown_holds_nothing_back() -> None:
    assert numbers([a_step(2, cause=77)]) == [2]


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """Facts as they happened, each caused by an earlier one or by nobody, with clocks that disagree."""
    count = draw(st.integers(0, 30))
    steps: list[Step] = []
    versions: dict[int, int] = {}
    for number in range(count):
        cause = draw(st.none() | st.integers(0, number - 1)) if number else None
        thing = draw(st.integers(100, 105))
        versions[thing] = versions.get(thing, 0) + 1
        late = draw(st.integers(-5, 5))
        steps.append(a_step(number, cause=cause, thing=thing, version=versions[thing], late=late))
    return steps


@given(histories(), st.randoms(use_true_random=False))
def test_any_history_comes_out_whole_with_causes_and_versions_in_order(history: list[Step], chance: Random) -> None:
    mixed = list(history)
    chance.shuffle(mixed)

    told = list(in_causal_order(mixed))

    place = {step.message_id: index for index, step in enumerate(told)}
    assert sorted(place) == [step.message_id for step in history]
    for step in history:
        assert step.causation_id is None or place[step.causation_id] < place[step.message_id]
    for one in history:
        for other in history:
            if one.aggregate == other.aggregate and one.version < other.version:
                assert place[one.message_id] < place[other.message_id]
