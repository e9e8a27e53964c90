"""What lives as long as the front end does; made once in `web/app.py`, found again from any request."""

from dataclasses import dataclass

from jinja2 import Environment
from starlette.requests import Request

from chassis.clock import Clock
from web.api import Services
from web.assets import Assets
from web.live import Live
from web.places import Places
from web.sessions import SessionCookie, Sessions
from web.settings import WebSettings


@dataclass(frozen=True, slots=True)
class State:
    settings: WebSettings
    clock: Clock
    services: Services
    sessions: Sessions
    cookie: SessionCookie
    places: Places
    live: Live
    assets: Assets
    templates: Environment


def state_of(request: Request) -> State:
    state: State = request.app.state.web
    return state
