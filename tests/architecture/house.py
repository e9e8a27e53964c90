"""The code as the architecture tests see it: modules, what they import, the functions in them."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("contracts", "chassis", "services", "web", "embedded", "processes", "cli")
AROUND = ("tests", "scripts", "bench")
"""What is not shipped: it may look at everything, and nothing of the house looks at it."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Import:
    """`from a.b import c` and `import a.b.c` are both `a.b.c`; one for types alone does not run."""

    target: str
    line: int
    runs: bool = True

    def is_within(self, *names: str) -> bool:
        return any(self.target == name or self.target.startswith(f"{name}.") for name in names)


@dataclass(frozen=True)
class Module:
    """One Python file, parsed; its path is relative to the root it was read from."""

    path: Path
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source, filename=str(self.path))

    @cached_property
    def name(self) -> str:
        parts = self.path.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def package(self) -> str:
        return self.path.parts[0]

    @property
    def owner(self) -> str:
        """Whose code this is: `services.booking` inside a service, else the package."""
        inside_a_service = self.package == "services" and len(self.path.parts) > 2
        return ".".join(self.path.parts[:2]) if inside_a_service else self.package

    @property
    def line_count(self) -> int:
        return len(self.source.splitlines())

    @cached_property
    def imports(self) -> list[Import]:
        nodes = list(ast.walk(self.tree))
        for_types = {id(node) for block in nodes if is_for_types(block) for node in ast.walk(block)}
        return [found for node in nodes for found in imports_of(node, runs=id(node) not in for_types)]

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    def problem(self, line: int, what: str) -> str:
        return f"{self.path}:{line}: {what}"


def imports_of(node: ast.AST, *, runs: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(alias.name, node.lineno, runs) for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from (Import(f"{node.module}.{alias.name}", node.lineno, runs) for alias in node.names)


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def modules(root: Path = ROOT, packages: tuple[str, ...] = PACKAGES) -> list[Module]:
    """Every Python file of these packages, in the order of their paths."""
    paths = sorted(path for package in packages for path in (root / package).rglob("*.py"))
    return [Module(path.relative_to(root), path.read_text(encoding="utf-8")) for path in paths]


def build(root: Path, files: dict[str, str]) -> list[Module]:
    """A small house of these files, to prove that a rule sees what it should."""
    for name, source in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return modules(root, (*PACKAGES, *AROUND))


def expect_none(problems: Iterable[str]) -> None:
    """Every problem on a line of its own: the list of what is to be done."""
    found = list(problems)
    assert not found, "\n" + "\n".join(found)
