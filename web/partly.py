"""Pages that ask several services: a part that is not for this person, or whose service is away, is left out."""

from collections.abc import Awaitable
from typing import Generic, NamedTuple, TypeVar

from web.errors import ApiProblem

Found = TypeVar("Found")


class Part(NamedTuple, Generic[Found]):
    """What was found, or why there is nothing."""

    found: Found | None
    why_not: str = ""


async def part(question: Awaitable[Found]) -> Part[Found]:
    """The answer, if this person may have it and the service is there."""
    try:
        return Part(await question)
    except ApiProblem as problem:
        if problem.status == 403:
            return Part(None, "This is not part of your role.")
        if problem.status == 503:
            return Part(None, "This does not answer just now. Load the page again in a moment.")
        raise
