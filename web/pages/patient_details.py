"""Correcting what is known of a patient: the desk sees what is there, changes it, and keeps it."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from contracts.identity import DESK
from web import typed
from web.clients import booking, patients
from web.clients.booking import Patient
from web.desk import AtDesk, Desk
from web.errors import ApiProblem
from web.forms import Entered, entered
from web.menu import Page
from web.pages.patients import read_birth_date, read_name

router = APIRouter(prefix="/l/{place}/patients/{patient_id}/edit")

ELSEWHERE = "Another location"
UNREADABLE = "This form could not be read. Load the page again, then make your change once more."


@router.get("")
async def blank(desk: AtDesk, patient_id: UUID) -> HTMLResponse:
    """The form, filled in with what is known."""
    patient = await booking.patient(desk.api, patient_id)
    form = Entered.blank(
        given_name=patient.given_name,
        family_name=patient.family_name,
        birth_date=patient.birth_date.isoformat() if patient.birth_date else "",
        email=patient.email or "",
        phone=patient.phone or "",
        accepts_email="yes" if patient.accepts_email else "",
        home=str(patient.home_location_id),
        version=str(patient.version),
    )
    return _form(desk, patient, form)


@router.post("")
async def correct(desk: AtDesk, request: Request, patient_id: UUID) -> Response:
    """Keep what was entered, unless somebody else changed it since the form was opened."""
    patient, form = await booking.patient(desk.api, patient_id), await entered(request)
    body = _body(desk, patient, form)
    if not form.is_fine:
        return _form(desk, patient, form, status=422)
    try:
        await patients.correct(desk.api, patient_id, body, key=form.key)
    except ApiProblem as problem:
        form.refuse(problem, home_location_id="home")
        return _form(desk, patient, form, stale=problem.code == "details_changed", status=422)
    return RedirectResponse(f"/l/{desk.place.code}/patients/{patient_id}?done=corrected", status_code=303)


def _body(desk: Desk, patient: Patient, form: Entered) -> dict[str, Any]:
    """All that booking is asked to keep. Who moves to another home location lives in its time zone from now on."""
    read_name(form)
    if form["birth_date"] or patient.birth_date:
        read_birth_date(form, today=desk.place.today(desk.now))
    home = next((place for place in desk.places if str(place.id) == form["home"]), None)
    moves = form["home"] != str(patient.home_location_id)
    if moves and home is None:
        form.errors["home"] = "Choose the location they mostly come to."
    version = typed.whole(form["version"])
    if version is None:
        form.refused = UNREADABLE
    names = ("given_name", "family_name", "email", "phone", "birth_date")
    return {
        **{name: form[name] or None for name in names},
        "language": patient.language or "en",
        "accepts_email": form["accepts_email"] == "yes",
        "home_location_id": form["home"],
        "zone": home.zone if home and moves else None,
        "version": version,
    }


def _form(desk: Desk, patient: Patient, form: Entered, *, stale: bool = False, status: int = 200) -> HTMLResponse:
    homes = [(str(place.id), place.name) for place in desk.places]
    if str(patient.home_location_id) not in dict(homes):
        homes.append((str(patient.home_location_id), ELSEWHERE))
    return desk.page(
        "pages/patient_edit.html",
        status=status,
        patient=patient,
        form=form,
        stale=stale,
        homes=homes,
    )


PAGE = Page(router, DESK)
