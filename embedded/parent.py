"""A child that does not outlive the process that started it, however that one ends."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def dies_with_parent(told: signal.Signals) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends the child this signal when the thread that started it is gone (Linux)."""
    parent = os.getpid()

    def ask_the_kernel() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, told)
        if os.getppid() != parent:  # it went while we were being made
            os.kill(os.getpid(), told)

    return ask_the_kernel
