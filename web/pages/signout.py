"""Signing out."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from web.menu import Page
from web.state import state_of

router = APIRouter()


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session everywhere; a second click changes nothing."""
    state = state_of(request)
    session = state.cookie.read(request)
    if session is not None:
        await state.sessions.end(session)
    response = RedirectResponse("/sign-in", status_code=303)
    state.cookie.clear(response)
    return response


PAGE = Page(router, None)
