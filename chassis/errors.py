"""The tree of errors a use case may raise; HTTP status codes are known only to `chassis/http.py`."""

import re
from typing import Any, ClassVar

RESERVED = frozenset({"type", "title", "status", "code", "correlation_id", "errors"})


class DomainError(Exception):
    """Something the business refuses. The docstring is the message, the keyword arguments are the facts."""

    code: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" not in cls.__dict__:
            cls.code = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self, **fields: Any) -> None:
        if taken := RESERVED & fields.keys():
            raise TypeError(f"{type(self).__name__}: {', '.join(taken)} is RFC 9457's own word; call it something else")
        super().__init__(self.message())
        self.fields = fields

    @classmethod
    def message(cls) -> str:
        """The first paragraph of the docstring: written for the person who asked."""
        return " ".join((cls.__doc__ or cls.__name__).split("\n\n")[0].split())


class NotFound(DomainError):
    """There is no such thing here."""


class Conflict(DomainError):
    """It can't be done in the present state."""


class Refused(DomainError):
    """What was asked breaks a rule."""


class Unauthenticated(DomainError):
    """Sign in first: no valid session or token came with the request."""


class Forbidden(DomainError):
    """Your role does not allow this."""


class TooMany(DomainError):
    """Too many attempts. Wait a little, then try again."""

    def __init__(self, *, retry_after_seconds: int, **fields: Any) -> None:
        super().__init__(retry_after_seconds=retry_after_seconds, **fields)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(DomainError):
    """Something we depend on does not answer just now. Nothing was changed; try again."""


class KeyReused(Refused):
    """This Idempotency-Key was used before for another request. Use a new key for a new request."""
