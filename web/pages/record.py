"""The treatment record: filled in with what is usual, signed once, read ever after, and what followed from it."""

from asyncio import gather
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from chassis.clock import new_id
from contracts.identity import CLINIC, CLINICAL, TILL
from web import records
from web.areas import AREAS_OF_ONE_CARTRIDGE, ASKS_WHY, areas_of, depth_options
from web.clients import audit, booking, products, stock
from web.clients.audit import Happening
from web.clients.booking import Appointment, Device
from web.clients.settlements import Settlement, settlements
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.forms import REFUSALS
from web.menu import Page
from web.pages.day import card_of
from web.partly import part
from web.records import CARTRIDGE, AreaRow, Draft, ProductRow
from web.said import tell
from web.signed import signed_record
from web.templating import money
from web.timeline import SAYINGS
from web.words import REACTIONS

router = APIRouter(prefix="/l/{place}/visits/{visit_id}")

SESSIONS_APART = timedelta(days=28)
"""The next session of a series is booked no earlier (CL-22)."""
LOOKS_MAX = 60
"""Times the page looks for what followed, once a second, before it stops asking by itself."""
STOP_ASKING = 286
"""The status by which htmx ends what it repeats."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that has to follow from a completed session; without a text it has not happened yet."""

    name: str
    icon: str
    text: str = ""
    invoice_id: UUID | None = None
    """What is to be paid now, for who may take money."""


FOLLOWS = (
    ("Stock", "vaccine", ("inventory.stock-consumed",)),
    ("Aftercare", "heartbeat", ("notifications.aftercare-scheduled",)),
    ("Next visit", "refresh", ("notifications.recall-scheduled", "notifications.recall-closed")),
)
WITHOUT_NEEDLES = 1
"""Of these only stock follows from a visit at which nothing is needled."""


@router.get("/record")
async def record(desk: AtDesk, visit_id: UUID, hx_request: Annotated[str | None, Header()] = None) -> Response:
    """What was signed, to be read or printed; before that the form, which is part of the day page."""
    visit = await booking.appointment(desk.api, visit_id)
    if visit.status == "completed":
        shown: dict[str, Any] = {"visit": visit, "signed": await signed_record(desk, visit), "reactions": REACTIONS}
        return desk.part("parts/signed.html", **shown) if hx_request else desk.page("pages/signed.html", **shown)
    if hx_request is None:
        return RedirectResponse(f"/l/{desk.place.code}/visits/{visit_id}", status_code=303)
    desk.must(CLINICAL)
    return await _form(desk, visit, await _begun(desk, visit))


@router.get("/record/product")
async def another_product(desk: AtDesk, visit_id: UUID, item: Annotated[UUID, Query()]) -> HTMLResponse:
    """A row for one more product."""
    desk.must(CLINICAL)
    visit = await booking.appointment(desk.api, visit_id)
    found = next((each for each in await stock.items(desk.api) if each.id == item), None)
    if found is None:
        raise ApiProblem(404, "not_found", "This product is no longer in the catalogue.")
    lots = await _lots(desk, item, visit.local_start.date())
    lot_id = str(lots[0].lot_id) if lots else ""
    is_cartridge = found.item_class == CARTRIDGE
    row = ProductRow(item, found.name, found.unit, "1", lot_id, lots, is_cartridge=is_cartridge)
    return desk.part("parts/record_product.html", row=row, on=visit.local_start.date())


@router.post("/record")
async def sign(desk: AtDesk, visit_id: UUID, request: Request) -> Response:
    """Sign it, which completes the visit; what is not right comes back beside the field it is about."""
    desk.must(CLINICAL)
    visit = await booking.appointment(desk.api, visit_id)
    draft = records.read(await request.form())
    if draft.is_fine:
        try:
            return await _signed(desk, visit, draft)
        except ApiProblem as problem:
            if problem.status not in REFUSALS:
                raise
            records.explain(draft, problem)
    for row in draft.products:
        row.lots = await _lots(desk, row.item_id, visit.local_start.date())
    return await _form(desk, visit, draft, status=422)


@router.get("/followed")
async def followed(
    desk: AtDesk, visit_id: UUID, look: Annotated[int, Query(ge=0)] = 0, *, request: Request
) -> HTMLResponse:
    """What followed from the session, looked for again until all of it is there."""
    visit = await booking.appointment(desk.api, visit_id)
    return await _followed(desk, visit, look=look, whole="list" not in request.query_params)


async def _begun(desk: Desk, visit: Appointment) -> Draft:
    """The record, filled in with what is known: the usual products, the times that were clicked."""
    numbing_on = _clock(visit.numbing_at, desk)
    return Draft(
        key=str(new_id()),
        version=visit.version,
        device_id=str(visit.device_id or ""),
        areas=[AreaRow()] if visit.modality != "none" else [],
        products=await _usual(desk, visit),
        numbed=bool(numbing_on),
        numbing_on=numbing_on,
        numbing_off=_clock(visit.numbing_off_at or visit.started_at, desk) if numbing_on else "",
    )


async def _signed(desk: Desk, visit: Appointment, draft: Draft) -> Response:
    body = records.body(draft, on=_performed_on(visit, desk), zone=desk.place.tz)
    done = await booking.act(desk.api, visit.id, "complete", body, key=draft.key)
    response = await _followed(desk, done, look=0, whole=True)
    return tell(response, visit_saved=await card_of(desk, done))


async def _followed(desk: Desk, visit: Appointment, *, look: int, whole: bool) -> HTMLResponse:
    effects = await _effects(desk, visit)
    waits = look < LOOKS_MAX and not all(each.text for each in effects)
    return desk.part(
        "parts/followed.html" if whole else "parts/followed_list.html",
        status=200 if whole or waits else STOP_ASKING,
        visit=visit,
        effects=effects,
        next_on=_performed_on(visit, desk) + SESSIONS_APART,
        look=look + 1,
        waits=waits,
    )


async def _effects(desk: Desk, visit: Appointment) -> list[Effect]:
    """Money is asked of billing, which also tells it to those whose timeline leaves money out."""
    settled, told = await gather(
        part(settlements(desk.api, [visit.id])), part(audit.timeline(desk.api, appointment_id=visit.id))
    )
    follows = FOLLOWS if visit.modality != "none" else FOLLOWS[:WITHOUT_NEEDLES]
    others = [Effect(name, picture, _told(told.found or (), types)) for name, picture, types in follows]
    return [_payment(desk, (settled.found or {}).get(visit.id)), *others]


def _payment(desk: Desk, settlement: Settlement | None) -> Effect:
    kind = settlement.kind if settlement else ""
    amount = money(settlement.amount) if settlement else ""
    texts = {
        "redeemed": f"Paid from the package: {amount}",
        "invoiced": f"Invoice issued: {amount}",
        "waived": "Without charge",
    }
    owed = settlement is not None and settlement.is_owed and desk.may(TILL)
    return Effect("Payment", "wallet", texts.get(kind, ""), settlement.invoice_id if settlement and owed else None)


def _told(happened: Sequence[Happening], types: Sequence[str]) -> str:
    """The last of these happenings in plain words; empty when there is none."""
    found = _last(happened, types)
    return SAYINGS[found.type].words(found.details) if found else ""


def _last(happened: Sequence[Happening], types: Sequence[str]) -> Happening | None:
    return next((each for each in reversed(happened) if each.type in types), None)


def _clock(at: datetime | None, desk: Desk) -> str:
    """When something happened, as the clock at the location showed it."""
    return f"{at.astimezone(desk.place.tz):%H:%M}" if at else ""


def _performed_on(visit: Appointment, desk: Desk) -> date:
    """The day of the treatment, which need not be the one it was booked for."""
    return visit.started_at.astimezone(desk.place.tz).date() if visit.started_at else visit.local_start.date()


async def _usual(desk: Desk, visit: Appointment) -> list[ProductRow]:
    """What the treatment usually takes, each with the lots it can come from."""
    on = visit.local_start.date()
    usual = await part(products.suggestions(desk.api, desk.place.id, visit.treatment, on))
    return [records.suggested(each) for each in usual.found or ()]


async def _lots(desk: Desk, item_id: UUID, on: date) -> tuple[products.UsableLot, ...]:
    return (await part(products.usable_lots(desk.api, item_id, desk.place.id, on))).found or ()


async def _form(desk: Desk, visit: Appointment, draft: Draft, *, status: int = 200) -> HTMLResponse:
    resources, items = await gather(booking.resources(desk.api, desk.place.id), part(stock.items(desk.api)))
    devices = [device for device in resources.devices if device.modality == visit.modality]
    return desk.part(
        "parts/record.html",
        status=status,
        visit=visit,
        draft=draft,
        on=visit.local_start.date(),
        needles=visit.modality != "none",
        areas=areas_of(visit.modality),
        depths=depth_options(visit.modality, deepest(devices)) if visit.modality != "none" else [],
        devices=devices,
        limit=_limit(devices, draft),
        lasts_for=AREAS_OF_ONE_CARTRIDGE if visit.modality == "pen" else None,
        asks_why=visit.modality in ASKS_WHY,
        items=[item for item in items.found or () if item.active],
        reactions=REACTIONS,
    )


def deepest(devices: Sequence[Device]) -> int | None:
    """How deep the deepest of them goes; None where one of them does not say."""
    depths = [device.depth_max_hundredths_mm for device in devices]
    return max((depth for depth in depths if depth), default=None) if all(depths) else None


def _limit(devices: Sequence[Device], draft: Draft) -> int | None:
    """How deep the chosen device goes; the first one is chosen where nothing else was."""
    chosen = next((device for device in devices if str(device.id) == draft.device_id), next(iter(devices), None))
    return chosen.depth_max_hundredths_mm if chosen else None


PAGE = Page(router, CLINIC)
