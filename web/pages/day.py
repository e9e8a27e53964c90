"""The day page: practitioners or rooms side by side, and who is where when."""

from asyncio import gather
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from contracts.identity import CLINIC, MANAGEMENT
from web import cards, readiness
from web.clients import booking
from web.clients.booking import Day, Room, Treatment
from web.clients.settlements import Settlement, settlements
from web.desk import AtDesk, Desk
from web.menu import Entry, Page, Section
from web.partly import part
from web.words import FLAGS, hue_of

router = APIRouter()

Columns = Literal["practitioners", "rooms"]
On = Annotated[date, Path(description="The day, by the calendar of the location.")]


@router.get("/l/{place}/day")
async def today(desk: AtDesk) -> RedirectResponse:
    """Today's grid, by the wall calendar of the location."""
    return RedirectResponse(f"/l/{desk.place.code}/day/{desk.place.today(desk.now)}", status_code=303)


@router.get("/l/{place}/day/{on}")
async def page(
    desk: AtDesk,
    on: On,
    by: Annotated[Columns, Query()] = "practitioners",
    visit: Annotated[UUID | None, Query()] = None,
) -> HTMLResponse:
    """The whole page with its cards in it; `visit` opens one of them."""
    mark = desk.state.live.mark(desk.place.id)
    day, treatments, settled = await _day(desk, on)
    config = _config(desk, day, by=by, visit=visit) | {"mark": mark}
    steps = None if config["columns"] else await readiness.steps_of(desk)
    return desk.page(
        "pages/day.html",
        steps=None if steps is None or steps.is_ready else steps,
        may_set_up=desk.may(MANAGEMENT),
        day=day,
        by=by,
        on=on,
        today=desk.place.today(desk.now),
        before=on - timedelta(days=1),
        after=on + timedelta(days=1),
        figures=cards.figures(day, now=desk.now),
        key={each.name: hue_of(each.colour) for each in treatments.values() if _is_on(day, each.code)},
        flags=FLAGS,
        may_book=desk.may(CLINIC),
        config=config,
        drawn=_drawn(desk, day, treatments, settled),
    )


@router.get("/l/{place}/day/{on}/cards")
async def all_cards(desk: AtDesk, on: On) -> JSONResponse:
    """Every card of the day: loaded again after a browser was away."""
    return JSONResponse(_drawn(desk, *await _day(desk, on)))


@router.get("/l/{place}/day/{on}/figures")
async def figures(desk: AtDesk, on: On) -> HTMLResponse:
    """The numbers above the grid."""
    day = await booking.day(desk.api, desk.place.id, on)
    return desk.part("parts/figures.html", figures=cards.figures(day, now=desk.now))


@router.get("/l/{place}/visits/{visit_id}/card")
async def one_card(desk: AtDesk, visit_id: UUID) -> JSONResponse:
    """One card as it is now."""
    return JSONResponse(await card_of(desk, await booking.appointment(desk.api, visit_id)))


async def card_of(desk: Desk, visit: booking.Appointment) -> dict[str, Any]:
    """The card of a visit that was just read or changed."""
    treatments, settled = await gather(_treatments(desk), part(settlements(desk.api, [visit.id])))
    return cards.card(visit, (settled.found or {}).get(visit.id), treatments=treatments, movable=desk.may(CLINIC))


Treatments = Mapping[str, Treatment]


async def _day(desk: Desk, on: date) -> tuple[Day, Treatments, Mapping[UUID, Settlement]]:
    day, treatments = await gather(booking.day(desk.api, desk.place.id, on), _treatments(desk))
    ids = [visit.id for visit in day.appointments if not visit.is_over]
    return day, treatments, (await part(settlements(desk.api, ids))).found or {}


async def _treatments(desk: Desk) -> Treatments:
    return {each.code: each for each in await booking.treatments(desk.api)}


def _is_on(day: Day, treatment: str) -> bool:
    return any(visit.treatment == treatment for visit in day.appointments)


def _drawn(desk: Desk, day: Day, treatments: Treatments, settled: Mapping[UUID, Settlement]) -> list[dict[str, Any]]:
    movable = desk.may(CLINIC)
    shown = [visit for visit in day.appointments if not visit.is_over]
    return cards.shaded(day) + [
        cards.card(visit, settled.get(visit.id), treatments=treatments, movable=movable) for visit in shown
    ]


def _config(desk: Desk, day: Day, *, by: Columns, visit: UUID | None) -> dict[str, Any]:
    """What the script of the page needs to know."""
    begin, end = cards.shown_hours(day)
    columns = _columns(day, by)
    return {
        "place": desk.place.code,
        "date": day.date.isoformat(),
        "offset": day.utc_offset,
        "now": desk.now.isoformat(),
        "by": by,
        "begin": f"{begin:%H:%M}",
        "end": _until(begin, end),
        "scroll": f"{_scroll_to(desk, day, begin):%H:%M}",
        "columns": columns,
        "bookable": desk.may(CLINIC),
        "visit": str(visit) if visit else None,
    }


def _columns(day: Day, by: Columns) -> list[dict[str, Any]]:
    if by == "rooms":
        return [
            {"id": str(room.id), "title": room.name, "extendedProps": {"sub": _kind(room), "mark": room.mark}}
            for room in day.rooms
            if room.is_column
        ]
    return [
        {
            "id": str(each.id),
            "title": each.name,
            "extendedProps": {"sub": each.credential or "", "mark": each.initials},
        }
        for each in day.practitioners
    ]


def _kind(room: Room) -> str:
    return (room.kind or "").replace("_", " ").capitalize()


def _until(begin: datetime, end: datetime) -> str:
    return f"{end:%H:%M}" if end.date() == begin.date() else "24:00"


def _scroll_to(desk: Desk, day: Day, begin: datetime) -> datetime:
    """A little before now, or where the day begins."""
    wall = desk.now.astimezone(desk.place.tz).replace(tzinfo=None)
    if wall.date() != day.date:
        return begin + timedelta(minutes=45)
    return max(begin, (wall - timedelta(minutes=75)).replace(second=0, microsecond=0))


PAGE = Page(router, CLINIC, (Entry(Section.CLINIC, "Day", "calendar", "day", CLINIC),))
