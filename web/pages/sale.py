"""Selling a package: who, what, how many sessions, at which price, and how it is paid."""

from asyncio import gather
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import TILL
from contracts.values import Money
from web import paying, typed
from web.clients import accounts, booking, patients
from web.clients.accounts import Offer
from web.clients.booking import Patient, Treatment
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.exports import amount
from web.forms import Entered, entered
from web.menu import Page
from web.pages.patient import beside
from web.partly import part

router = APIRouter()

SIZES = (3, 4, 6)


@dataclass(frozen=True, slots=True)
class Choice:
    """A package as it stands on the form; without a list price the desk agrees on one."""

    sessions: int
    offer: Offer | None

    @property
    def price(self) -> str:
        return amount(self.offer.price) if self.offer else ""

    @property
    def each(self) -> Money | None:
        """What a session comes to, to the nearest cent below; the books share the rest out (FN-05)."""
        if self.offer is None:
            return None
        return Money(minor=self.offer.price.minor // self.sessions, currency=self.offer.price.currency)

    @property
    def saving(self) -> Money | None:
        return self.offer.regular - self.offer.price if self.offer else None


@router.get("/l/{place}/packages/sell")
async def blank(desk: AtDesk, request: Request) -> HTMLResponse:
    """The form, as far as the address has answered it: patient, treatment."""
    asked = request.query_params
    return await _form(desk, Entered.blank(patient=asked.get("patient", ""), treatment=asked.get("treatment", "")))


@router.get("/l/{place}/packages/sell/patients")
async def who(desk: AtDesk, q: str = "", treatment: str = "") -> HTMLResponse:
    """Hits under the search field of the form."""
    wanted = q.strip()[:100]
    found = await booking.patients(desk.api, wanted) if wanted else ()
    return desk.part("parts/sale_hits.html", hits=found, q=wanted, treatment=treatment)


@router.post("/l/{place}/packages/sell")
async def sell(desk: AtDesk, request: Request) -> Response:
    form = await entered(request)
    body = _body(form, desk)
    if body is None:
        return await _form(desk, form, status=422)
    try:
        sold = await accounts.sell(desk.api, body, key=form.key)
    except ApiProblem as problem:
        form.refuse(problem, **_names(form))
        return await _form(desk, form, status=422)
    return RedirectResponse(f"/l/{desk.place.code}/packages/{sold.id}?done=sold", status_code=303)


def _body(form: Entered, desk: Desk) -> dict[str, Any] | None:
    """The sale as billing wants it; None when something has to be put right first."""
    if form["sessions"] not in map(str, SIZES):
        form.errors["sessions"] = "Choose how many sessions."
        return None
    sessions = int(form["sessions"])
    price = form.read("price", typed.money)
    if price is None:
        return None
    paid = paying.tenders(form)
    paying.must_cover(form, paid, price)
    if not form.is_fine or not _is_meant(form, price, sessions):
        return None
    return {
        "patient_id": form["patient"],
        "location_id": str(desk.place.id),
        "treatment": form["treatment"],
        "sessions": sessions,
        "price": price.model_dump(),
        "payments": [tender.body for tender in paid],
    }


def _is_meant(form: Entered, price: Money, sessions: int) -> bool:
    """An unusual price is asked about once; whoever saw the question and sends it again means it (CL-96)."""
    seen = f"{sessions}:{price.minor}"
    if not paying.is_unusual(price, sessions) or form["seen_unusual"] == seen:
        return True
    form.values = {**form.values, "seen_unusual": seen}
    return False


def _names(form: Entered) -> dict[str, str]:
    """Which field of the form each field of the request was; rows that were left empty were not sent."""
    rows = [row for row in range(paying.WAYS_MAX) if row == 0 or form[f"amount-{row}"]]
    return {
        "patient_id": "patient",
        "price.minor": "price",
        **{f"payments.{sent}.reference": f"reference-{row}" for sent, row in enumerate(rows)},
        **{f"payments.{sent}.amount.minor": f"amount-{row}" for sent, row in enumerate(rows)},
    }


async def _form(desk: Desk, form: Entered, *, status: int = 200) -> HTMLResponse:
    treatments, patient = await gather(booking.offered(desk.api), _patient(desk, form["patient"]))
    offered = [each for each in treatments if each.needles]
    chosen = next((each for each in offered if each.code == form["treatment"]), None)
    return desk.page(
        "pages/sale.html",
        status=status,
        form=form,
        patient=patient,
        treatments=offered,
        chosen=chosen,
        choices=await _choices(desk, chosen),
        **await _already(desk, patient, chosen),
        low=paying.SESSION_USUAL_MINOR[0],
        high=paying.SESSION_USUAL_MINOR[1],
    )


async def _already(desk: Desk, patient: Patient | None, treatment: Treatment | None) -> dict[str, Any]:
    """What the package will pay for as soon as it is sold, and what it will not: what was completed before (FN-09)."""
    if patient is None or treatment is None:
        return {"booked": (), "owed": ()}
    account, visits = await gather(
        part(accounts.account(desk.api, patient.id)), part(patients.visits(desk.api, patient.id))
    )
    upcoming = beside(visits.found or ()).upcoming
    return {
        "booked": [visit for visit in upcoming if visit.treatment == treatment.code],
        "owed": account.found.owed_for(treatment.code) if account.found else (),
    }


async def _patient(desk: Desk, patient_id: str) -> Patient | None:
    try:
        return await booking.patient(desk.api, UUID(patient_id))
    except ValueError:
        return None


async def _choices(desk: Desk, treatment: Treatment | None) -> list[Choice]:
    if treatment is None:
        return []
    offers = {offer.sessions: offer for offer in await accounts.offers(desk.api, desk.place.id, treatment.code)}
    return [Choice(sessions, offers.get(sessions)) for sessions in SIZES]


PAGE = Page(router, TILL)
