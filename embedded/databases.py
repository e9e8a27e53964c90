"""A database and two roles per service: one owns the tables, the other works on them and can reach nothing else."""

import asyncpg

from embedded.postgres import Cluster


def owner_of(service: str) -> str:
    """The role that migrates; the service itself runs as the role named like it."""
    return f"{service}_owner"


async def ensure(cluster: Cluster, service: str) -> None:
    """Create the service's roles and database where they are missing; safe to run at every start."""
    connection = await cluster.connect()
    try:
        for role in (owner_of(service), service):
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
                await connection.execute(f'CREATE ROLE "{role}" LOGIN')
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", service):
            await connection.execute(f'CREATE DATABASE "{service}" OWNER "{owner_of(service)}"')
            await connection.execute(f'REVOKE ALL ON DATABASE "{service}" FROM PUBLIC')
    finally:
        await connection.close()
    connection = await cluster.connect(service)
    try:
        await _open_to_service(connection, service)
    finally:
        await connection.close()


async def _open_to_service(connection: asyncpg.Connection, service: str) -> None:
    """Rows, not tables: what a migration creates is readable and writable to the service, never alterable."""
    owner = owner_of(service)
    for extension in ("btree_gist", "pg_trgm"):
        await connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    await connection.execute(
        f'GRANT CONNECT ON DATABASE "{service}" TO "{service}";'
        f'GRANT ALL ON SCHEMA public TO "{owner}";'
        f'GRANT USAGE ON SCHEMA public TO "{service}";'
        f'ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" IN SCHEMA public'
        f' GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{service}";'
        f'ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO "{service}"'
    )


async def drop(cluster: Cluster, service: str) -> None:
    """Throw away everything this service knew; its roles stay."""
    connection = await cluster.connect()
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{service}" WITH (FORCE)')
    finally:
        await connection.close()


async def wait_for_disk(cluster: Cluster, service: str, *, always: bool) -> None:
    """Whether commits wait until they are on the disk; only what can be made anew may do without, for speed.

    Holds for connections made from now on. Going back also puts on the disk what has not been waited for.
    """
    connection = await cluster.connect()
    try:
        change = "RESET synchronous_commit" if always else "SET synchronous_commit = off"
        await connection.execute(f'ALTER DATABASE "{service}" {change}')
        if always:
            await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def has_facts(cluster: Cluster, service: str) -> bool:
    """Whether anything ever happened in this service: everything that happens leaves a fact."""
    connection = await cluster.connect(service)
    try:
        return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM outbox)"))
    finally:
        await connection.close()
