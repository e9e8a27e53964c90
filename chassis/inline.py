"""Dependencies of routes that are made where the request runs."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

Made = TypeVar("Made")


def inline(make: Callable[..., Made]) -> Callable[..., Awaitable[Made]]:
    """`Depends(inline(Paging))`: what is not async FastAPI sends to a thread, and waits longer for it than it takes."""

    async def made(*args: Any, **given: Any) -> Made:
        return make(*args, **given)

    made.__signature__ = inspect.signature(make)  # type: ignore[attr-defined]  # what FastAPI asks for
    made.refuses = getattr(make, "refuses", ())  # type: ignore[attr-defined]  # for the document
    return made
