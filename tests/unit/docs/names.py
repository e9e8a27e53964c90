"""What the pages for readers name in backticks, and whether the code has it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from contracts.catalog import FACTS

ROOT = Path(__file__).parents[3]
_QUOTED = re.compile(r"`([^`\n]+)`")
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
_NAME = re.compile(r"[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*(?:\(\))?")
_FACT = re.compile(r"(booking|billing|inventory|notifications|identity)\.[a-z]+(-[a-z]+)+")
_FILE = re.compile(r"[\w.-]+(/[\w.-]+)*\.(py|md|js|html|yaml|toml|json|css)|[\w.-]+(/[\w.-]+)*/")
_GAP = re.compile(r",?\s*")


def strangers(text: str, *, page: str = "", root: Path = ROOT) -> Iterator[str]:
    """Files, facts and names that a page speaks of and that are not there.

    Links start at the folder of the page, everything else at the top of the house. A name behind a file
    (`web/live.py` `Live.hear`, `Live.close`) has to be defined in that file.
    """
    text = _FENCED.sub("", text)
    beside = (root / page).parent if page else root
    yield from (f"{path}: no such file" for path in _LINK.findall(text) if not (beside / path).exists())
    behind: Path | None = None
    end = 0
    for found in _QUOTED.finditer(text):
        quoted = found[1]
        if not _GAP.fullmatch(text, end, found.start()):
            behind = None
        end = found.end()
        if _FACT.fullmatch(quoted) and quoted not in FACTS:
            yield f"{quoted}: no such fact"
        elif _is_ours(quoted, root):
            behind = root / quoted
            if not behind.exists():
                yield f"{quoted}: no such file"
        elif behind is not None and behind.suffix and _NAME.fullmatch(quoted) and not is_defined(quoted, behind):
            yield f"{quoted}: not in {behind.relative_to(root)}"


def _is_ours(quoted: str, root: Path) -> bool:
    """Whether this means a file or folder of the house; a bare `api.py` means any of that name."""
    if not _FILE.fullmatch(quoted) or "/" not in quoted:
        return False
    return (root / quoted.split("/", maxsplit=1)[0]).is_dir()


def is_defined(name: str, file: Path) -> bool:
    """Whether a file defines this function, class, method or constant."""
    name = name.removesuffix("()")
    if not file.is_file():
        return False
    if file.suffix == ".py":
        return name in _defined(file)
    return bool(re.search(rf"\b(function|const|class) {re.escape(name)}\b", file.read_text("utf-8")))


@cache
def _defined(file: Path) -> frozenset[str]:
    return frozenset(_names(ast.parse(file.read_text("utf-8")).body))


def _names(body: list[ast.stmt], within: str = "") -> Iterator[str]:
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield f"{within}{name}"
            case ast.ClassDef(name=name, body=members):
                yield f"{within}{name}"
                yield from _names(members, f"{within}{name}.")
            case ast.Assign(targets=targets):
                yield from (f"{within}{each.id}" for each in targets if isinstance(each, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield f"{within}{name}"
