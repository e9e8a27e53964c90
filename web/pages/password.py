"""Changing one's own password, and staying signed in where it was changed."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import EVERYBODY
from web.clients import staff
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.forms import Entered, entered
from web.menu import Page
from web.sessions import address_of

router = APIRouter()

WRONG = "This is not the password you have now. Capital letters count."
CHANGED = "Your password is changed. You stay signed in here, and are signed out everywhere else."


@router.get("/password")
async def blank(desk: AtDesk, done: str = "") -> HTMLResponse:
    """The empty form."""
    return _form(desk, Entered.blank(), done=CHANGED if done else "")


@router.post("/password")
async def change(desk: AtDesk, request: Request) -> Response:
    """The old password proves who asks; the session that ends with it is followed by a new one."""
    form = await entered(request)
    current, new = form.values.get("current", ""), form.values.get("new", "")
    if not current:
        form.errors["current"] = "Enter the password you have now."
    if not new:
        form.errors["new"] = "Enter the password you want."
    elif new != form.values.get("again"):
        form.errors["again"] = "This differs from the new password above. Type both once more."
    if not form.is_fine:
        return _form(desk, form, status=422)
    address = address_of(request)
    try:
        await staff.change_own_password(desk.api, current, new, key=form.key, address=address)
    except ApiProblem as problem:
        _refuse(form, problem)
        return _form(desk, form, status=422)
    return await _signed_in_anew(desk, new, address=address)


def _refuse(form: Entered, problem: ApiProblem) -> None:
    """What identity says, at the field it is about."""
    match problem.code:
        case "wrong_credentials":
            form.errors["current"] = WRONG
        case "password_unfit":
            form.errors["new"] = problem.title
        case _:
            form.refuse(problem, current_password="current", new_password="new")  # noqa: S106 - names of fields


async def _signed_in_anew(desk: Desk, password: str, *, address: str) -> Response:
    """Every session ended with the old password; this one goes on as a new one, or at the door."""
    sessions, cookie = desk.state.sessions, desk.state.cookie
    sessions.forget(desk.visitor.session_hash)
    try:
        opened = await sessions.open(desk.visitor.staff.email, password, address=address)
    except ApiProblem:
        response = RedirectResponse("/sign-in", status_code=303)
        cookie.clear(response)
        return response
    response = RedirectResponse("/password?done=changed", status_code=303)
    cookie.write(response, opened.session)
    return response


def _form(desk: Desk, form: Entered, *, done: str = "", status: int = 200) -> HTMLResponse:
    return desk.page("pages/password.html", status=status, form=form, done=done)


PAGE = Page(router, EVERYBODY)
