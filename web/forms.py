"""Forms that are pages: what was entered comes back with what was wrong, and a form sent twice acts once."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Self, TypeVar

from fastapi import Form, Header
from pydantic import BeforeValidator
from starlette.datastructures import FormData
from starlette.requests import Request

from chassis.clock import new_id
from web.errors import ApiProblem
from web.typed import Misread

SENT_BEFORE = (
    "This form was sent before with other values, and that was carried out. "
    "Look at what is there now; if something is missing, start with a new form."
)
Read = TypeVar("Read")

REFUSALS = (409, 422, 429)
KEY = r"[\x21-\x7e]{8,255}"
"""What services take as an Idempotency-Key."""


class Wrong(dict[str, str]):
    """What is wrong by field; nothing for a field that is fine."""

    def __missing__(self, name: str) -> str:
        return ""


@dataclass(slots=True)
class Entered:
    """The values of a form and, after a refusal, what is wrong with them."""

    key: str
    """Idempotency-Key: made when the form was first shown, the same until it succeeds."""
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Wrong = field(default_factory=Wrong)
    refused: str = ""

    @classmethod
    def blank(cls, **values: str) -> Self:
        return cls(key=str(new_id()), values=values)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "").strip()

    @property
    def is_fine(self) -> bool:
        return not self.errors and not self.refused

    def need(self, name: str, otherwise: str) -> str:
        """The value of a field that must not be empty."""
        if not self[name]:
            self.errors[name] = otherwise
        return self[name]

    def read(self, name: str, how: Callable[[str], Read]) -> Read | None:
        """The value of a field as `how` reads it; None, told at the field, when it can't be."""
        try:
            return how(self[name])
        except Misread as misread:
            self.errors[name] = str(misread)
            return None

    def kept(self, name: str) -> Any:
        """What a hidden field of our page kept as JSON; a form that lost it is to be loaded anew."""
        try:
            return json.loads(self[name])
        except ValueError:
            self.refused = "Load this page again, then make your change: what was there before is missing in the form."
            return None

    async def accepted(self, asked: Awaitable[object]) -> bool:
        """Whether a service has done it; if not, its refusal is shown."""
        try:
            await asked
        except ApiProblem as problem:
            self.refuse(problem)
            return False
        return True

    def refuse(self, problem: ApiProblem, **fields: str) -> None:
        """Show a service's refusal at the fields it is about, else above the form; anything else is raised on.

        `fields` gives the name of a field here for the name that the service uses: `birth_date="born"`.
        """
        if problem.status not in REFUSALS:
            raise problem
        if problem.code == "key_reused":
            self.refused = SENT_BEFORE
            return
        told = {fields.get(name, name): message for name, message in problem.fields.items()}
        known = {name: message for name, message in told.items() if name in self.values}
        self.errors.update(known)
        unknown = [f"{_in_words(name)}: {message}" for name, message in told.items() if name not in known]
        self.refused = " ".join(unknown) if unknown else "" if known else problem.title


def _in_words(name: str) -> str:
    """A field that the form does not have, for a person: `home_location_id` is the home location."""
    return re.sub(r"[._]+", " ", name.removesuffix("_id")).capitalize()


async def entered(request: Request) -> Entered:
    """The form as it was sent."""
    sent: FormData = await request.form()
    values = {name: value for name, value in sent.items() if isinstance(value, str) and name not in ("csrf", "key")}
    return Entered(key=key_of(sent.get("key")), values=values)


def key_of(sent: object) -> str:
    """The key that our page put into the form; a new one where it was tampered with and could not go into a header."""
    return sent if isinstance(sent, str) and re.fullmatch(KEY, sent) else str(new_id())


Key = Annotated[str, Form(), BeforeValidator(key_of)]
"""The key of a form, for routes that name their fields one by one."""
IdempotencyKey = Annotated[str, Header(), BeforeValidator(key_of)]
"""The key that a script of ours sends with a change."""
