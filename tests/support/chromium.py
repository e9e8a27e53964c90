"""Where the browser is that the browser tests drive."""

import shutil

# As root Chromium must be told to go without its sandbox; the pages it sees are our own.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


PROGRAMS = ("chromium-headless-shell", "chromium")
"""The same engine without a desktop's windows around it needs a third less of a machine."""


def chromium_path() -> str | None:
    return next(filter(None, map(shutil.which, PROGRAMS)), None)
