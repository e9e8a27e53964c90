"""The stream of hints that keeps open pages up to date."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from contracts.identity import EVERYBODY
from web.desk import AtDesk
from web.menu import Page

router = APIRouter()


@router.get("/live/{place}")
async def hints(desk: AtDesk, since: Annotated[str | None, Query(max_length=40)] = None) -> StreamingResponse:
    """Server-sent events about one location: ids only, the browser then asks for what it may see.

    They end with the session: where its end was heard, at once; where it was signed out at another replica, they go
    on as ids until the browser comes back.
    """
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    goes_on = partial(desk.state.sessions.knows, desk.visitor.session_hash)
    stream = desk.state.live.stream(desk.place.id, since=since, goes_on=goes_on)
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


PAGE = Page(router, EVERYBODY)
