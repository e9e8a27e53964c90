"""The start page: the first of a person's jobs at the location used last; the day's grid for most."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from web.desk import AtDesk
from web.errors import ApiProblem
from web.menu import Page, shown_to

router = APIRouter()


@router.get("/")
async def start(desk: AtDesk, request: Request) -> RedirectResponse:
    sections = shown_to(desk.visitor.staff.roles_at(desk.place.id), request.app.state.entries)
    if not sections:
        raise ApiProblem(403, "forbidden", "No role was granted at this location.")
    return RedirectResponse(f"/l/{desk.place.code}/{sections[0].entries[0].path}", status_code=303)


PAGE = Page(router)
