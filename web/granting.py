"""Roles in words, who may give which where, and the password that somebody new begins with.

Identity decides who may give what; this only offers what it would allow.
"""

import secrets
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from contracts.identity import Role
from web.clients.booking import Location
from web.clients.identity import Grant, Staff

CONSONANTS, VOWELS = "bdfghjkmnprstvz", "aeiou"
GROUPS, SYLLABLES = 5, 2
EVERYWHERE = "everywhere"
"""Stands for all locations where one of them is chosen."""


class Job(NamedTuple):
    """A role as people call it, and what it is for."""

    text: str
    does: str


JOBS = {
    Role.FRONT_DESK: Job("Front desk", "books, receives and registers patients, sells packages and takes payments"),
    Role.PRACTITIONER: Job("Practitioner", "treats, and writes the treatment record"),
    Role.STOCK_KEEPER: Job("Stock keeper", "receives deliveries, counts and looks after lots"),
    Role.FINANCE: Job("Finance", "sets prices, takes payments and keeps the books"),
    Role.MANAGER: Job("Manager", "does all of this, and gives roles at the location"),
    Role.OWNER: Job("Owner", "does everything a manager does, opens locations, and makes managers owners"),
    Role.OPERATOR: Job("Operator", "runs the system: looks at messages that could not be handled"),
}
"""In the order in which they are offered: the most usual first."""


def may_give_at(giver: Staff, location_id: UUID | None) -> list[Role]:
    """The roles that somebody may give at a location, or at all of them."""
    return [role for role in JOBS if giver.may_give(role, at=location_id)]


def places_to_give(giver: Staff, places: Sequence[Location]) -> list[tuple[str, str]]:
    """Where somebody may give roles, as choices of a form."""
    found = [(str(place.id), place.name) for place in places if may_give_at(giver, place.id)]
    return [*found, (EVERYWHERE, "Every location")] if may_give_at(giver, None) else found


def roles_to_give(giver: Staff, places: Sequence[Location]) -> list[Role]:
    """The roles that somebody may give anywhere."""
    given = {role for place in (None, *(place.id for place in places)) for role in may_give_at(giver, place)}
    return [role for role in JOBS if role in given]


def at_words(grant: Grant, places: Iterable[Location]) -> str:
    """Where a role holds: the name of a location, or that it holds everywhere."""
    if grant.location_id is None:
        return "every location"
    return next((place.name for place in places if place.id == grant.location_id), "another location")


def first_password() -> str:
    """Easy to read out and to type, about 60 bits to guess: `kazu-lemi-…`."""
    return "-".join(
        "".join(secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(SYLLABLES)) for _ in range(GROUPS)
    )
