"""Signing in."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from web.desk import theme_of
from web.errors import ApiProblem
from web.sessions import address_of
from web.state import state_of

router = APIRouter()

HOME = "/"
PATH_MAX = 2000


@router.get("/sign-in")
async def form(request: Request, next: str = HOME) -> HTMLResponse:  # noqa: A002 - the word in the address
    return _page(request, next_path=local(next))


@router.post("/sign-in")
async def sign_in(
    request: Request,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = HOME,  # noqa: A002 - the word in the address
) -> Response:
    """Open a session and go where the person wanted to go; a session of before is ended."""
    if not email.strip() or not password:
        return _page(
            request,
            next_path=local(next),
            email=email,
            error="Enter your e-mail address and your password.",
            status=422,
        )
    state = state_of(request)
    try:
        opened = await state.sessions.open(email.strip(), password, address=address_of(request))
    except ApiProblem as problem:
        return _refused(request, problem, email=email, next_path=local(next))
    if before := state.cookie.read(request):
        await state.sessions.end(before)
    response = RedirectResponse(local(next), status_code=303)
    state.cookie.write(response, opened.session)
    return response


def local(path: str) -> str:
    """A path of ours; whatever leads elsewhere, or is longer than any address of ours, becomes the start page."""
    if len(path) > PATH_MAX:
        return HOME
    try:
        parts = urlsplit(path)
    except ValueError:  # brackets that are no IPv6 address
        return HOME
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\", "/sign-"))
    return path if is_ours and not parts.netloc and "\\" not in path else HOME


def _refused(request: Request, problem: ApiProblem, *, email: str, next_path: str) -> HTMLResponse:
    if problem.status in (401, 422):
        error = "This e-mail address and password do not fit together. Check both, then try again."
        return _page(request, next_path=next_path, email=email, error=error, status=422)
    return _page(request, next_path=next_path, email=email, error=problem.title, status=problem.status)


def _page(request: Request, *, next_path: str, email: str = "", error: str = "", status: int = 200) -> HTMLResponse:
    state = state_of(request)
    html = state.templates.get_template("pages/sign_in.html").render(
        next_path=next_path,
        email=email,
        error=error,
        demo_accounts=state.settings.demo_accounts,
        chain_name=state.settings.chain_name,
        theme=theme_of(request),
    )
    return HTMLResponse(html, status_code=status)
