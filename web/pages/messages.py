"""What patients were told, will be told, and were not told; and who should come again."""

from asyncio import gather
from collections.abc import AsyncIterator, Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from contracts.identity import CLINIC, DESK
from web import labels
from web.clients import booking, notifications, patients
from web.clients.notifications import Recall
from web.desk import AtDesk
from web.exports import Cell, csv_file, every_page
from web.listing import Listing, listing
from web.menu import Entry, Page, Section

router = APIRouter()

STATES = (
    ("", "Sent"),
    ("scheduled", "Scheduled"),
    ("suppressed", "Not sent"),
    ("failed", "Failed"),
    ("all", "All"),
)
RECALL_STATES = (("", "Due"), ("open", "Planned"), ("closed", "Booked"), ("all", "All"))


@router.get("/l/{place}/messages")
async def message_list(desk: AtDesk, request: Request) -> HTMLResponse:
    """Messages of this location, the last to be sent first."""
    asked = listing(request, state=(state for state, _ in STATES), template=labels.TEMPLATES)
    found = await notifications.messages(
        desk.api,
        location_id=desk.place.id,
        state=_state(asked, first="sent"),
        template=asked["template"] or None,
        cursor=asked.cursor,
    )
    names = await patients.named(desk.api, (message.patient_id for message in found.items))
    templates = [("", "Every kind"), *((key, text.text) for key, text in labels.TEMPLATES.items())]
    return desk.page("pages/messages.html", asked=asked, found=found, names=names, states=STATES, templates=templates)


@router.get("/l/{place}/messages/{message_id}")
async def letter(desk: AtDesk, message_id: UUID) -> HTMLResponse:
    """One message as the patient reads it."""
    found = await notifications.letter(desk.api, message_id)
    patient = await booking.patient(desk.api, found.patient_id)
    return desk.page("pages/message.html", message=found, patient=patient)


@router.get("/l/{place}/recalls")
async def recall_list(desk: AtDesk, request: Request) -> HTMLResponse:
    """Who should come again, the most urgent first."""
    asked = _recalls_asked(request)
    found = await notifications.recalls(
        desk.api, desk.place.id, state=_state(asked, first="due"), cursor=asked.cursor, limit=50
    )
    names, treatments = await gather(
        patients.named(desk.api, (recall.patient_id for recall in found.items)), booking.treatments(desk.api)
    )
    return desk.page(
        "pages/recalls.html",
        asked=asked,
        found=found,
        names=names,
        treatments={each.code: each.name for each in treatments},
        states=RECALL_STATES,
        today=desk.place.today(desk.now),
        may_book=desk.may(DESK),
    )


@router.get("/l/{place}/recalls.csv")
async def recall_file(desk: AtDesk, request: Request) -> Response:
    """The same list as a file, for a round of calls."""
    asked = _recalls_asked(request)

    async def some(cursor: str | None) -> tuple[tuple[Recall, ...], str | None]:
        page = await notifications.recalls(
            desk.api, desk.place.id, state=_state(asked, first="due"), cursor=cursor, limit=500
        )
        return page.items, page.next_cursor

    async def rows() -> AsyncIterator[list[tuple[Cell, ...]]]:
        async for items in every_page(some):
            names = await patients.named(desk.api, (each.patient_id for each in items))
            yield [_row(each, names) for each in items]

    header = ("Patient", "Due on", "Reason", "State", "Patient id")
    return await csv_file(f"recalls-{desk.place.code}", header, rows())


def _row(recall: Recall, names: Mapping[UUID, str]) -> tuple[Cell, ...]:
    reason = labels.label(recall.reason, labels.RECALL_REASONS).text
    state = labels.label(recall.state, labels.RECALLS).text
    return (names.get(recall.patient_id), recall.due_on, reason, state, str(recall.patient_id))


def _state(asked: Listing, *, first: str) -> str | None:
    """The state to ask for: the first of the choices unless another was chosen, None for all of them."""
    return None if asked["state"] == "all" else asked["state"] or first


def _recalls_asked(request: Request) -> Listing:
    return listing(request, state=(state for state, _ in RECALL_STATES))


PAGE = Page(
    router,
    (
        Entry(Section.FOLLOW_UP, "Messages", "message", "messages", CLINIC),
        Entry(Section.FOLLOW_UP, "Recalls", "refresh", "recalls", CLINIC),
    ),
)
