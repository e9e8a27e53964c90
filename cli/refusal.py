"""Errors as a person reads them: one message, no traceback, exit code 2."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import typer
from rich.console import Console

from chassis.settings import UnusableSettings
from cli.api import ApiError
from cli.importing.encoding import UnknownEncodingError
from cli.importing.mapping import MappingError
from cli.importing.reading import UnreadableFileError
from embedded.account import PostgresCannotRun
from embedded.postgres import PostgresDidNotStart
from embedded.preflight import CannotStartError

Given = ParamSpec("Given")


class Refusal(RuntimeError):
    """What was asked for can't be done; the message says why and what to do."""


PLAIN = (
    Refusal,
    ApiError,
    CannotStartError,
    PostgresCannotRun,
    PostgresDidNotStart,
    UnusableSettings,
    MappingError,
    UnreadableFileError,
    UnknownEncodingError,
)


def told_plainly(command: Callable[Given, None]) -> Callable[Given, None]:
    """Print the message of an expected error and end with 2; anything else is a bug and shows where."""

    @wraps(command)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (*PLAIN, ExceptionGroup) as error:
            leaves = _leaves(error)
            if not all(isinstance(leaf, PLAIN) for leaf in leaves):
                raise
            for message in dict.fromkeys(map(str, leaves)):
                Console(stderr=True).print(message, style="red", highlight=False, markup=False, soft_wrap=True)
            raise typer.Exit(2) from None

    return run


def _leaves(error: Exception) -> list[Exception]:
    if not isinstance(error, ExceptionGroup):
        return [error]
    return [leaf for each in error.exceptions for leaf in _leaves(each)]
