"""What the chain offers: treatments with the parts that a visit is made of, added, changed and taken off again."""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import MANAGEMENT
from web import typed
from web.clients import booking, catalogue
from web.clients.booking import Treatment
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.exports import Cell, csv_file, one_batch
from web.forms import Entered, entered
from web.labels import MODALITIES
from web.listing import Listing, listing, matches
from web.menu import Entry, Page, Section

router = APIRouter(prefix="/l/{place}")

COLUMNS = ("Name", "Code", "Kind", "Minutes", "On offer")
STATES = (("", "On offer"), ("withdrawn", "Taken off"), ("all", "All"))
PARTS = {
    "checkin": ("Check-in", "5"),
    "numbing": ("Numbing", "30"),
    "procedure": ("Treatment", "30"),
    "aftercare": ("Aftercare", "10"),
    "cleaning": ("Cleaning", "15"),
}
"""The parts of a visit in their order (BK-05), with the minutes that are usual."""
DONE = {
    "offered": "It is on offer. Give it a price at each location, and tell which items it uses: then it can be booked.",
    "changed": "It is saved, and counts for visits that are booked from now on.",
    "withdrawn": "It is taken off the offer. Visits and packages that there are stay.",
    "back": "It is on offer again.",
}


@router.get("/treatments")
async def treatment_list(desk: AtDesk, request: Request, done: str = "") -> HTMLResponse:
    """By name, with how long each takes."""
    asked = _asked(request)
    found = _chosen(await booking.treatments(desk.api), asked)
    return desk.page(
        "pages/treatments.html",
        asked=asked,
        found=found,
        kinds=MODALITIES,
        parts=PARTS,
        states=STATES,
        done=DONE.get(done, ""),
    )


@router.get("/treatments.csv")
async def file(desk: AtDesk, request: Request) -> Response:
    """Those of these filters in this order."""
    found = _chosen(await booking.treatments(desk.api), _asked(request))
    return await csv_file("treatments", COLUMNS, one_batch(map(_cells, found)))


@router.get("/treatments/new")
async def blank(desk: AtDesk) -> HTMLResponse:
    """The empty form, with usual minutes."""
    usual = {part: minutes for part, (_, minutes) in PARTS.items()}
    return _form(desk, Entered.blank(**usual, modality="pen", elsewhere="yes", device="yes", colour="#6b7fa3"))


@router.post("/treatments/new")
async def offer(desk: AtDesk, request: Request) -> Response:
    """Put one more on offer."""
    form = await entered(request)
    body = {
        **_body(form, needles=form["modality"] != "none"),
        "code": form["code"] or typed.code(form["name"]),
        "modality": form["modality"],
    }
    if not form.is_fine:
        return _form(desk, form, status=422)
    try:
        await catalogue.offer(desk.api, body, key=form.key)
    except ApiProblem as problem:
        _refuse(form, problem)
        return _form(desk, form, status=422)
    return _back(desk, "offered")


@router.get("/treatments/{treatment}")
async def one(desk: AtDesk, treatment: str) -> HTMLResponse:
    """One as it is, to be changed."""
    known = await _known(desk, treatment)
    minutes = {part: str(known.minutes.get(part, 0)) for part in PARTS}
    flags = {"elsewhere": "" if known.numbs_in_room else "yes", "device": "yes" if known.uses_device else ""}
    form = Entered.blank(**minutes, **flags, name=known.name, colour=known.colour or "", version=str(known.version))
    return _form(desk, form, known)


@router.post("/treatments/{treatment}")
async def change(desk: AtDesk, request: Request, treatment: str) -> Response:
    """Change it for visits to come; or take it off the offer, or put it back, with the button that was pressed."""
    known, form = await _known(desk, treatment), await entered(request)
    active = {"withdraw": False, "offer": True}.get(form["does"], known.active)
    body = {
        **_body(form, needles=known.needles, turnaround=known.device_turnaround_minutes),
        "version": typed.whole(form["version"]) or 0,
        "active": active,
    }
    if not form.is_fine:
        return _form(desk, form, known, status=422)
    try:
        await catalogue.change(desk.api, known.id, body, key=form.key)
    except ApiProblem as problem:
        _refuse(form, problem)
        return _form(desk, form, known, status=422)
    return _back(desk, {"withdraw": "withdrawn", "offer": "back"}.get(form["does"], "changed"))


def _body(form: Entered, *, needles: bool, turnaround: int | None = None) -> dict[str, Any]:
    form.need("name", "Enter what patients call it, such as Microneedling face.")
    plan: dict[str, Any] = {part: _minutes(form, part) for part in PARTS}
    plan |= {"numbing_elsewhere": bool(form["elsewhere"]), "uses_device": bool(form["device"]) and needles}
    if turnaround is not None:
        plan["device_turnaround"] = turnaround
    return {"name": form["name"], "colour": form["colour"], "plan": plan}


def _minutes(form: Entered, part: str) -> int:
    minutes = typed.whole(form[part] or "0")
    if minutes is None:
        form.errors[part] = "Enter the minutes, in steps of five."
    return minutes or 0


def _refuse(form: Entered, problem: ApiProblem) -> None:
    """What booking says, at the field it is about."""
    if problem.code == "code_taken":
        form.errors["code"] = "Another treatment has this code already. Enter another one."
    elif problem.code == "minutes_not_allowed":
        least, most = problem.facts.get("allowed") or (0, 0)
        form.errors[str(problem.facts.get("segment"))] = f"This part takes {least} to {most} minutes, in steps of five."
    else:
        form.refuse(problem, **{f"plan.{part}": part for part in PARTS})


async def _known(desk: Desk, code: str) -> Treatment:
    for each in await booking.treatments(desk.api):
        if each.code == code:
            return each
    raise ApiProblem(404, "not_found", "There is no such treatment.")


def _form(desk: Desk, form: Entered, known: Treatment | None = None, *, status: int = 200) -> HTMLResponse:
    return desk.page(
        "pages/treatment.html", status=status, form=form, known=known, parts=PARTS, kinds=tuple(MODALITIES.items())
    )


def _back(desk: Desk, done: str) -> Response:
    return RedirectResponse(f"/l/{desk.place.code}/treatments?done={done}", status_code=303)


def _asked(request: Request) -> Listing:
    states = (state for state, _ in STATES if state)
    return listing(request, sorts=("name", "minutes"), default="name", typed=("q",), state=states)


def _chosen(found: Iterable[Treatment], asked: Listing) -> list[Treatment]:
    wanted = [
        each
        for each in found
        if asked["state"] in ("all", "" if each.active else "withdrawn") and matches(asked["q"], each.name, each.code)
    ]
    keys: dict[str, Any] = {"name": lambda each: each.name.casefold(), "minutes": lambda each: each.duration_minutes}
    return asked.ordered(wanted, keys)


def _cells(each: Treatment) -> tuple[Cell, ...]:
    kind = MODALITIES.get(each.modality, each.modality)
    return (each.name, each.code, kind, each.duration_minutes, "yes" if each.active else "no")


PAGE = Page(router, MANAGEMENT, (Entry(Section.SET_UP, "Treatments", "needle", "treatments", MANAGEMENT),))
