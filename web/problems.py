"""What people see when something is refused, missing or broken: what it is, and what to do next."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from chassis import trail
from contracts.identity import Role
from web.csrf import SAFE_METHODS
from web.desk import theme_of
from web.errors import ApiProblem, ForgedRequest, NoPlaceYet, NoSuchPlace, SignedOut
from web.said import tell
from web.state import state_of

log = structlog.get_logger()

FORM_REFUSED = 422


class Told(NamedTuple):
    """What a person is told."""

    status: int
    title: str
    text: str
    icon: str
    code: str


DENIED = Told(
    403,
    "This is not part of your role",
    "Your account does not include this page at this location. If you need it for your work, ask a manager "
    "of the location to grant you the role.",
    "lock",
    "forbidden",
)
MISSING = Told(
    404,
    "There is nothing here",
    "The address may be mistyped, or what it led to is gone or belongs to a location that you do not work at.",
    "map-pin",
    "not_found",
)
NO_PLACE = Told(
    404,
    "You do not work at this location",
    "It does not exist, or nobody has granted you a role there. A manager of the location can do that.",
    "building",
    "no_such_place",
)
NO_PLACE_YET = Told(
    404,
    "This chain has no location yet",
    "An owner of the whole chain opens the first one. It shows here within a minute.",
    "building",
    "no_place_yet",
)
UNREADABLE = Told(
    422,
    "This form could not be read",
    "Nothing was changed. Go back, load the page again, then fill it in once more.",
    "alert-circle",
    "unreadable_form",
)
FORGED = Told(
    403,
    "This page has grown too old",
    "For your safety the change was not made. Go back, load the page again, then repeat what you wanted to do.",
    "shield-check",
    "forged_request",
)
BROKEN = Told(
    500,
    "Something failed on our side",
    "Go back and look whether your change is there. If it is not, try again; if that fails too, tell whoever runs the "
    "system the number below.",
    "alert-triangle",
    "internal_error",
)
UNREACHABLE = Told(
    503,
    "A part of the system does not answer",
    "It usually comes back within a minute: wait a moment, then load this page again. A form that is sent again counts "
    "once.",
    "hourglass",
    "unavailable",
)


def install(app: FastAPI) -> None:
    """Register the answers with the application."""
    app.add_exception_handler(SignedOut, _signed_out)
    app.add_exception_handler(NoSuchPlace, _no_such_place)
    app.add_exception_handler(NoPlaceYet, _no_place_yet)
    app.add_exception_handler(ForgedRequest, _forged)
    app.add_exception_handler(ApiProblem, _refused)
    app.add_exception_handler(RequestValidationError, _mistyped)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _broken)


def answer(request: Request, told: Told) -> Response:
    """A page for who looks at a page, a problem for a script."""
    if _is_script(request):
        return _problem({"status": told.status, "code": told.code, "title": f"{told.title}. {told.text}"})
    html = (
        state_of(request)
        .templates.get_template("pages/problem.html")
        .render(
            told=told,
            correlation_id=trail.current().correlation_id,
            theme=theme_of(request),
            chain_name=state_of(request).settings.chain_name,
        )
    )
    return HTMLResponse(html, told.status)


def _problem(body: Mapping[str, Any]) -> Response:
    """For a script. A 422 of ours is a form that htmx shows in place; a problem goes to the toasts instead."""
    response = JSONResponse(dict(body), body["status"], media_type="application/problem+json")
    if response.status_code == FORM_REFUSED:
        response.headers["hx-reswap"] = "none"
        tell(response, toast={"text": body["title"], "bad": True})
    return response


def _is_script(request: Request) -> bool:
    asked = request.headers
    return asked.get("hx-request") == "true" or asked.get("accept", "").startswith("application/json")


async def _signed_out(request: Request, _: Exception) -> Response:
    """Sign in first, then on to where the person wanted to go."""
    if not _is_script(request):
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        goal = "/sign-in" if wanted == "/" or request.method != "GET" else f"/sign-in?next={quote(wanted, safe='')}"
        response: Response = RedirectResponse(goal, status_code=303)
    else:
        response = _problem({"status": 401, "code": "signed_out", "title": "Your session has ended. Sign in again."})
    state_of(request).cookie.clear(response)
    return response


async def _no_such_place(request: Request, _: Exception) -> Response:
    return answer(request, NO_PLACE)


async def _no_place_yet(request: Request, _: Exception) -> Response:
    """Who can open the first location goes there."""
    if request.state.visitor.staff.may_everywhere((Role.OWNER,)) and not _is_script(request):
        return RedirectResponse("/locations/new", status_code=303)
    return answer(request, NO_PLACE_YET)


async def _forged(request: Request, _: Exception) -> Response:
    log.warning("request.forged", route=getattr(request.scope.get("route"), "path", "unknown"))
    return answer(request, FORGED)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiProblem)  # noqa: S101 - registered for this class
    if error.status == 401:
        visitor = getattr(request.state, "visitor", None)
        if visitor is not None:
            state_of(request).sessions.forget(visitor.session_hash)
        return await _signed_out(request, error)
    if _is_script(request):
        return _problem({**error.facts, "title": error.title, "code": error.code, "status": error.status})
    usual = {403: DENIED, 404: MISSING, 503: UNREACHABLE}
    return answer(request, usual.get(error.status) or BROKEN._replace(status=error.status, text=error.title))


async def _mistyped(request: Request, _: Exception) -> Response:
    """An address with something in it that can't be, or a form whose fields are not those of our page."""
    return answer(request, MISSING if request.method in SAFE_METHODS else UNREADABLE)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    if error.status_code == 405 and request.method in SAFE_METHODS and not _is_script(request):
        return RedirectResponse(_page_above(request), status_code=303)
    return answer(request, MISSING._replace(status=error.status_code))


def _page_above(request: Request) -> str:
    """Where a form stands whose address was loaded again: the nearest page on the way up that can be looked at."""
    path = request.url.path
    while path.count("/") > 1:
        path = path.rpartition("/")[0]
        if _is_page(request, path):
            return path
    return "/"


def _is_page(request: Request, path: str) -> bool:
    scope = {**request.scope, "path": path, "method": "GET"}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes)


async def _broken(request: Request, error: Exception) -> Response:
    log.error("request.failed", exc_info=error)
    return answer(request, BROKEN)
