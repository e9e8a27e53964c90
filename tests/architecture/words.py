"""Names and calls that this house does without."""

import ast
from collections.abc import Iterable, Iterator

from tests.architecture.house import PACKAGES, Function, Module

VAGUE_NAMES = {"base", "common", "helper", "helpers", "manager", "misc", "processor", "util", "utils"}
LAYER_NAMES = {"dependencies", "exceptions", "interfaces", "repository", "schemas", "service", "uow"}
VAGUE_CLASS_ENDINGS = ("Helper", "Manager", "Util", "Utils")

CLOCK_READS = {
    "date.today",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "time.time",
}

ZONE_READS = {
    f"{module}{call}"
    for module in ("", "zoneinfo.")
    for call in ("ZoneInfo", "ZoneInfo.from_file", "ZoneInfo.no_cache", "available_timezones")
}
ZONE_KEEPERS = (*PACKAGES, "bench", "scripts")
"""A test may take the machine's word: then it proves that ours agrees."""


def vague_names(house: Iterable[Module]) -> Iterator[str]:
    """A name says what is inside; `utils` says that nobody knew."""
    for module in house:
        for part in module.path.with_suffix("").parts:
            if part in VAGUE_NAMES:
                yield module.problem(1, f"{part!r} does not say what is inside")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and node.name.endswith(VAGUE_CLASS_ENDINGS):
                yield module.problem(node.lineno, f"{node.name} does not say what it is")


def layers_in_services(house: Iterable[Module]) -> Iterator[str]:
    """A feature is split by noun, never by layer."""
    for module in house:
        if module.package == "services" and module.path.stem in LAYER_NAMES:
            yield module.problem(1, f"{module.path.name} is a layer, not a noun")


def prints(house: Iterable[Module]) -> Iterator[str]:
    for module in house:
        if module.package not in ("cli", "scripts"):
            yield from calls(module, {"print"}, "print belongs to the command line; log a fact instead")


def clock_reads(house: Iterable[Module]) -> Iterator[str]:
    for module in house:
        if module.name != "chassis.clock":
            yield from calls(module, CLOCK_READS, "time comes from chassis.clock, as an argument")


def own_zones(house: Iterable[Module]) -> Iterator[str]:
    """`ZoneInfo` may be named as a type; made from the machine's rules, two processes may disagree about an instant."""
    for module in house:
        if module.package in ZONE_KEEPERS and module.name != "chassis.zones":
            yield from calls(module, ZONE_READS, "zones come from chassis.zones, which keeps to the pinned rules")


def commits(house: Iterable[Module]) -> Iterator[str]:
    """The door opens the transaction with `async with`; nobody ends one by hand."""
    for module in house:
        for call in calls_in(module) if module.package != "chassis" else ():
            if isinstance(call.func, ast.Attribute) and call.func.attr in ("commit", "rollback"):
                yield module.problem(call.lineno, f".{call.func.attr}() belongs to chassis")


def hidden_imports(house: Iterable[Module]) -> Iterator[str]:
    for module in house:
        for function in module.functions:
            for line in sorted(import_lines(function)):
                yield module.problem(line, f"{function.name} imports inside a function")


def import_lines(function: Function) -> set[int]:
    return {node.lineno for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)}


def calls(module: Module, names: set[str], what: str) -> Iterator[str]:
    for call in calls_in(module):
        if ast.unparse(call.func) in names:
            yield module.problem(call.lineno, what)


def calls_in(module: Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))
