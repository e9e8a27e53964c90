"""`needlepoint version`."""

from importlib.metadata import version as version_of


def version() -> None:
    """Print the version."""
    print(version_of("needlepoint"))
