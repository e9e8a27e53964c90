"""The lock files: `locks.py` writes them anew, `locks.py --check` tells whether they still fit.

Locks name versions and hashes, never the address of a registry, so that they work behind any mirror.
"""

import json
import re
import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
OLDEST_PYTHON = "3.11"
# New releases wait a week: a broken or stolen one is usually found and withdrawn by then.
WAIT_DAYS = 7

RUN_LOCK = "requirements.lock"
LOCKS = {
    RUN_LOCK: ["pyproject.toml", "--extra", "embedded"],
    "requirements-service.lock": ["pyproject.toml", "-c", RUN_LOCK],
    "requirements-dev.lock": ["pyproject.toml", "--group", "dev", "--all-extras", "-c", RUN_LOCK],
    "requirements-build.lock": ["--group", "build", "-c", "requirements-dev.lock"],
    "requirements-node.lock": ["--group", "node"],
}
NPM_LOCK = "package-lock.json"


def main() -> None:
    if sys.argv[1:] != ["--check"]:
        for name, sources in LOCKS.items():
            compile_lock(name, sources)
        lock_npm_packages()
    problems = [*out_of_step(), *addresses()]
    sys.exit("\n".join(problems) or 0)


def compile_lock(name: str, sources: list[str]) -> None:
    """Resolve for every platform; a locked version stays where it is still allowed."""
    newest = (datetime.now(UTC) - timedelta(days=WAIT_DAYS)).date()
    options = ["--generate-hashes", "--no-emit-index-url", "--universal", "--python-version", OLDEST_PYTHON]
    quiet = ["--quiet", "--custom-compile-command", "make lock", "--exclude-newer", newest.isoformat()]
    command = [sys.executable, "-m", "uv", "pip", "compile", *sources, *options, *quiet, "-o", name]
    subprocess.run(command, cwd=ROOT, check=True)


def lock_npm_packages() -> None:
    """Npm notes where each author takes donations; the lock needs no addresses."""
    subprocess.run(["npm", "install", "--package-lock-only", "--silent"], cwd=ROOT, check=True)
    path = ROOT / NPM_LOCK
    lock = json.loads(path.read_text(encoding="utf-8"))
    for package in lock["packages"].values():
        package.pop("funding", None)
    path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def out_of_step() -> list[str]:
    """Every requirement of pyproject.toml and package.json that its lock does not satisfy."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    needed, extras = project["project"]["dependencies"], project["project"]["optional-dependencies"]
    groups = project["dependency-groups"]
    wanted = {
        RUN_LOCK: [*needed, *extras["embedded"]],
        "requirements-service.lock": needed,
        "requirements-dev.lock": [line for line in groups["dev"] if isinstance(line, str)],
        "requirements-build.lock": groups["build"],
        "requirements-node.lock": groups["node"],
    }
    problems = [
        f"{lock}: does not satisfy {line!r}; run `make lock`"
        for lock, lines in wanted.items()
        for line in lines
        if not is_pinned(Requirement(line), pins(lock))
    ]
    asked = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    locked = json.loads((ROOT / NPM_LOCK).read_text(encoding="utf-8"))["packages"][""]
    if any(asked.get(kind) != locked.get(kind) for kind in ("dependencies", "devDependencies")):
        problems.append(f"{NPM_LOCK}: does not fit package.json; run `make lock`")
    return problems


def is_pinned(requirement: Requirement, locked: dict[str, str]) -> bool:
    version = locked.get(requirement.name.lower())
    return version is not None and requirement.specifier.contains(version)


def pins(lock: str) -> dict[str, str]:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    found = (re.match(r"([a-z0-9.-]+)(?:\[.*\])?==([^ ;]+)", line) for line in lines)
    return {match[1]: match[2] for match in found if match}


def addresses() -> list[str]:
    return [
        f"{name}:{number}: holds an address"
        for name in [*LOCKS, NPM_LOCK]
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), start=1)
        if "://" in line
    ]


if __name__ == "__main__":
    main()
