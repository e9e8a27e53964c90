"""The whole front end on one page."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import httpx
from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from chassis.clock import Clock, SystemClock
from chassis.message import Message
from chassis.middleware import Door
from web import problems
from web.api import Services
from web.assets import Assets, AssetsFirst
from web.csrf import own_form, own_page
from web.desk import only_for
from web.headers import HeadAsGet, SecurityHeaders
from web.live import Live
from web.pages import signin
from web.pages.register import PAGES
from web.places import Places
from web.sessions import SessionCookie, Sessions
from web.settings import WebSettings
from web.state import State
from web.templating import templates

GZIP_BYTES_MIN = 600


def create(
    settings: WebSettings,
    *,
    transports: Mapping[str, httpx.AsyncBaseTransport] | None = None,
    live: Live,
    clock: Clock | None = None,
) -> FastAPI:
    """The front end as an ASGI application; `transports` lead to services that live in this process."""
    assets = Assets()
    services = Services(settings, transports)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(own_page)], lifespan=_lifespan)
    app.state.web = State(
        settings=settings,
        clock=clock or SystemClock(),
        services=services,
        sessions=Sessions(services),
        cookie=SessionCookie(secure=settings.cookie_secure),
        places=Places(),
        live=live,
        assets=assets,
        templates=templates(assets),
    )
    app.state.entries = tuple(entry for page in PAGES for entry in page.entries)
    app.include_router(signin.router)
    for page in PAGES:
        guards = [] if page.roles is None else [only_for(page.roles)]
        app.include_router(page.router, dependencies=[Depends(own_form), *guards])
    problems.install(app)
    app.add_middleware(HeadAsGet)
    app.add_middleware(Door, service="web")
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_BYTES_MIN)
    app.add_middleware(AssetsFirst, assets=assets)
    app.add_middleware(SecurityHeaders, tls=settings.cookie_secure)
    return app


def hear(app: FastAPI, messages: Sequence[Message]) -> None:
    """What follows for whoever is at a screen, from facts as they pass; called in the event loop, never blocks."""
    state: State = app.state.web
    state.sessions.hear(messages)
    state.live.hear(messages)


async def close(app: FastAPI) -> None:
    """Let go of every browser and of every connection to the services."""
    state: State = app.state.web
    state.live.close()
    await state.services.close()


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    await close(app)
