"""`python -m cli` is `needlepoint`, where the command itself is not installed."""

from cli.main import main

main()
