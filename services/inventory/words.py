"""The words requests are written in, bounded to what a database and a shelf can hold, and who may say them."""

from typing import Annotated

from pydantic import Field

from chassis import text
from chassis.auth import Scope, require
from chassis.fields import AsNumber, Words
from contracts.identity import CLINIC, STOCK

LotNumber = Annotated[str, Words(text.one_line, most=40)]
"""As printed on the box: capitals count, spaces around it do not (IV-19)."""
COUNT_MAX = 100_000_000
Count = Annotated[int, Field(gt=0, le=COUNT_MAX), AsNumber]
"""Base units, or packs: a million millilitres in hundredths is more than any clinic holds."""
Version = Annotated[int, Field(ge=1, le=2**31 - 1, examples=[3]), AsNumber]

Looking = Annotated[Scope, require(*CLINIC, *STOCK)]
"""Whoever treats, books or keeps stock may see what lies on the shelf of the location."""
Keeping = Annotated[Scope, require(*STOCK)]
