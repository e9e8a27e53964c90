"""Search from anywhere: patients by name, phone or e-mail; items by name or code, lots by what is on the box."""

from asyncio import gather
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Header, Query
from fastapi.responses import RedirectResponse, Response

from contracts.identity import EVERYBODY
from web.clients import booking, stock
from web.clients.booking import Patient
from web.clients.stock import Item, Lot
from web.desk import AtDesk, Desk
from web.menu import Page

router = APIRouter()

SHELF_HITS_MAX = 5
SHELF_TYPED_MAX = 40
"""No name, code or lot number is longer."""


@router.get("/search")
async def search(
    desk: AtDesk,
    q: Annotated[str, Query(max_length=100)] = "",
    hx_request: Annotated[str | None, Header()] = None,
) -> Response:
    """The list under the search field; without scripts, the page that has such a list."""
    wanted = q.strip()
    if hx_request is None:
        goal = "patients" if "patients" in desk.finds else "stock"
        return RedirectResponse(f"/l/{desk.place.code}/{goal}?{urlencode({'q': wanted})}", status_code=303)
    patients, items, lots = await gather(_patients(desk, wanted), _items(desk, wanted), _lots(desk, wanted))
    return desk.part("parts/hits.html", q=wanted, patients=patients, items=items, lots=lots)


async def _patients(desk: Desk, q: str) -> Sequence[Patient]:
    return await booking.patients(desk.api, q) if q and "patients" in desk.finds else ()


async def _items(desk: Desk, q: str) -> Sequence[Item]:
    known = await stock.items(desk.api, q=q[:SHELF_TYPED_MAX]) if q and "items" in desk.finds else ()
    return known[:SHELF_HITS_MAX]


async def _lots(desk: Desk, q: str) -> Sequence[Lot]:
    known = await stock.lots(desk.api, q[:SHELF_TYPED_MAX]) if q and "lots" in desk.finds else ()
    return known[:SHELF_HITS_MAX]


PAGE = Page(router, EVERYBODY)
