"""The command line: what operators and scripts do with a running or a stopped Needlepoint."""
