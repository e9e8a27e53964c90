"""What can go wrong between a person and the services, as the front end sees it."""

from collections.abc import Mapping
from typing import Any


class SignedOut(Exception):
    """There is no session, or it has ended."""


class NoSuchPlace(Exception):
    """The address names a location that does not exist, or that this person was not granted."""


class NoPlaceYet(Exception):
    """Somebody works everywhere, and there is no location yet."""


class ForgedRequest(Exception):
    """A change was asked for from a page that is not ours, or from one that has grown too old."""


class ApiProblem(Exception):
    """A service answered with problem+json (RFC 9457): `title` is written for the person who asked."""

    def __init__(self, status: int, code: str, title: str, facts: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.title = title
        self.facts: Mapping[str, Any] = facts or {}

    @property
    def fields(self) -> dict[str, str]:
        """What is wrong by field of the request, `body.` taken off, as sentences:
        `{"areas.0.depth_hundredths_mm": "Write 300 or less."}`.
        """
        errors = self.facts.get("errors") or ()
        return {str(each["field"]).removeprefix("body."): _sentence(str(each["message"])) for each in errors}


def _sentence(message: str) -> str:
    return f"{message[:1].upper()}{message[1:].removesuffix('.')}."


def unreachable(service: str) -> ApiProblem:
    """The problem of a service that does not answer."""
    title = "This part of the system does not answer just now. Try again in a moment; it counts once."
    return ApiProblem(503, "unavailable", title, {"service": service})
