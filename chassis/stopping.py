"""The wish to stop, as every loop of a process knows it: finish what you are at, then return."""

import asyncio
import contextlib


class Stopping(asyncio.Event):
    """Set once, when the process is told to end."""

    async def rest(self, seconds: float) -> None:
        """Lie still this long, but not longer than until it is time to stop."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.wait()
