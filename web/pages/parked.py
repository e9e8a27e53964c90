"""For operators: messages between services that could not be handled, and handling them again."""

from asyncio import gather

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import OPERATIONS
from web.clients import parked
from web.desk import AtDesk
from web.errors import ApiProblem
from web.forms import entered
from web.menu import Entry, Page, Section
from web.templating import plural

router = APIRouter()

MISSING_SERVICE = ApiProblem(404, "not_found", "There is no such service.")


@router.get("/l/{place}/parked")
async def shelves(desk: AtDesk, replayed: int | None = None) -> HTMLResponse:
    """What every service has put aside, with the reason."""
    found = await gather(*(parked.shelf(desk.api, service) for service in parked.SERVICES))
    said = "" if replayed is None else f"{plural(replayed, 'message')} handled again."
    return desk.page("pages/parked.html", shelves=found, done=said, now=desk.now)


@router.post("/l/{place}/parked/{service}/replay")
async def replay(desk: AtDesk, request: Request, service: str) -> Response:
    """First only said what would be tried; done when that page was confirmed."""
    if service not in parked.SERVICES:
        raise MISSING_SERVICE
    form = await entered(request)
    really = form["confirmed"] == "yes"
    outcome = await parked.replay(desk.api, service, dry_run=not really, key=form.key)
    if really and not outcome.failed:
        goal = f"/l/{desk.place.code}/parked?replayed={len(outcome.replayed)}"
        return RedirectResponse(goal, status_code=303)
    shelf = await parked.shelf(desk.api, service)
    waiting = {each.message_id: each for each in shelf.waiting or ()}
    return desk.page(
        "pages/replay.html", service=service, outcome=outcome, waiting=waiting, now=desk.now, form=form.blank()
    )


PAGE = Page(router, (Entry(Section.SYSTEM, "Parked messages", "webhook", "parked", OPERATIONS),))
