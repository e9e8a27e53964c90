"""What patients were told, will be told, and were not told; and who should come again."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from contracts.identity import CLINIC, DESK
from web import labels
from web.clients import booking, notifications, patients
from web.clients.notifications import Message, Messages, Recall, Recalls
from web.desk import AtDesk, Desk
from web.exports import ROWS_AT_ONCE, Cell, whole_list
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
MESSAGE_COLUMNS = (
    "Message",
    "Patient",
    "When",
    "State",
    "Why not",
    "Channel",
    "Message id",
    "Patient id",
    "Visit id",
)
RECALL_COLUMNS = ("Patient", "Due on", "Reason", "State", "Patient id")
RECALL_STATES = (("", "Due"), ("open", "Planned"), ("closed", "Booked"), ("all", "All"))


@router.get("/l/{place}/messages")
async def message_list(desk: AtDesk, request: Request) -> HTMLResponse:
    """Messages of this location, the last to be sent first."""
    asked = _messages_asked(request)
    found = await _messages(desk, asked, asked.cursor)
    names = await patients.named(desk.api, (message.patient_id for message in found.items))
    templates = [("", "Every kind"), *((key, text.text) for key, text in labels.TEMPLATES.items())]
    return desk.page("pages/messages.html", asked=asked, found=found, names=names, states=STATES, templates=templates)


@router.get("/l/{place}/messages.csv")
async def message_file(desk: AtDesk, request: Request) -> Response:
    """The messages of these filters, all of them; not their words."""
    asked = _messages_asked(request)

    async def some(cursor: str | None) -> tuple[Sequence[Message], str | None]:
        page = await _messages(desk, asked, cursor, limit=ROWS_AT_ONCE)
        return page.items, page.next_cursor

    async def written(messages: Sequence[Message]) -> list[tuple[Cell, ...]]:
        names = await patients.named(desk.api, (message.patient_id for message in messages))
        return [_message_row(message, names, desk.place.tz) for message in messages]

    return await whole_list(f"messages-{desk.place.code}", MESSAGE_COLUMNS, some, written)


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
    found = await _recalls(desk, asked, asked.cursor)
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

    async def some(cursor: str | None) -> tuple[Sequence[Recall], str | None]:
        page = await _recalls(desk, asked, cursor, limit=ROWS_AT_ONCE)
        return page.items, page.next_cursor

    async def written(recalls: Sequence[Recall]) -> list[tuple[Cell, ...]]:
        names = await patients.named(desk.api, (recall.patient_id for recall in recalls))
        return [_row(recall, names) for recall in recalls]

    return await whole_list(f"recalls-{desk.place.code}", RECALL_COLUMNS, some, written)


def _messages_asked(request: Request) -> Listing:
    """Of what is still to come, what goes out next stands first."""
    first = "send_at" if request.query_params.get("state") == "scheduled" else "-send_at"
    states = (state for state, _ in STATES)
    return listing(request, sorts=("send_at",), default=first, state=states, template=labels.TEMPLATES)


async def _messages(desk: Desk, asked: Listing, cursor: str | None, *, limit: int = 50) -> Messages:
    return await notifications.messages(
        desk.api,
        location_id=desk.place.id,
        state=_state(asked, first="sent"),
        template=asked["template"] or None,
        sort=asked.sort,
        cursor=cursor,
        limit=limit,
    )


def _message_row(message: Message, names: Mapping[UUID, str], zone: ZoneInfo) -> tuple[Cell, ...]:
    return (
        labels.label(message.template, labels.TEMPLATES).text,
        names.get(message.patient_id),
        (message.sent_at or message.send_at).astimezone(zone),
        labels.label(message.state, labels.MESSAGES).text,
        labels.why(message.reason),
        message.channel,
        str(message.id),
        str(message.patient_id),
        str(message.appointment_id or ""),
    )


def _row(recall: Recall, names: Mapping[UUID, str]) -> tuple[Cell, ...]:
    reason = labels.label(recall.reason, labels.RECALL_REASONS).text
    state = labels.label(recall.state, labels.RECALLS).text
    return (names.get(recall.patient_id), recall.due_on, reason, state, str(recall.patient_id))


def _state(asked: Listing, *, first: str) -> str | None:
    """The state to ask for: the first of the choices unless another was chosen, None for all of them."""
    return None if asked["state"] == "all" else asked["state"] or first


def _recalls_asked(request: Request) -> Listing:
    return listing(request, sorts=("due_on",), default="due_on", state=(state for state, _ in RECALL_STATES))


async def _recalls(desk: Desk, asked: Listing, cursor: str | None, *, limit: int = 50) -> Recalls:
    state = _state(asked, first="due")
    return await notifications.recalls(
        desk.api, desk.place.id, state=state, sort=asked.sort, cursor=cursor, limit=limit
    )


PAGE = Page(
    router,
    CLINIC,
    (
        Entry(Section.FOLLOW_UP, "Messages", "message", "messages", CLINIC),
        Entry(Section.FOLLOW_UP, "Recalls", "refresh", "recalls", CLINIC),
    ),
)
