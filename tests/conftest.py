"""Marks are put on by folder; a browser test without a browser is skipped, and says so."""

from pathlib import Path

import pytest

from tests.support.chromium import chromium_path

TESTS = Path(__file__).parent
NO_BROWSER = "no chromium on this machine: what a person sees stays unproved"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    has_browser = chromium_path() is not None
    for item in items:
        storey = item.path.relative_to(TESTS).parts[0]
        item.add_marker(getattr(pytest.mark, storey))
        if storey == "browser" and not has_browser:
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))
