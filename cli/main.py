"""`needlepoint`: one command for what operators and scripts do."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

STYLE: dict[str, Any] = {
    "no_args_is_help": True,
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}
COMMANDS = {
    "up": ("cli.up:up", "Start the whole chain of clinics in one process."),
    "up-kafka": ("cli.up_kafka:up_kafka", "Start it as separate processes over a real Kafka."),
    "serve": ("cli.serve:serve", "Run one service, or the front end, as a process of its own."),
    "demo-data": ("cli.elsewhere:demo_data", "Fill the databases of an empty chain of separate services."),
    "demo": ("cli.story.command:demo", "Walk one visit through a running demo chain, fact by fact."),
    "import": ("cli.importing.command:import_file", "Bring in patients, appointments or stock of another system."),
    "replay": ("cli.replay:replay", "List parked messages, and handle them again."),
    "drop": ("cli.drop:drop", "Drop a parked message that will never be handled."),
    "topics": ("cli.topics:create_topics", "Create the topics on Kafka that the services need."),
    "migrate": ("cli.folder:migrate", "Bring the databases of a data folder to the newest schema."),
    "owner": ("cli.folder:owners", "Create the first owner of a chain of your own."),
    "openapi": ("cli.openapi:write_openapi", "Print or write the documents of the HTTP interfaces."),
    "version": ("cli.version:version", "Print the version."),
}


class Commands(TyperGroup):
    """Loads a command when it is asked for: printing the version need not wait for six services."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - as click calls it
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - as click calls it
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found = getattr(import_module(module), name)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(**{**STYLE, "no_args_is_help": False})
            alone.command(cmd_name)(found)
            found = alone
        return get_command(found)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - as click calls it
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in COMMANDS.items()])


app = typer.Typer(cls=Commands, **STYLE)


@app.callback()
def needlepoint() -> None:
    """Operations for a chain of microneedling clinics. `needlepoint COMMAND --help` tells more and gives examples."""


def main() -> None:
    """The entry point of the installed command."""
    app()
