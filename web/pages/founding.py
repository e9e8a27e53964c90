"""Opening a location: the first of a chain, or one more. It stands outside them, since there may be none yet."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from chassis.clock import new_id
from chassis.zones import zone_names
from contracts.identity import Role
from web import opening, typed
from web.clients import places
from web.clients.booking import Location
from web.csrf import token_for
from web.desk import AtDoor, AtTheDoor, theme_of
from web.errors import ApiProblem
from web.forms import Entered, entered
from web.menu import Page
from web.state import state_of

router = APIRouter()

OWNERS = (Role.OWNER,)
ANOTHER = "another"
"""Stands for a legal entity that is not known yet where one is chosen."""
USUAL_WEEK = {
    f"{day}-{end}": at
    for day in ("mon", "tue", "wed", "thu", "fri")
    for end, at in (("from", "09:00"), ("to", "18:00"))
}


@router.get("/locations/new")
async def blank(door: AtDoor) -> HTMLResponse:
    """The empty form, with the zone and the legal entity of the last location that was opened."""
    _must_own_the_chain(door)
    last = door.places[-1] if door.places else None
    known = {"zone": last.zone, "entity": str(last.legal_entity_id)} if last else {}
    return _form(door, Entered.blank(**USUAL_WEEK, **known, new_entity_id=str(new_id())))


@router.post("/locations/new")
async def open_one(door: AtDoor, request: Request) -> Response:
    """Open it; rooms, devices and people follow on its own pages."""
    _must_own_the_chain(door)
    form = await entered(request)
    body = _body(door.places, form)
    if not form.is_fine:
        return _form(door, form, status=422)
    try:
        opened = await places.open_location(door.api, body, key=form.key)
    except ApiProblem as problem:
        _refuse(form, problem)
        return _form(door, form, status=422)
    state_of(request).places.forget(door.visitor.session_hash)
    return RedirectResponse(f"/l/{opened.code}/location?done=opened", status_code=303)


def _must_own_the_chain(door: AtTheDoor) -> None:
    if not door.visitor.staff.may_everywhere(OWNERS):
        raise ApiProblem(403, "forbidden", "Only an owner of the whole chain opens a location.")


def _body(known: Sequence[Location], form: Entered) -> dict[str, Any]:
    form.need("name", "Enter what patients call it, such as Fernhill Midtown.")
    form.need("city", "Enter the city; it tells locations apart.")
    if form.need("zone", "Choose the time zone of the place.") not in ("", *zone_names()):
        form.errors["zone"] = "There is no such time zone. Choose one of the list, such as America/New_York."
    code = form["code"] or typed.code(form["name"])
    if form["name"] and not code:
        form.errors["code"] = "Enter a short word in small letters for addresses and files, such as midtown."
    return {
        "code": code,
        "name": form["name"],
        "city": form["city"],
        "zone": form["zone"],
        "phone": form["phone"] or None,
        "email": form["email"] or None,
        "opening": opening.week(form),
        **_legal_entity(known, form),
    }


def _legal_entity(known: Sequence[Location], form: Entered) -> dict[str, str]:
    for place in known:
        if str(place.legal_entity_id) == form["entity"]:
            return {"legal_entity_id": form["entity"], "legal_entity_name": place.legal_entity_name}
    form.need("entity_name", "Enter the company that treats and invoices there.")
    return {"legal_entity_id": form["new_entity_id"], "legal_entity_name": form["entity_name"]}


def _refuse(form: Entered, problem: ApiProblem) -> None:
    """What booking says, at the field it is about."""
    if problem.code == "code_taken":
        form.errors["code"] = "Another location has this code already. Enter another one."
    else:
        form.refuse(problem, legal_entity_name="entity_name", legal_entity_id="entity")


def _form(door: AtTheDoor, form: Entered, *, status: int = 200) -> HTMLResponse:
    state, entities = state_of(door.request), {place.legal_entity_id: place.legal_entity_name for place in door.places}
    html = state.templates.get_template("pages/founding.html").render(
        form=form,
        csrf=token_for(door.visitor.session_hash, secret=state.settings.secret.get_secret_value()),
        theme=theme_of(door.request),
        chain_name=state.settings.chain_name,
        entities=[*entities.items(), (ANOTHER, "Another one…")] if entities else [],
        weekdays=opening.WEEKDAYS,
        zones=sorted(zone for zone in zone_names() if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))),
    )
    return HTMLResponse(html, status_code=status)


PAGE = Page(router, None)
