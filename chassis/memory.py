"""Memory of a process: what it has built once it takes work, it keeps until its end."""

import gc

LOOK_EVERY = 20_000
"""New objects between two looks for unused ones; Python's own 700 is for scripts."""


def settle() -> None:
    """Look no more at what was built until now, and at what comes more seldom.

    Some hundred thousand objects of routes, models and statements are never let go of. Each full look at them stops
    a process for a tenth of a second, and batches of facts made it look often: a third of all their time.
    """
    if gc.get_freeze_count():
        return
    gc.collect()
    gc.freeze()
    gc.set_threshold(LOOK_EVERY, 10, 10)
