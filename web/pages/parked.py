"""For operators: messages between services that could not be handled, and handling them again."""

from asyncio import gather

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import OPERATIONS
from web import typed
from web.clients import parked
from web.clients.parked import Parked, Shelf
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.exports import Cell, csv_file, one_batch
from web.forms import entered
from web.listing import Listing, listing, matches
from web.menu import Entry, Page, Section
from web.templating import plural

router = APIRouter()

COLUMNS = ("Service", "Fact", "Reason", "Attempts", "Parked at", "Message id", "Key")
MISSING_SERVICE = ApiProblem(404, "not_found", "There is no such service.")


@router.get("/l/{place}/parked")
async def shelves(desk: AtDesk, request: Request, replayed: int | None = None) -> HTMLResponse:
    """What every service has put aside, with the reason."""
    asked = _asked(request)
    said = "" if replayed is None else f"{plural(replayed, 'message')} handled again."
    return desk.page(
        "pages/parked.html",
        asked=asked,
        shelves=await _found(desk, asked),
        services=[("", "Every service"), *((each, each.capitalize()) for each in parked.SERVICES)],
        done=said,
        may_replay=desk.visitor.staff.may_everywhere(OPERATIONS),
        now=desk.now,
    )


@router.get("/l/{place}/parked.csv")
async def file(desk: AtDesk, request: Request) -> Response:
    """The parked messages of these filters."""
    rows = [_row(shelf, each) for shelf in await _found(desk, _asked(request)) for each in shelf.waiting or ()]
    return await csv_file("parked", COLUMNS, one_batch(rows))


@router.post("/l/{place}/parked/{service}/replay")
async def replay(desk: AtDesk, request: Request, service: str) -> Response:
    """First only said what would be tried; done when that page was confirmed."""
    if service not in parked.SERVICES:
        raise MISSING_SERVICE
    form = await entered(request)
    really = form["confirmed"] == "yes"
    after = typed.whole(form["after"]) or 0
    outcome = await parked.replay(desk.api, service, dry_run=not really, after=after, key=form.key)
    if really and not outcome.failed and outcome.next_after is None and not after:
        goal = f"/l/{desk.place.code}/parked?replayed={len(outcome.replayed)}"
        return RedirectResponse(goal, status_code=303)
    shelf = await parked.shelf(desk.api, service)
    waiting = {each.message_id: each for each in shelf.waiting or ()}
    return desk.page(
        "pages/replay.html", service=service, outcome=outcome, waiting=waiting, now=desk.now, form=form.blank()
    )


def _asked(request: Request) -> Listing:
    return listing(request, typed=("q",), sorts=("parked_at", "type"), default="parked_at", service=parked.SERVICES)


async def _found(desk: Desk, asked: Listing) -> list[Shelf]:
    """What these services have put aside, as far as it fits, in the asked order."""
    wanted = [each for each in parked.SERVICES if asked["service"] in ("", each)]
    found = await gather(*(parked.shelf(desk.api, service) for service in wanted))
    return [shelf.model_copy(update={"waiting": _chosen(shelf, asked)}) for shelf in found]


def _chosen(shelf: Shelf, asked: Listing) -> tuple[Parked, ...] | None:
    if shelf.waiting is None:
        return None
    fits = (each for each in shelf.waiting if matches(asked["q"], each.type, each.reason, str(each.message_id)))
    return tuple(asked.ordered(fits, {"parked_at": lambda each: each.parked_at, "type": lambda each: each.type}))


def _row(shelf: Shelf, each: Parked) -> tuple[Cell, ...]:
    return (shelf.service, each.type, each.reason, each.attempts, each.parked_at, str(each.message_id), str(each.key))


PAGE = Page(router, OPERATIONS, (Entry(Section.SYSTEM, "Parked messages", "webhook", "parked", OPERATIONS),))
