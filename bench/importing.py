"""Row `import`: years of another system's visits by `needlepoint import`, beside a COPY of the rows they become."""

import asyncio
import csv
import io
import os
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import asyncpg

from bench.clinics import SIDE_BY_SIDE, STARTS, TREATMENT, open_clinics
from bench.finding import Finding, Kind, Series, Target, Unit
from bench.row import Bench, Row
from bench.site import EMAIL, PASSWORD, Whole, whole
from chassis.clock import SystemClock
from tests.support.site import NEEDLEPOINT

CLINICS = 10
PATIENTS = 2_000
PER_DAY = CLINICS * len(STARTS) * SIDE_BY_SIDE
FLOOR = "COPY of the rows of table appointment that came of it into a table with the same columns, checks and indexes"
PATIENT_COLUMNS = ("external_id", "given_name", "family_name", "birth_date", "home_location")
VISIT_COLUMNS = ("external_id", "patient", "location", "treatment", "practitioner", "local_start", "status")
FORMATS = {"patients": 'birth_date = "%Y-%m-%d"', "appointments": 'local_start = "%Y-%m-%d %H:%M"'}


async def measure(bench: Bench) -> Sequence[Finding]:
    stands = await whole(bench)
    rows = bench.sized(200, 2_000, 100_000)
    bench.tell("opening the clinics")
    await open_clinics(stands.database("booking"), CLINICS, patients=1)
    patients = _file(bench.folder / "patients.csv", PATIENT_COLUMNS, _patients())
    visits = _file(bench.folder / "visits.csv", VISIT_COLUMNS, _visits(rows))
    bench.tell(f"importing {PATIENTS:,} patients")
    await _imported(stands, "patients", patients, PATIENT_COLUMNS)
    bench.tell(f"importing {rows:,} visits")
    seconds = await _imported(stands, "appointments", visits, VISIT_COLUMNS)
    connection = await stands.cluster.connect("booking")
    bench.stack.push_async_callback(connection.close)
    bench.tell("copying the same rows")
    floor = await _copied(connection, rows, times=bench.sized(1, 1, 3))
    return [
        Finding(
            what=f"{rows:,} visits of another system",
            ours=Series(unit=Unit.SECONDS, rounds=(seconds,)),
            floor=Series(unit=Unit.SECONDS, rounds=floor),
            floor_is=FLOOR,
            target=Target(kind=Kind.FIGURE, most=120),
        )
    ]


ROW = Row("import", measure)


def _patients() -> Iterator[tuple[str, ...]]:
    for number in range(PATIENTS):
        yield f"C-{number}", f"Ada {number}", "Vance", "1988-04-17", f"clinic-{number % CLINICS}"


def _visits(count: int) -> Iterator[tuple[str, ...]]:
    """Backwards from yesterday; each day is full everywhere before the one before it begins."""
    today = SystemClock().now().date()
    for number in range(count):
        days, place = divmod(number, PER_DAY)
        clinic, time_and_lane = divmod(place, len(STARTS) * SIDE_BY_SIDE)
        start, lane = divmod(time_and_lane, SIDE_BY_SIDE)
        yield (
            f"A-{number}",
            f"C-{number % PATIENTS}",
            f"clinic-{clinic}",
            TREATMENT,
            f"Nurse {lane}",
            f"{today - timedelta(days=days + 1)} {STARTS[start]:%H:%M}",
            "completed",
        )


def _file(path: Path, columns: Sequence[str], rows: Iterator[tuple[str, ...]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows(rows)
    return path


async def _imported(stands: Whole, kind: str, file: Path, columns: Sequence[str]) -> float:
    """How many seconds the command takes, from its start to its end."""
    mapping = file.with_suffix(".toml")
    named = "\n".join(f'{name} = "{name}"' for name in columns)
    mapping.write_text(f'kind = "{kind}"\n\n[columns]\n{named}\n\n[formats]\n{FORMATS[kind]}\n')
    told = {"NEEDLEPOINT_URL": stands.url, "NEEDLEPOINT_EMAIL": EMAIL, "NEEDLEPOINT_PASSWORD": PASSWORD}
    begun = time.perf_counter()
    command = await asyncio.create_subprocess_exec(
        *map(str, (NEEDLEPOINT, "import", kind, file, "--map", mapping)),
        env={**os.environ, **told},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await command.communicate()
    seconds = time.perf_counter() - begun
    if command.returncode != 0:
        raise AssertionError(said.decode())
    return seconds


async def _copied(connection: asyncpg.Connection, rows: int, *, times: int) -> tuple[float, ...]:
    whole_table = io.BytesIO()
    await connection.copy_from_query("SELECT * FROM appointment WHERE origin = 'import'", output=whole_table)
    found = []
    for _ in range(times):
        await connection.execute("DROP TABLE IF EXISTS bare")
        await connection.execute("CREATE TABLE bare (LIKE appointment INCLUDING ALL)")
        whole_table.seek(0)
        begun = time.perf_counter()
        copied = await connection.copy_to_table("bare", source=whole_table)
        found.append(time.perf_counter() - begun)
        if copied != f"COPY {rows}":
            raise AssertionError(f"{copied}: not every one of {rows} visits came in")
    return tuple(found)
