"""Staff of a location: who works here in which role, and somebody new."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import MANAGEMENT, Role
from web import typed
from web.clients import staff
from web.clients.identity import Grant
from web.clients.staff import Member
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.exports import Cell, csv_file, one_batch
from web.forms import Entered, entered
from web.granting import EVERYWHERE, JOBS, first_password, may_give_at, places_to_give, roles_to_give
from web.listing import Listing, listing, matches
from web.menu import Entry, Page, Section

router = APIRouter()

STATES = (("", "Here"), ("mine", "All my locations"), ("roleless", "Without a role"), ("disabled", "Disabled"))
COLUMNS = ("Name", "E-mail", "Roles here", "State", "Staff id")
BEYOND = "beyond_your_role"


@router.get("/l/{place}/staff")
async def staff_list(desk: AtDesk, request: Request) -> HTMLResponse:
    """Who works at this location; one click further everybody at the locations this person manages."""
    asked = _asked(request)
    members = await staff.members(desk.api)
    return desk.page(
        "pages/staff.html",
        asked=asked,
        members=chosen(members, asked, desk),
        states=STATES,
        jobs=[("", "Every role"), *((role.value, job.text) for role, job in JOBS.items())],
        roleless=sum(_is_in(member, "roleless", desk) for member in members),
        roles_of=lambda member: _roles(member, desk),
    )


@router.get("/l/{place}/staff.csv")
async def file(desk: AtDesk, request: Request) -> Response:
    """The staff of these filters in this order."""
    members = chosen(await staff.members(desk.api), _asked(request), desk)
    return await csv_file(f"staff-{desk.place.code}", COLUMNS, one_batch(_cells(member, desk) for member in members))


@router.get("/l/{place}/staff/new")
async def blank(desk: AtDesk) -> HTMLResponse:
    """The empty form, with a password to begin with."""
    here = str(desk.place.id)
    return _form(desk, Entered.blank(role=Role.FRONT_DESK.value, location=here, password=first_password()))


@router.post("/l/{place}/staff/new")
async def enrol(desk: AtDesk, request: Request) -> Response:
    """Add somebody and give them their first role."""
    form = await entered(request)
    form.need("display_name", "Enter their name.")
    form.need("email", "Enter the e-mail address they sign in with.")
    form.need("password", "Enter the password they begin with.")
    wish = role_wanted(form, desk)
    if not form.is_fine or wish is None:
        return _form(desk, form, status=422)
    body = {"display_name": form["display_name"], "email": form["email"], "password": form.values["password"]}
    try:
        member = await staff.enrol(desk.api, body, key=form.key)
        await staff.give(desk.api, member.id, *wish, key=f"{form.key}-role")
    except ApiProblem as problem:
        refuse(form, problem)
        return _form(desk, form, status=422)
    return RedirectResponse(f"/l/{desk.place.code}/staff/{member.id}?done=added", status_code=303)


def role_wanted(form: Entered, desk: Desk) -> tuple[Role, Any] | None:
    """The role of a form and where; None, told at the field, when it is none that this person may give there."""
    location_id = None if form["location"] == EVERYWHERE else typed.reference(form["location"])
    known = form["location"] == EVERYWHERE or location_id in {place.id for place in desk.places}
    if not known:
        form.errors["location"] = "Choose where they work."
        return None
    role = next((role for role in JOBS if role.value == form["role"]), None)
    if role is None:
        form.errors["role"] = "Choose what they do."
        return None
    if role not in may_give_at(desk.visitor.staff, location_id):
        form.errors["role"] = f"Only an owner makes somebody {JOBS[role].text.lower()} there. Choose another role."
        return None
    return role, location_id


def refuse(form: Entered, problem: ApiProblem) -> None:
    """Identity's refusal at its field; one for want of authority stands above the form, with the way out."""
    match problem.code:
        case "password_unfit":
            form.errors["password"] = problem.title
        case "email_taken":
            form.errors["email"] = f"{problem.title} Look for them under “All my locations” or “Disabled”."
        case code if code == BEYOND:
            form.refused = problem.title
        case _:
            form.refuse(problem)


def _form(desk: Desk, form: Entered, *, status: int = 200) -> HTMLResponse:
    me = desk.visitor.staff
    return desk.page(
        "pages/staff_new.html",
        status=status,
        form=form,
        jobs=[(role.value, JOBS[role].text) for role in roles_to_give(me, desk.places)],
        explained=[JOBS[role] for role in roles_to_give(me, desk.places)],
        where=places_to_give(me, desk.places),
    )


def _asked(request: Request) -> Listing:
    states = (state for state, _ in STATES if state)
    roles = (role.value for role in JOBS)
    return listing(request, sorts=("name", "email"), default="name", typed=("q",), state=states, role=roles)


def chosen(members: Sequence[Member], asked: Listing, desk: Desk) -> list[Member]:
    """The members of staff that fit the filters, in the asked order."""
    found = [
        member
        for member in members
        if _is_in(member, asked["state"], desk)
        and matches(asked["q"], member.display_name, member.email)
        and asked["role"] in ("", *(grant.role.value for grant in _shown(member, asked["state"], desk)))
    ]
    keys: dict[str, Any] = {"name": lambda each: each.display_name.casefold(), "email": lambda each: each.email}
    return asked.ordered(found, keys)


def _is_in(member: Member, state: str, desk: Desk) -> bool:
    """Those without any role are shown here too: somebody has just added them."""
    return {
        "": member.active and (not member.grants or bool(member.roles_at(desk.place.id))),
        "mine": member.active,
        "roleless": member.active and not member.grants,
        "disabled": not member.active,
    }[state]


def _shown(member: Member, state: str, desk: Desk) -> list[Grant]:
    """The roles that count for a filter: those here, or all."""
    return [each for each in member.grants if state or each.location_id in (None, desk.place.id)]


def _roles(member: Member, desk: Desk) -> str:
    """The roles that somebody has at this location, in words."""
    return ", ".join(job.text for role, job in JOBS.items() if role in member.roles_at(desk.place.id))


def _cells(member: Member, desk: Desk) -> tuple[Cell, ...]:
    state = "active" if member.active else "disabled"
    return (member.display_name, member.email, _roles(member, desk), state, str(member.id))


PAGE = Page(router, MANAGEMENT, (Entry(Section.SET_UP, "Staff", "user-check", "staff", MANAGEMENT),))
