"""`needlepoint`: one command for what operators and scripts do."""

from importlib.metadata import version as version_of

import typer

from cli.folder import migrate, owners
from cli.importing.command import import_file
from cli.openapi import write_openapi
from cli.replay import replay
from cli.story.command import demo
from cli.up import up

app = typer.Typer(
    name="needlepoint",
    help="Operations for a chain of microneedling clinics.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(up)
app.command()(demo)
app.command("import")(import_file)
app.command()(replay)
app.command()(migrate)
app.add_typer(owners, name="owner")
app.command("openapi")(write_openapi)


@app.command()
def version() -> None:
    """Print the version."""
    print(version_of("needlepoint"))


def main() -> None:
    """The entry point of the installed command."""
    app()
