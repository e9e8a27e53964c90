"""How the house hangs together: no circles, no room without a door, nothing missing in a service."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.architecture.house import Import, Module

Graph = dict[str, set[str]]

# Found by name when a service or a migration starts, not by an import.
STARTED_BY_NAME = re.compile(r"services\.\w+\.app|.*\.migrations\..*|.*\.__main__")


def import_cycles(house: Iterable[Module]) -> Iterator[str]:
    """Each circle of modules that import one another as they run, once."""
    graph = graph_of(list(house), running_only=True)
    told: set[frozenset[str]] = set()
    for start in graph:
        circle = shortest_circle(graph, start)
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            yield " -> ".join([*circle, start])


def graph_of(house: list[Module], *, running_only: bool = False) -> Graph:
    names = {module.name for module in house}
    return {
        module.name: targets((found for found in module.imports if found.runs or not running_only), names)
        - {module.name}
        for module in house
    }


def targets(imports: Iterable[Import], names: set[str]) -> set[str]:
    """The modules meant: `a.b.C` is `a.b` where no module `a.b.C` exists."""
    wanted = [found.target for found in imports]
    return {full if full in names else full.rpartition(".")[0] for full in wanted} & names


def shortest_circle(graph: Graph, start: str) -> list[str] | None:
    paths, seen = [[start]], {start}
    for path in paths:
        for target in sorted(graph[path[-1]]):
            if target == start:
                return path
            if target not in seen:
                seen.add(target)
                paths.append([*path, target])
    return None


def dead_files(house: Iterable[Module], *, tests: Iterable[Module], scripts: dict[str, str]) -> Iterator[str]:
    """Modules that nothing imports and nobody starts. Only `testing` folders may live for the tests alone."""
    modules = list(house)
    graph = graph_of(modules)
    names = set(graph)
    started = {target.partition(":")[0] for target in scripts.values()}
    started |= {name for module in modules for name in named_in_strings(module)}
    imported = set().union(*graph.values())
    tested = set().union(*(targets(module.imports, names) for module in tests))
    for module in modules:
        used_by_tests = module.name in tested and "testing" in module.path.parts
        if module.name not in imported | started and not used_by_tests and not starts_itself(module):
            yield module.problem(1, "imported by nobody and started by nobody")


def starts_itself(module: Module) -> bool:
    is_package = module.path.name == "__init__.py"
    return is_package or '__name__ == "__main__"' in module.source or bool(STARTED_BY_NAME.fullmatch(module.name))


def named_in_strings(module: Module) -> Iterator[str]:
    """Servers are told what to start as `"package.module:name"`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = re.fullmatch(r"([a-z_.]+):[a-z_]+", node.value)
            if found:
                yield found[1]


def incomplete_services(root: Path) -> Iterator[str]:
    """A service has a page that says what it owns, a page that joins everything, and runs by itself."""
    services = {path.parent for path in (root / "services").glob("*/*.py")}
    for service in sorted(services):
        missing = [name for name in ("README.md", "__main__.py", "app.py") if not (service / name).exists()]
        yield from (f"services/{service.name}: no {name}" for name in missing)


def project_scripts(root: Path) -> dict[str, str]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    scripts: dict[str, str] = project["project"]["scripts"]
    return scripts
