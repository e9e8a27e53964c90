"""A client that does not give up: whatever breaks, the same command goes out again under the same key."""

import asyncio
import random
import time
from collections import Counter
from typing import Any

from cli.api import Api, Credentials, RefusedError, UnreachableError
from tests.support.site import Site

INSISTS_SECONDS = 240.0
AGAIN = frozenset({401, 429, 500, 502, 503, 504})
"""What a caller may meet while processes die. 401: the keys could not be fetched, or the token grew old meanwhile."""


class Insistent(Api):
    """Counts what it met on the way in `met`."""

    def __init__(self, url: str, credentials: Credentials) -> None:
        super().__init__(url, credentials)
        self.met: Counter[str] = Counter()

    async def put(self, service: str, path: str, body: Any) -> Any:
        return await self._call("PUT", service, path, json=body)

    async def _call(self, method: str, service: str, path: str, *, key: str | None = None, **how: Any) -> Any:
        deadline = time.monotonic() + INSISTS_SECONDS
        while True:
            try:
                return await super()._call(method, service, path, key=key, **how)
            except (RefusedError, UnreachableError) as error:
                if not self._may_try_again(error) or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(random.uniform(0.1, 1))

    def _may_try_again(self, error: RefusedError | UnreachableError) -> bool:
        if isinstance(error, RefusedError) and error.status not in AGAIN:
            return False
        self.met[str(error.status) if isinstance(error, RefusedError) else "no connection"] += 1
        return True


def owner_of(site: Site) -> Insistent:
    """The owner may do everything, everywhere."""
    account = site.account("owner")
    return Insistent(site.url, Credentials(account.email, account.password))
