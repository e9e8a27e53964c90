"""What a location lacks before it can be booked: told to managers step by step, and where no time is ever free."""

from asyncio import gather
from collections.abc import Awaitable, Mapping, Sequence
from datetime import date
from typing import NamedTuple, TypeVar

from contracts.values import Money
from web.clients import booking, items, practitioners, prices, stock
from web.clients.booking import Treatment
from web.clients.items import Usage
from web.clients.practitioners import AtWork, Equipped
from web.clients.stock import Level
from web.desk import Desk
from web.errors import ApiProblem
from web.labels import MODALITIES
from web.partly import part
from web.templating import listed

Found = TypeVar("Found")

FOLLOWS = "They follow once something is on offer."


class Step(NamedTuple):
    """One thing to set up; `path` is the page for it, after `/l/<place>/`."""

    title: str
    text: str
    path: str
    lacks: str
    """What is missing; empty when the step is done."""


class Steps(NamedTuple):
    """All of them, in an order in which each can be done when the one before is."""

    needed: tuple[Step, ...]
    later: tuple[Step, ...]
    """A visit can be booked and charged without them."""

    @property
    def is_ready(self) -> bool:
        return not any(step.lacks for step in self.needed)

    @property
    def next(self) -> Step | None:
        """Where to go on."""
        return next((step for step in self.all if step.lacks), None)

    @property
    def all(self) -> tuple[Step, ...]:
        return self.needed + self.later


async def steps_of(desk: Desk) -> Steps:
    """What is there at the location of the desk, and what is not. Nothing is said of what is not known just now."""
    here, offered, priced, uses, shelf = await gather(
        practitioners.equipped(desk.api, desk.place.id),
        booking.offered(desk.api),
        part(_heard(prices.prices(desk.api, desk.place.id), {})),
        part(items.usages(desk.api)),
        part(_heard(stock.levels(desk.api, desk.place.id), ())),
    )
    return steps(
        here,
        offered,
        on=desk.place.today(desk.now),
        priced=priced.found,
        uses=uses.found,
        shelf=shelf.found,
    )


async def _heard(question: Awaitable[Found], nothing: Found) -> Found:
    """The answer; nothing from a service that has not heard of the location in the moment after it was opened."""
    try:
        return await question
    except ApiProblem as problem:
        if problem.status == 404:
            return nothing
        raise


def steps(
    here: Equipped,
    offered: Sequence[Treatment],
    *,
    on: date,
    priced: Mapping[str, Money] | None,
    uses: Sequence[Usage] | None,
    shelf: Sequence[Level] | None,
) -> Steps:
    """What is offered comes first, since the rest is for it."""
    return Steps(
        (
            Step("Treatments", "What is offered, how long each part takes.", "treatments", _offer(offered)),
            Step("Rooms", "Where visits take place, and cream takes effect.", "location/rooms", _rooms(here, offered)),
            Step("Devices", "What is needled with.", "location/devices", _devices(here, offered, on)),
            Step(
                "Practitioners",
                "Who treats, when, and with which credentials.",
                "practitioners",
                _people(here, offered, on),
            ),
            Step("Prices", "What a single session costs here.", "prices", _prices(offered, priced)),
        ),
        (
            Step("Items", "What sessions use, so that the shelf follows.", "stock/materials", _uses(uses)),
            Step("First delivery", "What lies on the shelf, lot by lot.", "stock/receive", _shelf(shelf)),
        ),
    )


def why_never(treatment: Treatment, here: Equipped, on: date) -> str:
    """Why no time of a treatment is ever free at a location; empty when it is only that all are taken."""
    one = (treatment,)
    return _rooms(here, one) or _devices(here, one, on) or _people(here, one, on)


def _offer(offered: Sequence[Treatment]) -> str:
    return "" if offered else "Nothing is on offer yet."


def _rooms(here: Equipped, offered: Sequence[Treatment]) -> str:
    if not any(room.is_column for room in here.rooms):
        return "There is no treatment room yet."
    in_bay = [each.name for each in offered if each.numbs and not each.numbs_in_room]
    if in_bay and all(room.is_column for room in here.rooms):
        return f"There is no numbing bay, which {_some(in_bay)} needs."
    return ""


def _devices(here: Equipped, offered: Sequence[Treatment], on: date) -> str:
    if not offered and not here.devices:
        return FOLLOWS
    usable = {
        device.modality for device in here.devices if device.serviced_until is None or device.serviced_until >= on
    }
    missing = sorted({each.modality for each in offered if each.uses_device} - usable)
    return f"There is no device in service for: {_kinds(missing)}." if missing else ""


def _people(here: Equipped, offered: Sequence[Treatment], on: date) -> str:
    if not here.practitioners:
        return "Nobody treats here yet."
    planned = [person for person in here.practitioners if _has_shift(person, on)]
    if not planned:
        return "Nobody has a shift."
    held = {each.modality for person in planned for each in person.credentials if each.valid_until >= on}
    missing = sorted({each.modality for each in offered if each.needles} - held)
    return f"Nobody with a shift has the credential for: {_kinds(missing)}." if missing else ""


def _has_shift(person: AtWork, on: date) -> bool:
    return any((shift.day or shift.until_on or on) >= on for shift in person.shifts)


def _prices(offered: Sequence[Treatment], priced: Mapping[str, Money] | None) -> str:
    missing = [each.name for each in offered if each.code not in priced] if priced is not None else []
    if not offered:
        return FOLLOWS
    return f"There is no price for {_some(missing)}." if missing else ""


def _uses(uses: Sequence[Usage] | None) -> str:
    if uses is None or any(usage.lines for usage in uses):
        return ""
    return "No session uses anything yet."


def _shelf(shelf: Sequence[Level] | None) -> str:
    return "" if shelf is None or any(level.on_hand > 0 for level in shelf) else "The shelf is empty."


def _some(names: Sequence[str]) -> str:
    """The first of them, and how many more."""
    more = len(names) - 1
    return f"{names[0]} and {more} more" if more > 0 else names[0]


def _kinds(modalities: Sequence[str]) -> str:
    return listed([MODALITIES.get(each, each) for each in modalities])
