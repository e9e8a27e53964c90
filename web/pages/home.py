"""The start page: today's grid at the location used last."""

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from web.desk import AtDesk
from web.menu import Page

router = APIRouter()


@router.get("/")
async def start(desk: AtDesk) -> RedirectResponse:
    return RedirectResponse(f"/l/{desk.place.code}/day", status_code=303)


PAGE = Page(router)
