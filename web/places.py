"""The locations that a person may work at, asked once a minute at most."""

import time
from collections import OrderedDict
from collections.abc import Callable

from web.api import Api
from web.clients import booking
from web.clients.booking import Location

FRESH_SECONDS = 60
KEPT_MAX = 10_000


class Places:
    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: OrderedDict[str, tuple[tuple[Location, ...], float]] = OrderedDict()

    async def granted(self, session_hash: str, api: Api) -> tuple[Location, ...]:
        """Where this session's person may work, by name; empty when nobody has granted them anything."""
        known = self._known.get(session_hash)
        if known and self._clock() < known[1]:
            return known[0]
        found = tuple(sorted(await booking.locations(api), key=lambda place: place.name))
        self._known[session_hash] = (found, self._clock() + FRESH_SECONDS)
        if len(self._known) > KEPT_MAX:
            self._known.popitem(last=False)
        return found

    def forget(self, session_hash: str) -> None:
        """Ask again: one was opened."""
        self._known.pop(session_hash, None)
