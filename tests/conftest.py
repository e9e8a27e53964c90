"""Marks are put on by folder; a browser test without a browser is skipped, and says so."""

import shutil
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
CHROMIUM = shutil.which("chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        storey = item.path.relative_to(TESTS).parts[0]
        item.add_marker(getattr(pytest.mark, storey))
        if storey == "browser" and CHROMIUM is None:
            item.add_marker(
                pytest.mark.skip(reason="no chromium on this machine: what a person sees stays unproved")
            )
