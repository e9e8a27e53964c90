"""Points between two steps of a fact's way, at which a test ends the process as a power cut would.

Here they do nothing, and nothing that a process is told can make them do something. A process that is to die at one
of them is started by the tests, with a function of theirs in this place before anything else is loaded.
"""


def crash_point(name: str) -> None:
    """We are between two steps."""
