"""The sidebar: each page says where it stands and for whom it is of use."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from fastapi import APIRouter

from contracts.identity import Role


class Section(StrEnum):
    CLINIC = "Clinic"
    MONEY = "Money"
    STOCK = "Stock"
    FOLLOW_UP = "Follow-up"
    SET_UP = "Set-up"
    SYSTEM = "System"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the sidebar; `path` is the address after `/l/<place>/`."""

    section: Section
    title: str
    icon: str
    path: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A job of the front end: its routes, for whom they are, and what it adds to the sidebar."""

    router: APIRouter
    roles: tuple[Role, ...] | None
    """Anybody else is turned away before a route runs; None: for whoever asks, also without a session."""
    entries: tuple[Entry, ...] = ()


class Shown(NamedTuple):
    """A section of the sidebar as one person sees it."""

    title: Section
    entries: tuple[Entry, ...]


def shown_to(roles: Iterable[Role], entries: Iterable[Entry]) -> tuple[Shown, ...]:
    """What is of use to somebody with these roles, by section."""
    held = frozenset(roles)
    useful = [entry for entry in entries if not held.isdisjoint(entry.roles)]
    sections = (Shown(section, tuple(entry for entry in useful if entry.section is section)) for section in Section)
    return tuple(each for each in sections if each.entries)
