"""The life of a visit, from a held time to a closed one."""
