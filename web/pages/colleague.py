"""One member of staff: the roles they hold, whether they may sign in, and a new password when theirs is forgotten."""

from collections.abc import Awaitable
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import MANAGEMENT
from web.clients import staff
from web.clients.staff import Member
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.forms import Entered, entered
from web.granting import JOBS, at_words, first_password, places_to_give, roles_to_give
from web.menu import Page
from web.pages.staff import refuse, role_wanted

router = APIRouter(prefix="/l/{place}/staff/{staff_id}")

DONE = {
    "added": "They are added. Give them the password in person; they can sign in at once.",
    "given": "The role is given. They see it within a minute.",
    "taken": "The role is taken away. What it opened closes within five minutes.",
    "disabled": "They can no longer sign in, and are signed out everywhere.",
    "enabled": "They can sign in again, with the roles below.",
    "password": "The new password is set, and they are signed out everywhere. Give it to them in person.",
}


@router.get("")
async def member(desk: AtDesk, staff_id: UUID, done: str = "") -> HTMLResponse:
    """Roles on one side, access on the other."""
    return _page(desk, await staff.member(desk.api, staff_id), Entered.blank(), done=DONE.get(done, ""))


@router.post("/roles")
async def give(desk: AtDesk, request: Request, staff_id: UUID) -> Response:
    """One more role."""
    form = await entered(request)
    wish = role_wanted(form, desk)
    if wish is None:
        return await _again(desk, staff_id, form)
    return await _done(desk, staff_id, form, staff.give(desk.api, staff_id, *wish, key=form.key), done="given")


@router.post("/roles/{grant_id}/take")
async def take(desk: AtDesk, request: Request, *, staff_id: UUID, grant_id: UUID) -> Response:
    """One role less."""
    form = await entered(request)
    return await _done(desk, staff_id, form, staff.take(desk.api, staff_id, grant_id, key=form.key), done="taken")


@router.post("/disable")
async def disable(desk: AtDesk, request: Request, staff_id: UUID) -> Response:
    """They no longer work here."""
    form = await entered(request)
    return await _done(desk, staff_id, form, staff.disable(desk.api, staff_id, key=form.key), done="disabled")


@router.post("/enable")
async def enable(desk: AtDesk, request: Request, staff_id: UUID) -> Response:
    """They are back."""
    form = await entered(request)
    return await _done(desk, staff_id, form, staff.enable(desk.api, staff_id, key=form.key), done="enabled")


@router.post("/password")
async def set_password(desk: AtDesk, request: Request, staff_id: UUID) -> Response:
    """A password to begin with, for somebody who forgot theirs."""
    form = await entered(request)
    form.need("password", "Enter the new password.")
    if not form.is_fine:
        return await _again(desk, staff_id, form)
    asked = staff.set_password(desk.api, staff_id, form.values["password"], key=form.key)
    return await _done(desk, staff_id, form, asked, done="password")


async def _done(desk: Desk, staff_id: UUID, form: Entered, asked: Awaitable[object], *, done: str) -> Response:
    """Back to the page once identity has done it; with its refusal otherwise."""
    try:
        await asked
    except ApiProblem as problem:
        refuse(form, problem)
        return await _again(desk, staff_id, form)
    return RedirectResponse(f"/l/{desk.place.code}/staff/{staff_id}?done={done}", status_code=303)


async def _again(desk: Desk, staff_id: UUID, form: Entered) -> HTMLResponse:
    return _page(desk, await staff.member(desk.api, staff_id), form, status=422)


def _page(desk: Desk, member: Member, form: Entered, *, done: str = "", status: int = 200) -> HTMLResponse:
    me = desk.visitor.staff
    return desk.page(
        "pages/colleague.html",
        status=status,
        member=member,
        form=form,
        fresh_key=lambda: Entered.blank().key,
        password=form["password"] or first_password(),
        is_me=member.id == me.id,
        may_alter=all(me.may_give(each.role, at=each.location_id) for each in member.grants),
        may_take=lambda held: me.may_give(held.role, at=held.location_id),
        jobs=JOBS,
        choices=[(role.value, JOBS[role].text) for role in roles_to_give(me, desk.places)],
        where=places_to_give(me, desk.places),
        at=lambda held: at_words(held, desk.places),
        done=done,
    )


PAGE = Page(router, MANAGEMENT)
