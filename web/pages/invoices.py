"""Invoices: what is owed for completed sessions, and taking the payment."""

from asyncio import gather
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import CLINIC, MONEY, TILL
from web import paying
from web.clients import accounts, booking, patients
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.exports import amount, passed_on
from web.forms import Entered, entered
from web.listing import listing
from web.menu import Entry, Page, Section
from web.partly import part
from web.templating import money

router = APIRouter()

STATES = (("", "All"), ("open", "Open"), ("paid", "Paid"))
SORTS = ("performed_on", "total", "due")


@router.get("/l/{place}/invoices")
async def invoice_list(desk: AtDesk, request: Request) -> HTMLResponse:
    """Invoices of this location."""
    asked = listing(request, sorts=SORTS, default="-performed_on", state=("open", "paid"))
    found, treatments = await gather(
        accounts.invoices(desk.api, desk.place.id, state=asked["state"] or None, sort=asked.sort, cursor=asked.cursor),
        booking.treatments(desk.api),
    )
    return desk.page(
        "pages/invoices.html",
        asked=asked,
        found=found,
        names=await patients.named(desk.api, (invoice.patient_id for invoice in found.items)),
        treatments={each.code: each.name for each in treatments},
        states=STATES,
        may_export=desk.may(MONEY),
    )


@router.get("/l/{place}/invoices.csv")
async def file(desk: AtDesk) -> Response:
    """All invoices of this location."""
    answer = await desk.api.file("billing", "/exports/invoices.csv", location_id=desk.place.id)
    return passed_on(answer, f"invoices-{desk.place.code}")


@router.get("/l/{place}/invoices/{invoice_id}")
async def invoice(desk: AtDesk, invoice_id: UUID, paid: str = "") -> HTMLResponse:
    """One invoice, its payments, and the form to take the next."""
    found = await accounts.invoice(desk.api, invoice_id)
    said = ""
    if paid in {str(payment.id) for payment in found.payments}:
        said = "Paid in full." if not found.is_open else f"The payment is recorded; {money(found.due)} is still due."
    return await _page(desk, invoice_id, Entered.blank(**{"amount-0": amount(found.due)}), done=said)


@router.post("/l/{place}/invoices/{invoice_id}/payments")
async def pay(desk: AtDesk, request: Request, invoice_id: UUID) -> Response:
    """Take a payment; the form tells what it could not take."""
    form = await entered(request)
    tenders = paying.tenders(form)
    if not form.is_fine or not tenders:
        return await _page(desk, invoice_id, form, status=422)
    try:
        taken = await accounts.pay(desk.api, invoice_id, tenders[0].body, key=form.key)
    except ApiProblem as problem:
        form.refuse(problem, **{"amount.minor": "amount-0", "reference": "reference-0"})
        return await _page(desk, invoice_id, form, status=422)
    return RedirectResponse(f"/l/{desk.place.code}/invoices/{invoice_id}?paid={taken.id}", status_code=303)


async def _page(desk: Desk, invoice_id: UUID, form: Entered, *, done: str = "", status: int = 200) -> HTMLResponse:
    found = await accounts.invoice(desk.api, invoice_id)
    patient, visit, treatments = await gather(
        booking.patient(desk.api, found.patient_id),
        part(booking.appointment(desk.api, found.appointment_id)),
        booking.treatments(desk.api),
    )
    return desk.page(
        "pages/invoice.html",
        status=status,
        invoice=found,
        patient=patient,
        visit=visit.found,
        treatment=next((each.name for each in treatments if each.code == found.treatment), found.treatment),
        homes={place.id: place for place in desk.places},
        form=form,
        may_take=desk.may(TILL),
        done=done,
    )


ROLES = tuple(dict.fromkeys((*CLINIC, *MONEY)))
PAGE = Page(router, (Entry(Section.MONEY, "Invoices", "receipt", "invoices", ROLES),))
