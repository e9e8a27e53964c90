"""Where the browser is that the browser tests drive."""

import shutil

# As root Chromium must be told to go without its sandbox; the pages it sees are our own.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def chromium_path() -> str | None:
    return shutil.which("chromium")
