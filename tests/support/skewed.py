"""A process whose clock is wrong by so many seconds, told by `NEEDLEPOINT_CLOCK_OFFSET_SECONDS`.

`python -m tests.support.skewed services.booking worker --port=8001` runs the service with it. Everything that we ask
for the time asks `chassis.clock`; PostgreSQL, the broker and monotonic time go right.
"""

import os
import runpy
import sys
from datetime import UTC, datetime, timedelta

from chassis import clock

VARIABLE = "NEEDLEPOINT_CLOCK_OFFSET_SECONDS"


def main() -> None:
    """Set the clock wrong, then be the module that is named."""
    wrong_by = timedelta(seconds=float(os.environ[VARIABLE]))

    def now(self: clock.SystemClock) -> datetime:
        return datetime.now(UTC) + wrong_by

    # On the class, so that whoever took hold of a clock already has the wrong time as well.
    vars(clock)["SystemClock"].now = now
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
