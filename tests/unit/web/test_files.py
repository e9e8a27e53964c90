"""Styles, scripts, icons and templates: each is used somewhere, and none has grown beyond its one noun."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.vendor_assets import SERVED
from tests.architecture.house import ROOT, expect_none
from tests.architecture.sizes import FILE_LINES_MAX

WEB = ROOT / "web"
STYLES = sorted((WEB / "static" / "css").glob("*.css"))
SCRIPTS = sorted((WEB / "static" / "js").rglob("*.js"))
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
MADE_ELSEWHERE = re.compile(r"ec$|ec-|htmx-|hue-|is-|depth-")
"""Classes of the libraries, and those whose end is a status, a colour or a number."""
FOUND_BY_NAME = re.compile(r"pages/(patient|location)_\w+\.html")
"""The tabs of a patient and of a location, by the name of the tab."""


def text_of(*paths: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def whole_front_end() -> str:
    return text_of(*TEMPLATES, *SCRIPTS, *sorted(WEB.rglob("*.py")))


@pytest.mark.parametrize("path", [*STYLES, *SCRIPTS], ids=lambda path: path.name)
def test_no_style_sheet_or_script_holds_two_nouns(path: Path) -> None:
    assert len(text_of(path).splitlines()) <= FILE_LINES_MAX


def test_every_class_that_is_styled_is_on_some_page() -> None:
    expect_none(f"{path.name}: .{name}" for path in STYLES for name in unused_classes(path))


def test_every_icon_that_is_served_is_on_some_page() -> None:
    names = (line.strip() for line in text_of(WEB / "static" / "icons.txt").splitlines())
    said = whole_front_end()

    expect_none(f"icon {name}" for name in names if name and name[0] != "#" and f'"{name}"' not in said)


def test_every_template_is_rendered_by_something() -> None:
    said = whole_front_end()
    names = (str(path.relative_to(WEB / "templates")) for path in TEMPLATES)

    expect_none(name for name in names if f'"{name}"' not in said and not FOUND_BY_NAME.fullmatch(name))


def test_every_file_that_comes_from_npm_is_loaded_by_some_page() -> None:
    said = text_of(*TEMPLATES, *STYLES)

    expect_none(name for name in SERVED if f"vendor/{name}" not in said)


def unused_classes(style_sheet: Path) -> Iterator[str]:
    rules = re.sub(r"/\*.*?\*/", "", text_of(style_sheet), flags=re.DOTALL)
    selectors = re.sub(r"\{[^{}]*\}", "{}", rules)
    said = whole_front_end()
    for name in sorted(set(re.findall(r"\.([a-zA-Z][\w-]*)", selectors))):
        if not MADE_ELSEWHERE.match(name) and not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", said):
            yield name
