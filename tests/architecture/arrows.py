"""Who may import whom: arrows between packages, and between the rooms of a feature."""

import re
from collections.abc import Iterable, Iterator

from tests.architecture.house import AROUND, PACKAGES, Import, Module

ALLOWED = {
    "contracts": [r"contracts"],
    "chassis": [r"chassis", r"contracts\.(envelope|parking|values)"],
    "services": [r"chassis", r"contracts"],
    "web": [r"web", r"chassis", r"contracts\.(values|identity)"],
    "embedded": [r"embedded", r"web", r"chassis", r"contracts", r"services\.\w+\.(app|settings)"],
    "processes": [r"processes", r"embedded", r"chassis", r"contracts"],
    "cli": [r"cli", r"processes", r"embedded", r"web", r"chassis", r"contracts", r"services\.\w+\.app"],
}

# Weeks of a demo chain are played through the same use cases as the doors call, many of them in one transaction.
PLAYS_USE_CASES = "embedded.demo."

DOORS = ("aiokafka", "fastapi", "starlette")
OUTSIDE = ("aiosmtplib", "asyncpg", "httpx", "smtplib", "socket", "sqlalchemy.ext.asyncio")
PURE_ROOMS = ("allocation", "picking", "pricing", "slots")
FORBIDDEN_IN_ROOM = {
    "usecases": DOORS,
    "model": (*DOORS, *OUTSIDE, "chassis.bus", "chassis.http", "chassis.outbox"),
    **dict.fromkeys(PURE_ROOMS, (*DOORS, *OUTSIDE, "chassis.db", "chassis.outbox", "sqlalchemy")),
}


def wrong_arrows(house: Iterable[Module]) -> Iterator[str]:
    for module in house:
        for found in module.imports:
            if found.is_within(*PACKAGES, *AROUND) and not may_import(module, found):
                yield module.problem(found.line, f"{module.owner} must not import {found.target}")


def may_import(module: Module, found: Import) -> bool:
    allowed = [*ALLOWED[module.package], re.escape(module.owner)]
    if module.name.startswith(PLAYS_USE_CASES):
        allowed.append(r"services\.\w+\.\w+\.\w+")
    return any(re.match(rf"(?:{pattern})(?:\.|$)", found.target) for pattern in allowed)


def wrong_rooms(house: Iterable[Module]) -> Iterator[str]:
    """A use case knows no door, a model does no I/O, a calculation knows no database."""
    for module in house:
        forbidden = FORBIDDEN_IN_ROOM.get(module.path.stem, ()) if module.package == "services" else ()
        for found in module.imports:
            if found.is_within(*forbidden):
                yield module.problem(found.line, f"{module.path.name} must not import {found.target}")
