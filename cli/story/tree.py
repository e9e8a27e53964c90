"""The facts of a timeline as a tree: what led to what, each printed once, when it is first seen."""

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

COLOURS = {
    "booking": "cyan",
    "billing": "green",
    "inventory": "yellow",
    "notifications": "magenta",
    "identity": "blue",
}


class Tree:
    """Knows which facts were shown and how deep each of them hangs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._depths: dict[str, int] = {}

    def show(self, happenings: list[dict[str, Any]]) -> None:
        """Print those that are new, causes before effects."""
        for each in happenings:
            if each["message_id"] not in self._depths:
                cause = each["causation_id"]
                self._depths[each["message_id"]] = self._depths[cause] + 1 if cause in self._depths else 0
                self._console.print(self._line(each), highlight=False)

    def _line(self, each: dict[str, Any]) -> Text:
        depth = self._depths[each["message_id"]]
        service, _, fact = each["type"].partition(".")
        line = Text(f"    {datetime.fromisoformat(each['at']):%H:%M:%S} ", style="dim")
        line.append("   " * depth + ("└─ " if depth else ""))
        line.append(f"{service}.", style=COLOURS.get(service, "white"))
        line.append(fact, style=f"bold {COLOURS.get(service, 'white')}")
        line.append(f"  {each['title']}", style="default")
        return line
