"""Row `export`: the lines of the books as a CSV file over HTTP, beside a bare COPY of eight of their columns."""

import time
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from bench.caller import Caller
from bench.finding import Finding, Kind, Series, Target, Unit
from bench.ground import Ground, ground
from bench.row import Bench, Row
from chassis.clock import new_id
from tests.support.serving import Served

FLOOR = "COPY of eight columns of the same lines, as they stand in the tables, to this process"
MEBIBYTE = 1024 * 1024
LINES_PER_JOURNAL = 2

_LOCATIONS = """
    INSERT INTO location (id, version, code, name, legal_entity_id, legal_entity_name, zone, active)
    SELECT id, 1, 'clinic-' || number, 'Clinic ' || number, $2::uuid, 'Needlepoint PLLC', 'America/New_York', true
      FROM unnest($1::uuid[]) WITH ORDINALITY AS each (id, number)
    """
_JOURNALS = """
    INSERT INTO journal (id, source_id, posting_rule, rule_version, occurred_on, posted_on)
    SELECT uuidv7(), gen_random_uuid(), 'session_redemption', 1, day, day
      FROM generate_series(1, $1::int) AS number, LATERAL (SELECT current_date - number % 1000 AS day) AS at
    """
_LINES = """
    INSERT INTO entry (journal_id, legal_entity_id, location_id, account, amount, currency)
    SELECT id, $2::uuid, ($1::uuid[])[1 + number % cardinality($1)], line.account, line.amount, 'USD'
      FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM journal) AS journal
     CROSS JOIN LATERAL (VALUES ('2300', 19900 + number % 977), ('4000', -19900 - number % 977))
        AS line (account, amount)
    """
_COPY = """
    SELECT journal.id, occurred_on, posted_on, posting_rule, location_id, account, amount, currency
      FROM entry JOIN journal ON journal.id = journal_id ORDER BY entry.id
    """


async def measure(bench: Bench) -> Sequence[Finding]:
    stands = ground(bench, wal_level="minimal", max_wal_senders="0", max_wal_size="4GB")
    service = await stands.migrated("billing")
    lines = bench.sized(2_000, 50_000, 1_000_000)
    bench.tell(f"writing {lines:,} lines into the books")
    await _filled(stands, lines)
    await stands.settle(service)
    bare, process = await stands.bare(service), await stands.served(service)
    file = File(process, stands.token("finance"))
    sizes: list[float] = []
    at_rest = file.memory_from_now_on()

    async def ours() -> float:
        file.memory_from_now_on()
        rate = await file.lines_per_second(lines)
        sizes.append((file.memory_peak() - at_rest) / MEBIBYTE)
        return rate

    async def floor() -> float:
        return await _copied(bare, lines)

    found = await bench.in_turn(ours, floor)
    what = f"journal of {lines:,} lines as CSV, lines a second"
    target = Target(kind=Kind.FIGURE, least=500_000)
    memory = Target(kind=Kind.FIGURE, most=64)
    return [
        found.finding(what, Unit.PER_SECOND, floor_is=FLOOR, target=target),
        Finding(
            what="memory of the service at its peak, beyond what it had before the first file",
            ours=Series(unit=Unit.MEGABYTES, rounds=tuple(sizes)),
            target=memory,
        ),
    ]


ROW = Row("export", measure)


class File:
    """The journal as somebody of finance downloads it, and what that costs the process."""

    def __init__(self, process: Served, token: str) -> None:
        self._url = process.url
        self._proc = Path("/proc") / str(process.process.pid)
        self._token = token

    async def lines_per_second(self, lines: int) -> float:
        caller = await Caller.to(self._url, authorization=f"Bearer {self._token}")
        begun = time.perf_counter()
        await caller.drain("/exports/journal.csv", lines=lines + 1)
        seconds = time.perf_counter() - begun
        await caller.close()
        return lines / seconds

    def memory_from_now_on(self) -> int:
        """Bytes that it has now; the peak is counted anew from here."""
        (self._proc / "clear_refs").write_text("5")
        return self._status("VmRSS")

    def memory_peak(self) -> int:
        return self._status("VmHWM")

    def _status(self, name: str) -> int:
        told = dict(line.split(":", 1) for line in (self._proc / "status").read_text().splitlines())
        return int(told[name].split()[0]) * 1024


async def _filled(stands: Ground, lines: int) -> None:
    connection = await stands.cluster.connect("billing")
    try:
        await connection.execute("SET session_replication_role = replica")  # balanced by construction
        locations, entity = [new_id() for _ in range(20)], new_id()
        await connection.execute(_LOCATIONS, locations, entity)
        await connection.execute(_JOURNALS, lines // LINES_PER_JOURNAL)
        await connection.execute(_LINES, locations, entity)
    finally:
        await connection.close()


async def _copied(bare: asyncpg.Connection, lines: int) -> float:
    count = 0

    async def take(piece: bytes) -> None:
        nonlocal count
        count += piece.count(b"\n")

    begun = time.perf_counter()
    await bare.copy_from_query(_COPY, output=take, format="csv")
    seconds = time.perf_counter() - begun
    if count != lines:
        raise AssertionError(f"{count} of {lines} lines came")
    return lines / seconds
