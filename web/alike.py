"""Patients who may be the one that is about to be registered: shown before a second record is made."""

from dataclasses import dataclass
from typing import Any

from web import typed
from web.api import Api
from web.clients import patients
from web.clients.booking import Patient
from web.errors import ApiProblem
from web.forms import Entered
from web.labels import ALIKE

FIELD = "differs_from"
PERHAPS_KNOWN = "perhaps_known"


@dataclass(frozen=True, slots=True)
class Alike:
    """Somebody who is registered, and in what they are like the new one."""

    patient: Patient
    because: tuple[str, ...]


def compared(form: Entered) -> list[str]:
    """Those whom the form has shown: who sends it again means that it is somebody else."""
    return [each for each in form[FIELD].split() if typed.reference(each)]


async def ask_about(api: Api, form: Entered, problem: ApiProblem) -> list[Alike]:
    """The patients that booking tells of, by the words of the desk; from now on the form has shown them."""
    told: list[dict[str, Any]] = list(problem.facts.get("alike", ()))
    known = await patients.by_ids(api, [each["patient_id"] for each in told])
    shown = {*compared(form), *(each["patient_id"] for each in told)}
    form.values = {**form.values, FIELD: " ".join(sorted(shown))}
    return [
        Alike(known[each["patient_id"]], tuple(ALIKE.get(why, why) for why in each["because"]))
        for each in told
        if each["patient_id"] in known
    ]
