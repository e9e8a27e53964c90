"""Invoices: what is owed for completed sessions, and taking the payment."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import ACCOUNTS, MONEY, TILL
from web import paying
from web.clients import accounts, booking, patients
from web.clients.accounts import Invoice, Invoices
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.exports import ROWS_AT_ONCE, Cell, amount, whole_list
from web.forms import Entered, entered
from web.labels import INVOICES, label
from web.listing import Listing, listing
from web.menu import Entry, Page, Section
from web.partly import part
from web.templating import money

router = APIRouter()

STATES = (("", "All"), ("open", "Open"), ("paid", "Paid"))
COLUMNS = (
    "Patient",
    "Session",
    "Treatment",
    "State",
    "Total",
    "Due",
    "Currency",
    "Invoice id",
    "Patient id",
    "Visit id",
)
SORTS = ("performed_on", "total", "due")


@router.get("/l/{place}/invoices")
async def invoice_list(desk: AtDesk, request: Request) -> HTMLResponse:
    """Invoices of this location."""
    asked = _asked(request)
    found, treatments = await gather(_found(desk, asked, asked.cursor), booking.treatments(desk.api))
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
async def file(desk: AtDesk, request: Request) -> Response:
    """The invoices of these filters in this order, all of them."""
    desk.must(MONEY)
    asked, named = _asked(request), {each.code: each.name for each in await booking.treatments(desk.api)}

    async def some(cursor: str | None) -> tuple[Sequence[Invoice], str | None]:
        page = await _found(desk, asked, cursor, limit=ROWS_AT_ONCE)
        return page.items, page.next_cursor

    async def written(invoices: Sequence[Invoice]) -> list[tuple[Cell, ...]]:
        names = await patients.named(desk.api, (invoice.patient_id for invoice in invoices))
        return [_row(invoice, names, named) for invoice in invoices]

    return await whole_list(f"invoices-{desk.place.code}", COLUMNS, some, written)


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
    desk.must(TILL)
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


def _asked(request: Request) -> Listing:
    return listing(request, sorts=SORTS, default="-performed_on", state=("open", "paid"))


async def _found(desk: Desk, asked: Listing, cursor: str | None, *, limit: int = 50) -> Invoices:
    return await accounts.invoices(
        desk.api, desk.place.id, state=asked["state"] or None, sort=asked.sort, cursor=cursor, limit=limit
    )


def _row(invoice: Invoice, names: Mapping[UUID, str], treatments: Mapping[str, str]) -> tuple[Cell, ...]:
    return (
        names.get(invoice.patient_id),
        invoice.performed_on,
        treatments.get(invoice.treatment, invoice.treatment),
        label(invoice.state, INVOICES).text,
        invoice.total,
        invoice.due,
        invoice.total.currency,
        str(invoice.id),
        str(invoice.patient_id),
        str(invoice.appointment_id),
    )


async def _page(desk: Desk, invoice_id: UUID, form: Entered, *, done: str = "", status: int = 200) -> HTMLResponse:
    found = await accounts.invoice(desk.api, invoice_id)
    patient, visit, treatments, account = await gather(
        booking.patient(desk.api, found.patient_id),
        part(booking.appointment(desk.api, found.appointment_id)),
        booking.treatments(desk.api),
        part(accounts.account(desk.api, found.patient_id)),
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
        sessions_left=account.found.left_of(found.treatment) if account.found and found.is_open else 0,
        done=done,
    )


PAGE = Page(router, ACCOUNTS, (Entry(Section.MONEY, "Invoices", "receipt", "invoices", ACCOUNTS),))
