"""The timeline tells what was done, and under it what followed."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import new_id
from web.clients.audit import Happening
from web.timeline import Chapter, chapters

NEW_YORK = ZoneInfo("America/New_York")
TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)


def happening(type_: str, *, at: datetime = NOON, because: Happening | None = None, **more: Any) -> Happening:
    return Happening(
        message_id=new_id(),
        type=type_,
        title=more.pop("title", type_),
        at=at,
        recorded_at=at,
        aggregate=type_.partition(".")[0],
        aggregate_id=more.pop("aggregate_id", new_id()),
        correlation_id=because.correlation_id if because else more.pop("correlation_id", new_id()),
        causation_id=because.message_id if because else None,
        actor=more.pop("actor", None),
        details=more.pop("details", {}),
    )


def told(happenings: Sequence[Happening], names: dict[str, str] | None = None) -> list[Chapter]:
    return chapters(happenings, zone=NEW_YORK, today=TODAY, names=names or {})


def test_what_followed_stands_under_what_was_done() -> None:
    done = happening("booking.session-completed")
    paid = happening(
        "billing.session-redeemed",
        because=done,
        at=NOON + timedelta(seconds=2),
        details={"amount": {"minor": 45000, "currency": "USD"}, "remaining": 1},
    )
    recall = happening("notifications.recall-closed", because=paid, at=NOON + timedelta(minutes=4))

    [chapter] = told([recall, paid, done])
    [story] = chapter.stories

    assert story.start.text == "Treatment completed and its record signed"
    assert [(line.text, line.depth) for line in story.followed] == [
        ("Paid from the package: $450.00; 1 session left", 1),
        ("The suggested next visit is settled", 2),
    ]
    assert [line.after(story.start.at) for line in story.followed] == ["2 s later", "4 min later"]


def test_times_and_days_are_those_of_the_clinic() -> None:
    late = happening("booking.patient-arrived", at=datetime(2026, 11, 23, 3, 30, tzinfo=UTC))

    [chapter] = told([late])

    assert chapter.title == "Yesterday"
    assert chapter.stories[0].start.at.hour == 22


def test_people_are_named_and_the_system_is_not() -> None:
    me, somebody = new_id(), new_id()
    lines = [
        happening("booking.patient-registered", actor=f"staff:{me}", at=NOON),
        happening("booking.patient-registered", actor=f"staff:{somebody}", at=NOON - timedelta(hours=1)),
        happening("notifications.recall-due", actor="service:notifications", at=NOON - timedelta(hours=2)),
    ]

    [chapter] = told(lines, {str(me): "you"})

    assert [story.start.actor for story in chapter.stories] == ["you", "a member of staff", ""]


def test_a_fact_that_is_newer_than_the_page_tells_its_own_title() -> None:
    [chapter] = told([happening("billing.tip-received", title="Tip received")])

    assert chapter.stories[0].start.text == "Tip received"


@given(st.lists(st.integers(min_value=0, max_value=9), min_size=1, max_size=10))
def test_nothing_is_told_twice_or_left_out_whatever_causes_what(causes: list[int]) -> None:
    """Also when causes are missing, or form a circle as no honest log would."""
    story = new_id()
    ids = [new_id() for _ in causes]
    facts = [
        happening("booking.patient-arrived", correlation_id=story).model_copy(
            update={"message_id": ids[place], "causation_id": _cause(ids, cause)}
        )
        for place, cause in enumerate(causes)
    ]

    [chapter] = told(facts)

    assert sum(1 + len(each.followed) for each in chapter.stories) == len(facts)


def _cause(ids: list[UUID], place: int) -> UUID:
    return ids[place] if place < len(ids) else new_id()
