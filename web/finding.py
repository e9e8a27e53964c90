"""What the search above every page finds: what a role may look up, and what the field says of it."""

from collections.abc import Iterable

from contracts.identity import CLINIC, STOCK, TILL, Role

FOUND_BY = {"patients": (*CLINIC, *TILL), "items": STOCK, "lots": STOCK}
"""Who is of use to whom: patients for those who receive, treat or bill them, the shelf for those who keep it."""


def finds(roles: Iterable[Role]) -> tuple[str, ...]:
    """Which kinds of things this person's search looks for; empty for who has nothing to look up."""
    held = frozenset(roles)
    return tuple(kind for kind, found_by in FOUND_BY.items() if not held.isdisjoint(found_by))
