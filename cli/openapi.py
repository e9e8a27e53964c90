"""`needlepoint openapi`: the documents of the HTTP interfaces."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cli.refusal import Refusal, told_plainly
from embedded.documents import openapi
from embedded.roster import ROSTER


@told_plainly
def write_openapi(
    service: Annotated[str | None, typer.Argument(help=f"One of {', '.join(ROSTER)}.")] = None,
    *,
    output: Annotated[Path | None, typer.Option(help="Folder to write <service>.json into.", file_okay=False)] = None,
) -> None:
    """Print the OpenAPI 3.1 document of a service, or write those of all services into a folder.

    For example:

      needlepoint openapi booking

      needlepoint openapi --output docs/api
    """
    if service not in (None, *ROSTER):
        raise Refusal(f"There is no service {service!r}; there are {', '.join(ROSTER)}.")
    if output is None:
        if service is None:
            raise Refusal("Name one service to print its document, or a folder for all of them with --output.")
        print(_text(service))
        return
    output.mkdir(parents=True, exist_ok=True)
    for name in [service] if service else ROSTER:
        (output / f"{name}.json").write_text(f"{_text(name)}\n", encoding="utf-8")
        print(output / f"{name}.json")


def _text(service: str) -> str:
    return json.dumps(openapi(service), indent=2, ensure_ascii=False)
