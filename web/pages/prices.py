"""List prices: what a single session of each treatment costs at a location, since when, and what it will cost next."""

from asyncio import gather
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import ACCOUNTS, MANAGEMENT, MONEY
from contracts.values import Money
from web import paying, typed
from web.clients import booking, prices
from web.clients.booking import Treatment
from web.clients.prices import Price
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.exports import Cell, amount, csv_file, one_batch
from web.forms import Entered, entered
from web.listing import Listing, listing, matches
from web.menu import Entry, Page, Section
from web.templating import calendar_day, money, plural

router = APIRouter()

STATES = (("", "All"), ("missing", "Missing"), ("changing", "Changing"), ("unusual", "Unusual"))
COLUMNS = ("Treatment", "Code", "Price", "Currency", "Since", "Next price", "From")


@dataclass(frozen=True, slots=True)
class Row:
    """A treatment with its price here; None while nobody has set one."""

    treatment: Treatment
    price: Price | None

    @property
    def is_unusual(self) -> bool:
        """Worth a second look (CL-96); what is free of charge is so on purpose."""
        return self.price is not None and self.price.price.minor > 0 and paying.is_unusual(self.price.price, 1)

    def is_in(self, state: str) -> bool:
        """Whether it belongs to what a filter shows."""
        return {
            "": True,
            "missing": self.price is None,
            "changing": self.price is not None and self.price.next is not None,
            "unusual": self.is_unusual,
        }[state]


@router.get("/l/{place}/prices")
async def price_list(desk: AtDesk, request: Request, done: str = "", settled: int = 0) -> HTMLResponse:
    """Every treatment on offer, priced or not."""
    asked = _asked(request)
    rows = await _rows(desk)
    return desk.page(
        "pages/prices.html",
        asked=asked,
        rows=_chosen(rows, asked),
        states=STATES,
        missing=sum(row.price is None for row in rows),
        may_set=desk.may(MONEY),
        may_offer=desk.may(MANAGEMENT),
        done=_said(rows, done, settled),
    )


@router.get("/l/{place}/prices.csv")
async def file(desk: AtDesk, request: Request) -> Response:
    """The prices of these filters in this order."""
    rows = _chosen(await _rows(desk), _asked(request))
    return await csv_file(f"prices-{desk.place.code}", COLUMNS, one_batch(_cells(row) for row in rows))


@router.get("/l/{place}/prices/{treatment}")
async def blank(desk: AtDesk, treatment: str) -> HTMLResponse:
    """The form to set the price of one treatment, from today unless another day is chosen."""
    desk.must(MONEY)
    row = await _row(desk, treatment)
    price = amount(row.price.price) if row.price else ""
    return _form(desk, row, Entered.blank(price=price, effective_on=desk.place.today(desk.now).isoformat()))


@router.post("/l/{place}/prices/{treatment}")
async def set_price(desk: AtDesk, request: Request, treatment: str) -> Response:
    """Charge this from that day on; an unusual price is asked about once."""
    desk.must(MONEY)
    row, form = await _row(desk, treatment), await entered(request)
    body = _body(form, desk, treatment)
    if body is None:
        return _form(desk, row, form, status=422)
    try:
        done = await prices.set_price(desk.api, body, key=form.key)
    except ApiProblem as problem:
        form.refuse(problem, **{"price.minor": "price"})
        return _form(desk, row, form, status=422)
    goal = f"/l/{desk.place.code}/prices?done={treatment}&settled={done.settled}"
    return RedirectResponse(goal, status_code=303)


def _body(form: Entered, desk: Desk, treatment: str) -> dict[str, Any] | None:
    """The price as billing wants it; None when something has to be put right, or looked at once more."""
    price = form.read("price", typed.price)
    if price is None:
        return None
    day = form.read("effective_on", typed.day)
    if day is None:
        return None
    if not _is_meant(form, price):
        return None
    return {
        "treatment": treatment,
        "location_id": str(desk.place.id),
        "price": price.model_dump(),
        "effective_on": day.isoformat(),
    }


def _is_meant(form: Entered, price: Money) -> bool:
    """Who saw the question about an unusual price and sends it again means it (CL-96); free is always on purpose."""
    if not price.minor or not paying.is_unusual(price, 1) or form["seen_unusual"] == str(price.minor):
        return True
    form.values = {**form.values, "seen_unusual": str(price.minor)}
    return False


def _form(desk: Desk, row: Row, form: Entered, *, status: int = 200) -> HTMLResponse:
    low, high = (Money(minor=minor) for minor in paying.SESSION_USUAL_MINOR)
    return desk.page(
        "pages/price.html",
        status=status,
        row=row,
        form=form,
        asks=bool(form["seen_unusual"]) and form.is_fine,
        usual=f"{money(low)} and {money(high)}",
        today=desk.place.today(desk.now),
    )


async def _rows(desk: Desk) -> list[Row]:
    treatments, priced = await gather(booking.offered(desk.api), prices.price_list(desk.api, desk.place.id))
    return [Row(each, priced.get(each.code)) for each in treatments]


async def _row(desk: Desk, treatment: str) -> Row:
    found = next((row for row in await _rows(desk) if row.treatment.code == treatment), None)
    if found is None:
        raise ApiProblem(404, "not_found", "There is no such treatment.")
    return found


def _asked(request: Request) -> Listing:
    states = (state for state, _ in STATES if state)
    return listing(request, sorts=("name", "price", "since"), default="name", typed=("q",), state=states)


def _chosen(rows: Iterable[Row], asked: Listing) -> list[Row]:
    wanted = [
        row for row in rows if row.is_in(asked["state"]) and matches(asked["q"], row.treatment.name, row.treatment.code)
    ]
    keys: dict[str, Any] = {
        "name": lambda row: row.treatment.name.casefold(),
        "price": lambda row: row.price.price.minor if row.price else None,
        "since": lambda row: row.price.effective_on if row.price else None,
    }
    return asked.ordered(wanted, keys)


def _cells(row: Row) -> tuple[Cell, ...]:
    price = row.price
    coming = price.next if price else None
    return (
        row.treatment.name,
        row.treatment.code,
        price.price if price else None,
        price.price.currency if price else None,
        price.effective_on if price else None,
        coming.price if coming else None,
        coming.effective_on if coming else None,
    )


def _said(rows: Iterable[Row], treatment: str, settled: int) -> str:
    """What was just set, in words; nothing when the address only claims so."""
    row = next((row for row in rows if row.treatment.code == treatment), None)
    if row is None:
        return ""
    said = f"The price of {row.treatment.name} is set."
    if row.price and row.price.next:
        said += f" {money(row.price.next.price)} is charged from {calendar_day(row.price.next.effective_on)} on."
    if settled > 0:
        said += (
            f" {plural(settled, 'completed session')} had waited for it and {'is' if settled == 1 else 'are'} charged."
        )
    return said


PAGE = Page(router, ACCOUNTS, (Entry(Section.MONEY, "Prices", "tag", "prices", ACCOUNTS),))
