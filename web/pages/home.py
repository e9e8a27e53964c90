"""The start page: a person's main job at the location used last; the day's grid for most."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from contracts.identity import EVERYBODY
from web.desk import AtDesk
from web.errors import ApiProblem
from web.menu import Page, shown_to

router = APIRouter()

STARTS = ("day", "invoices", "stock", "breaks")
"""Where work begins, for who receives or treats, keeps the money, keeps the shelf, or runs the system."""


@router.get("/")
async def start(desk: AtDesk, request: Request) -> RedirectResponse:
    sections = shown_to(desk.visitor.staff.roles_at(desk.place.id), request.app.state.entries)
    if not sections:
        raise ApiProblem(403, "forbidden", "No role was granted at this location.")
    paths = [entry.path for section in sections for entry in section.entries]
    start_path = next((path for path in STARTS if path in paths), paths[0])
    return RedirectResponse(f"/l/{desk.place.code}/{start_path}", status_code=303)


PAGE = Page(router, EVERYBODY)
