"""The words requests are written in, bounded to what a database and a shelf can hold, and who may say them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.auth import Scope, require
from chassis.fields import ONE_LINE, AsNumber
from chassis.http import BadCursor, Paging
from contracts.identity import CLINIC, STOCK

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=ONE_LINE)]
"""One line of text, such as a name."""
LotNumber = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=ONE_LINE)]
"""As printed on the box: capitals count, spaces around it do not (IV-19)."""
Count = Annotated[int, Field(gt=0, le=100_000_000), AsNumber]
"""Base units, or packs: a million millilitres in hundredths is more than any clinic holds."""

Looking = Annotated[Scope, require(*CLINIC, *STOCK)]
"""Whoever treats, books or keeps stock may see what lies on the shelf of the location."""
Keeping = Annotated[Scope, require(*STOCK)]


def last_seen(paging: Paging) -> UUID | None:
    """The id of the last row of the page before."""
    if paging.after is None:
        return None
    try:
        [value] = paging.after
        return UUID(value)
    except ValueError as error:
        raise BadCursor from error
