"""Those who treat at a location: who they are, when they work, and somebody new."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import MANAGEMENT
from web import typed
from web.clients import practitioners
from web.clients.practitioners import AtWork
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.exports import Cell, csv_file, one_batch
from web.forms import Entered, entered
from web.labels import MODALITIES
from web.listing import Listing, listing, matches
from web.menu import Entry, Page, Section
from web.opening import in_words

router = APIRouter(prefix="/l/{place}")

COLUMNS = ("Name", "Credential", "Initials", "Works on", "Practitioner id")
NEEDLING = {name: text for name, text in MODALITIES.items() if name != "none"}


@router.get("/practitioners")
async def practitioner_list(desk: AtDesk, request: Request) -> HTMLResponse:
    """By name, with the days on which they work here."""
    asked = _asked(request)
    found = await practitioners.at_location(desk.api, desk.place.id)
    today = desk.place.today(desk.now)
    return desk.page(
        "pages/practitioners.html",
        asked=asked,
        people=_chosen(found, asked),
        idle=sum(not days(each, today) for each in found),
        days=lambda each: in_words(days(each, today)),
    )


@router.get("/practitioners.csv")
async def file(desk: AtDesk, request: Request) -> Response:
    """Those of these filters in this order."""
    found = _chosen(await practitioners.at_location(desk.api, desk.place.id), _asked(request))
    today = desk.place.today(desk.now)
    return await csv_file(f"practitioners-{desk.place.code}", COLUMNS, one_batch(_cells(each, today) for each in found))


@router.get("/practitioners/new")
async def blank(desk: AtDesk) -> HTMLResponse:
    """The empty form."""
    return _form(desk, Entered.blank(**{f"at-{desk.place.id}": "yes"}))


@router.post("/practitioners/new")
async def add(desk: AtDesk, request: Request) -> Response:
    """Take somebody on; shifts follow on their page."""
    form = await entered(request)
    body = _body(desk, form)
    if not form.is_fine:
        return _form(desk, form, status=422)
    try:
        new = await practitioners.add(desk.api, body, key=form.key)
    except ApiProblem as problem:
        form.refuse(problem)
        return _form(desk, form, status=422)
    return RedirectResponse(f"/l/{desk.place.code}/practitioners/{new.id}?done=added", status_code=303)


def days(person: AtWork, today: date) -> list[int]:
    """The weekdays on which somebody works here."""
    return [weekday for weekday in range(7) if person.works_on(weekday, today)]


def _body(desk: Desk, form: Entered) -> dict[str, Any]:
    form.need("name", "Enter their name.")
    form.need("credential", "Enter what stands behind the name, such as RN.")
    at = [str(place.id) for place in desk.places if form[f"at-{place.id}"]]
    if not at:
        form.errors["at"] = "Choose where they work."
    may = [name for name in NEEDLING if form[f"may-{name}"]]
    if may:
        form.read("valid_until", typed.day)
    return {
        "name": form["name"],
        "credential": form["credential"],
        "initials": form["initials"] or None,
        "location_ids": at,
        "credentials": [{"modality": name, "valid_until": form["valid_until"]} for name in may],
    }


def _form(desk: Desk, form: Entered, *, status: int = 200) -> HTMLResponse:
    managed = [place for place in desk.places if desk.visitor.staff.may(MANAGEMENT, at=place.id)]
    return desk.page("pages/practitioner_new.html", status=status, form=form, managed=managed, needling=NEEDLING)


def _asked(request: Request) -> Listing:
    return listing(request, sorts=("name", "credential"), default="name", typed=("q",))


def _chosen(found: Sequence[AtWork], asked: Listing) -> list[AtWork]:
    wanted = [each for each in found if matches(asked["q"], each.name, each.credential, each.initials)]
    keys: dict[str, Any] = {"name": lambda each: each.name.casefold(), "credential": lambda each: each.credential}
    return asked.ordered(wanted, keys)


def _cells(person: AtWork, today: date) -> tuple[Cell, ...]:
    return (person.name, person.credential, person.initials, in_words(days(person, today)), str(person.id))


PAGE = Page(router, MANAGEMENT, (Entry(Section.SET_UP, "Practitioners", "stethoscope", "practitioners", MANAGEMENT),))
