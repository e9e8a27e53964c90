"""The breaks board: completed sessions that miss their payment, stock, aftercare or next visit."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from contracts.identity import CLINIC, MANAGEMENT, MONEY, OPERATIONS, TILL
from contracts.values import Money
from web.clients import audit, patients
from web.clients.audit import Break
from web.desk import AtDesk, Desk
from web.exports import Cell, csv_file, one_batch
from web.labels import MISSING
from web.listing import Listing, listing
from web.menu import Entry, Page, Section
from web.partly import part

router = APIRouter()

STATES = (("", "Open"), ("healed", "Healed"))
SORTS = ("age", "risk")
COLUMNS = ("Patient", "Completed", "Age in minutes", "Missing", "At risk", "Currency", "State", "Healed", "Visit id")


@router.get("/l/{place}/breaks")
async def board(desk: AtDesk, request: Request) -> HTMLResponse:
    """What is open, the oldest first; what healed is kept to see how long it took."""
    asked = _asked(request)
    found = await audit.breaks(desk.api, desk.place.id, state=asked["state"] or "open")
    rows = _chosen(asked, found)
    return desk.page(
        "pages/breaks.html",
        asked=asked,
        rows=rows,
        names=await _names(desk, rows),
        missing=MISSING,
        states=STATES,
        kinds=(("", "Anything"), *MISSING.items()),
        counts=Counter(each for row in rows for each in row.missing),
        at_risk=total(rows),
        most=audit.BREAKS_MAX,
        age=lambda row: timedelta(seconds=row.age_seconds),
    )


@router.get("/l/{place}/breaks.csv")
async def file(desk: AtDesk, request: Request) -> Response:
    """The breaks of these filters in this order."""
    asked = _asked(request)
    rows = _chosen(asked, await audit.breaks(desk.api, desk.place.id, state=asked["state"] or "open"))

    names = await _names(desk, rows)
    written = [_row(row, names, desk.place.tz) for row in rows]
    return await csv_file(f"breaks-{desk.place.code}", COLUMNS, one_batch(written))


def total(rows: Sequence[Break]) -> Money | None:
    """The money at risk in these breaks; None when none of them is about money."""
    amounts = [row.at_risk for row in rows if row.at_risk is not None]
    return sum(amounts[1:], start=amounts[0]) if amounts else None


def _row(row: Break, names: Mapping[UUID, str], zone: ZoneInfo) -> tuple[Cell, ...]:
    return (
        names.get(row.patient_id) if row.patient_id else None,
        row.completed_at.astimezone(zone),
        row.age_seconds // 60,
        ", ".join(row.missing),
        row.at_risk,
        row.at_risk.currency if row.at_risk else None,
        row.state,
        row.healed_at.astimezone(zone) if row.healed_at else None,
        str(row.appointment_id),
    )


def _asked(request: Request) -> Listing:
    return listing(request, sorts=SORTS, default="-age", state=("healed",), missing=MISSING)


def _chosen(asked: Listing, found: Sequence[Break]) -> list[Break]:
    kind = asked["missing"]
    wanted = [row for row in found if not kind or kind in row.missing]
    keys = {"age": lambda row: row.age_seconds, "risk": lambda row: row.at_risk.minor if row.at_risk else None}
    return asked.ordered(wanted, keys)


async def _names(desk: Desk, rows: Sequence[Break]) -> dict[UUID, str]:
    """Names for those who may see them; operators and stock keepers see visits only (CP-02)."""
    if not desk.may((*CLINIC, *TILL)):
        return {}
    known = (row.patient_id for row in rows if row.patient_id)
    return (await part(patients.named(desk.api, known))).found or {}


ROLES = tuple(dict.fromkeys((*MANAGEMENT, *MONEY, *OPERATIONS)))
PAGE = Page(router, ROLES, (Entry(Section.FOLLOW_UP, "Breaks", "heartbeat", "breaks", ROLES),))
