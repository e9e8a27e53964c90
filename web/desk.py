"""What a signed-in person has at hand on any page: who they are, where they work, and the services."""

from collections.abc import Iterable
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from contracts.identity import Role
from web.api import Api
from web.clients.booking import Location
from web.clients.identity import Staff
from web.csrf import token_for
from web.errors import ApiProblem, NoPlaceYet, NoSuchPlace, SignedOut
from web.finding import finds
from web.menu import shown_to
from web.sessions import Visitor
from web.state import State, state_of

PLACE_COOKIE = "place"
THEME_COOKIE = "theme"
THEMES = ("light", "dark")
UNATTENDED = "x-unattended"
"""The header of what a page asks by itself."""
YEAR_SECONDS = 365 * 24 * 3600


class Desk:
    """One request of one person at one location."""

    def __init__(self, request: Request, visitor: Visitor, api: Api, places: tuple[Location, ...]) -> None:
        self.request = request
        self.visitor = visitor
        self.api = api
        self.places = places
        self.place = _chosen(request, places, visitor.staff)
        self.now = state_of(request).clock.now()

    @property
    def state(self) -> State:
        return state_of(self.request)

    @property
    def finds(self) -> tuple[str, ...]:
        """What the search above the page looks for."""
        return finds(self.visitor.staff.roles_at(self.place.id))

    @property
    def csrf(self) -> str:
        return token_for(self.visitor.session_hash, secret=self.state.settings.secret.get_secret_value())

    def may(self, roles: Iterable[Role], *, at: UUID | None = None) -> bool:
        """Whether one of these roles is theirs at this location, or another. Services decide; this only hides."""
        return self.visitor.staff.may(roles, at=at or self.place.id)

    def must(self, roles: Iterable[Role]) -> None:
        """Refuse what the front end puts together itself and is not for everybody: whole lists as files."""
        if not self.may(roles):
            raise ApiProblem(403, "forbidden", "This is not part of your role.")

    def page(self, name: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """A whole page; the location it is about is remembered for the next visit."""
        roles = self.visitor.staff.roles_at(self.place.id)
        response = self.part(
            name,
            status=status,
            staff=self.visitor.staff,
            places=self.places,
            menu=shown_to(roles, self.request.app.state.entries),
            path=self.request.url.path,
            theme=theme_of(self.request),
            chain_name=self.state.settings.chain_name,
            searched=self.finds,
            **context,
        )
        if self.request.cookies.get(PLACE_COOKIE) != self.place.code:
            secure = self.state.settings.cookie_secure
            response.set_cookie(
                PLACE_COOKIE, self.place.code, max_age=YEAR_SECONDS, secure=secure, httponly=True, samesite="lax"
            )
        return response

    def part(self, name: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """A part of a page, for htmx."""
        template = self.state.templates.get_template(name)
        roles = self.visitor.staff.roles_at(self.place.id)
        html = template.render(desk=self, place=self.place, roles=roles, csrf=self.csrf, **context)
        return HTMLResponse(html, status_code=status)


def theme_of(request: Request) -> str | None:
    """Light or dark by choice; None leaves it to the system."""
    theme = request.cookies.get(THEME_COOKIE)
    return theme if theme in THEMES else None


def is_attended(request: Request) -> bool:
    """Whether a person asks; not the page by itself, because it heard a hint or counts seconds."""
    return UNATTENDED not in request.headers and not request.url.path.startswith("/live/")


class AtTheDoor(NamedTuple):
    """One request of one person, wherever they work; `places` is empty for who works nowhere yet."""

    request: Request
    visitor: Visitor
    api: Api
    places: tuple[Location, ...]


async def at_the_door(request: Request) -> AtTheDoor:
    """Dependency of every page that needs somebody signed in, also where there is no location yet."""
    state = state_of(request)
    session = state.cookie.read(request)
    if session is None:
        raise SignedOut
    visitor = await state.sessions.visitor(session, attended=is_attended(request))
    api = Api(state.services, visitor.token)
    request.state.visitor = visitor
    return AtTheDoor(request, visitor, api, await state.places.granted(visitor.session_hash, api))


AtDoor = Annotated[AtTheDoor, Depends(at_the_door)]


async def at_desk(door: AtDoor) -> Desk:
    """Dependency of every page of a location."""
    return Desk(*door)


AtDesk = Annotated[Desk, Depends(at_desk)]


def only_for(roles: Iterable[Role]) -> Any:
    """Dependency of all routes of a page: nobody else gets further than here."""

    async def guard(desk: AtDesk) -> None:
        desk.must(roles)

    return Depends(guard)


def _chosen(request: Request, places: tuple[Location, ...], staff: Staff) -> Location:
    """The location in the address, else the one used last, else the first."""
    if not places and staff.works_everywhere:
        raise NoPlaceYet
    asked = request.path_params.get("place")
    by_code = {place.code: place for place in places}
    if asked is not None:
        if asked not in by_code:
            raise NoSuchPlace
        return by_code[asked]
    if not places:
        raise NoSuchPlace
    return by_code.get(request.cookies.get(PLACE_COOKIE, ""), places[0])
