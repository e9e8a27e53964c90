"""Packages of prepaid sessions: which were sold, and what became of each session."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from contracts.identity import ACCOUNTS, DESK, MONEY, TILL
from web import timeline
from web.clients import accounts, audit, booking, patients
from web.clients.accounts import Package, Packages
from web.clients.audit import Happening
from web.clients.booking import Treatment
from web.desk import AtDesk, Desk
from web.exports import ROWS_AT_ONCE, Cell, whole_list
from web.labels import PACKAGES, label
from web.listing import Listing, listing
from web.menu import Entry, Page, Section
from web.pages.patient import staff_names
from web.partly import part

router = APIRouter()

STATES = (("", "All"), ("active", "Active"), ("used_up", "Used up"), ("expired", "Expired"))
SORTS = ("sold_on", "expires_on", "remaining")
COLUMNS = (
    "Patient",
    "Treatment",
    "Sessions",
    "Left",
    "Sold on",
    "Valid until",
    "State",
    "Price",
    "Currency",
    "Package id",
    "Patient id",
)
DONE = {"sold": "The package is sold and paid. Its sessions can be used from now on."}


@router.get("/l/{place}/packages")
async def package_list(desk: AtDesk, request: Request) -> HTMLResponse:
    """Packages sold at this location."""
    treatments = await booking.treatments(desk.api)
    asked = _asked(request, treatments)
    found = await _found(desk, asked, asked.cursor)
    return desk.page(
        "pages/packages.html",
        asked=asked,
        found=found,
        names=await patients.named(desk.api, (package.patient_id for package in found.items)),
        states=STATES,
        treatments={each.code: each.name for each in treatments},
        choices=[("", "Every treatment"), *((each.code, each.name) for each in treatments if each.needles)],
        today=desk.place.today(desk.now),
        may_sell=desk.may(TILL),
        may_export=desk.may(MONEY),
    )


@router.get("/l/{place}/packages.csv")
async def file(desk: AtDesk, request: Request) -> Response:
    """The packages of these filters in this order, all of them."""
    desk.must(MONEY)
    treatments = await booking.treatments(desk.api)
    asked, named = _asked(request, treatments), {each.code: each.name for each in treatments}

    async def some(cursor: str | None) -> tuple[Sequence[Package], str | None]:
        page = await _found(desk, asked, cursor, limit=ROWS_AT_ONCE)
        return page.items, page.next_cursor

    async def written(packages: Sequence[Package]) -> list[tuple[Cell, ...]]:
        names = await patients.named(desk.api, (package.patient_id for package in packages))
        return [_row(package, names, named) for package in packages]

    return await whole_list(f"packages-{desk.place.code}", COLUMNS, some, written)


@router.get("/l/{place}/packages/{package_id}")
async def package(desk: AtDesk, package_id: UUID, done: str = "") -> HTMLResponse:
    """One package: each of its sessions, and the visit it paid for or is kept for."""
    found = await accounts.package(desk.api, package_id)
    patient, visits, account, treatments, happenings = await gather(
        booking.patient(desk.api, found.patient_id),
        part(patients.visits(desk.api, found.patient_id)),
        part(accounts.account(desk.api, found.patient_id)),
        booking.treatments(desk.api),
        part(audit.timeline(desk.api, package_id=package_id)),
    )
    payments = account.found.payments if account.found else ()
    owed = account.found.owed_for(found.treatment) if account.found else ()
    return desk.page(
        "pages/package.html",
        package=found,
        patient=patient,
        visits={visit.id: visit for visit in visits.found or ()},
        payments=[payment for payment in payments if payment.package_id == found.id],
        treatment=next((each.name for each in treatments if each.code == found.treatment), found.treatment),
        homes={place.id: place for place in desk.places},
        today=desk.place.today(desk.now),
        chapters=await _told(desk, happenings.found or ()),
        may_book=desk.may(DESK),
        owed=owed if done in DONE else (),
        done=DONE.get(done, ""),
    )


def _asked(request: Request, treatments: Sequence[Treatment]) -> Listing:
    codes = (each.code for each in treatments)
    return listing(request, sorts=SORTS, default="-sold_on", state=PACKAGES, treatment=codes)


async def _found(desk: Desk, asked: Listing, cursor: str | None, *, limit: int = 50) -> Packages:
    return await accounts.packages(
        desk.api,
        desk.place.id,
        state=asked["state"] or None,
        treatment=asked["treatment"] or None,
        sort=asked.sort,
        cursor=cursor,
        limit=limit,
    )


def _row(package: Package, names: Mapping[UUID, str], treatments: Mapping[str, str]) -> tuple[Cell, ...]:
    return (
        names.get(package.patient_id),
        treatments.get(package.treatment, package.treatment),
        package.sessions,
        package.remaining,
        package.sold_on,
        package.expires_on,
        label(package.state, PACKAGES).text,
        package.price,
        package.price.currency,
        str(package.id),
        str(package.patient_id),
    )


async def _told(desk: AtDesk, happenings: tuple[Happening, ...]) -> list[timeline.Chapter]:
    names = await staff_names(desk)
    return timeline.chapters(happenings, zone=desk.place.tz, today=desk.place.today(desk.now), names=names)


PAGE = Page(router, ACCOUNTS, (Entry(Section.MONEY, "Packages", "package", "packages", ACCOUNTS),))
