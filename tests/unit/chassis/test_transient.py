"""Which failures of the database may pass by themselves."""

import pytest
from asyncpg.exceptions import InternalClientError
from sqlalchemy.exc import IntegrityError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis.db import is_transient


@pytest.mark.parametrize(
    "error",
    [
        PoolTimeout(),
        ConnectionResetError(),
        InterfaceError("SELECT", None, Exception()),
        InternalClientError("cannot switch to state 15: the protocol is in failed state"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_passes_by_itself_is_tried_again(error: Exception) -> None:
    """The driver's own error: it has heard that the server ends, and not yet that the line is gone."""
    assert is_transient(error)


@pytest.mark.parametrize(
    "error", [IntegrityError("INSERT", None, Exception()), ValueError()], ids=lambda error: type(error).__name__
)
def test_what_is_wrong_stays_wrong(error: Exception) -> None:
    assert not is_transient(error)
