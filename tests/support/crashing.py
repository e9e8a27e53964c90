"""A process that dies where it is told, as a power cut would end it: no handler runs, nothing is flushed.

`NEEDLEPOINT_CRASH_AT=relay.acknowledged:3 python -m tests.support.crashing services.booking worker --port=8001` runs
the service until it comes to this point for the third time.
"""

import os
import runpy
import signal
import sys
from collections import Counter

from chassis import crash

VARIABLE = "NEEDLEPOINT_CRASH_AT"


class Trap:
    """Stands in the place of `crash_point`; has to be there before anybody else takes hold of that."""

    def __init__(self, told: str) -> None:
        self._name, _, times = told.partition(":")
        self._times = int(times or 1)
        self._passed: Counter[str] = Counter()

    def __call__(self, name: str) -> None:
        self._passed[name] += 1
        if name == self._name and self._passed[name] == self._times:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Set the trap, then be the module that is named."""
    taken = sorted(name for name in sys.modules if name.startswith("chassis.") and name != "chassis.crash")
    assert not taken, f"too late: {taken} may hold the real crash_point already"
    crash.crash_point = Trap(os.environ[VARIABLE])
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
