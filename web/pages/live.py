"""The stream of hints that keeps open pages up to date."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from web.desk import AtDesk
from web.menu import Page

router = APIRouter()


@router.get("/live/{place}")
async def hints(desk: AtDesk, since: Annotated[str | None, Query(max_length=40)] = None) -> StreamingResponse:
    """Server-sent events about one location: ids only, the browser then asks for what it may see."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    stream = desk.state.live.stream(desk.place.id, since=since)
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


PAGE = Page(router)
