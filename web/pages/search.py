"""Search from anywhere: patients by name, phone or e-mail."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from web.clients import booking
from web.desk import AtDesk
from web.menu import Page

router = APIRouter()


@router.get("/search")
async def search(desk: AtDesk, q: Annotated[str, Query(max_length=100)] = "") -> HTMLResponse:
    """The list under the search field."""
    wanted = q.strip()
    found = await booking.patients(desk.api, wanted) if wanted else ()
    return desk.part("parts/hits.html", hits=found, q=wanted)


PAGE = Page(router)
