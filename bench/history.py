"""Years of visits of many clinics, put into booking's tables by PostgreSQL itself, each with what it occupies."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from bench.clinics import PLAN, SIDE_BY_SIDE, STARTS, TREATMENT, Clinic

AHEAD_DAYS = 60
KEPT_DAYS = 7
"""Claims of what is longer over than this have been cleared away, as booking's own timer does it."""
FILLED_TENTHS = 7
"""Of the times ahead so many are taken; those behind all are."""
PER_DAY = len(STARTS) * SIDE_BY_SIDE
PER_CLINIC = 25_000

_LANES = """
    CREATE TEMPORARY TABLE lane AS
    SELECT location_id, number, practitioner_id, room_id, device_id, bay_id, patients
      FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[])
        AS each (location_id, number, practitioner_id, room_id, device_id, bay_id)
      JOIN (SELECT home_location_id, array_agg(id) AS patients FROM patient GROUP BY 1) AS theirs
        ON home_location_id = location_id
    """
_VISITS = f"""
    INSERT INTO appointment
          (id, version, sequence, status, origin, patient_id, location_id, legal_entity_id, treatment_id, treatment,
           modality, practitioner_id, room_id, device_id, bay_id, plan, local_start, zone, tzdata, starts_at, ends_at,
           booked_at)
    SELECT uuidv7(), 1, 0, CASE WHEN day < current_date THEN 'completed' ELSE 'booked' END, 'desk',
           patients[1 + ({PER_DAY} * (nth + 36500) + {SIDE_BY_SIDE} * place + lane.number) % cardinality(patients)],
           l.id, l.legal_entity_id,
           t.id, t.code, t.modality, practitioner_id, room_id, device_id, bay_id, t.plan, local_start, l.zone, '2026',
           local_start AT TIME ZONE l.zone,
           local_start AT TIME ZONE l.zone + make_interval(mins => {PLAN.patient_minutes}), now()
      FROM lane
      JOIN location l ON l.id = location_id
      JOIN treatment t ON t.code = '{TREATMENT}'
     CROSS JOIN generate_series(-$1::int, {AHEAD_DAYS}) AS nth
     CROSS JOIN unnest($2::time[]) WITH ORDINALITY AS starts (start, place)
     CROSS JOIN LATERAL (SELECT current_date + nth AS day, current_date + nth + start AS local_start) AS at
     WHERE nth < 0 OR (nth * 31 + place * 7 + lane.number * 3) % 10 < {FILLED_TENTHS}
    """  # noqa: S608 - our own words and numbers


async def lived(connection: asyncpg.Connection, clinics: Sequence[Clinic], visits_each: int) -> int:
    """Give these clinics their past and what is booked ahead; returns how many visits there are now."""
    lanes = [(clinic, number) for clinic in clinics for number in range(len(clinic.practitioners))]
    # The rows refer to one another by construction; asking for each of fifty million times would take hours.
    await connection.execute("SET session_replication_role = replica")
    await connection.execute("SET maintenance_work_mem = '1GB'")
    await connection.execute("DROP TABLE IF EXISTS lane")
    await connection.execute(
        _LANES,
        [clinic.id for clinic, _ in lanes],
        [number for _, number in lanes],
        *([getattr(clinic, kind)[number] for clinic, number in lanes] for kind in _KINDS),
    )
    behind = max(0, (visits_each - PER_DAY * AHEAD_DAYS * FILLED_TENTHS // 10) // PER_DAY)
    async with _without_indexes(connection, "appointment", "claim"):
        await connection.execute(_VISITS, behind, list(STARTS))
        await connection.execute(_claims())
    await connection.execute("VACUUM ANALYZE")
    await connection.execute("CHECKPOINT")
    return int(await connection.fetchval("SELECT count(*) FROM appointment"))


_KINDS = ("practitioners", "rooms", "devices", "bays")


def _claims() -> str:
    """What the visits occupy that have none yet, as a plan says it: minutes from the start, by kind."""
    parts = [
        f"('{kind.value}', {_COLUMNS[kind.value]}, {first}, {last})" for kind, (first, last) in PLAN.needs().items()
    ]
    return f"""
        INSERT INTO claim (appointment_id, kind, resource_id, starts_at, ends_at)
        SELECT a.id, need.kind, need.id, a.starts_at + make_interval(mins => need.first),
               a.starts_at + make_interval(mins => need.last)
          FROM appointment a
          JOIN (SELECT DISTINCT location_id FROM lane) AS new USING (location_id)
         CROSS JOIN LATERAL (VALUES {", ".join(parts)}) AS need (kind, id, first, last)
         WHERE a.ends_at > now() - interval '{KEPT_DAYS} days'
        """  # noqa: S608 - our own words and numbers


_COLUMNS = {
    "patient": "a.patient_id",
    "practitioner": "a.practitioner_id",
    "room": "a.room_id",
    "device": "a.device_id",
    "numbing_bay": "a.bay_id",
}


@asynccontextmanager
async def _without_indexes(connection: asyncpg.Connection, *tables: str) -> AsyncIterator[None]:
    """Filled first and indexed afterwards: the primary keys stay, the rest is taken away and made anew."""
    constraints = await connection.fetch(
        "SELECT conrelid::regclass::text AS place, conname AS name, pg_get_constraintdef(oid) AS said"
        "  FROM pg_constraint WHERE conrelid = ANY ($1::regclass[]) AND contype = 'x'",
        list(tables),
    )
    for each in constraints:
        await connection.execute(f"ALTER TABLE {each['place']} DROP CONSTRAINT {each['name']}")
    indexes = await connection.fetch(
        "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS said"
        "  FROM pg_index WHERE indrelid = ANY ($1::regclass[]) AND NOT indisprimary",
        list(tables),
    )
    for each in indexes:
        await connection.execute(f"DROP INDEX {each['name']}")
    yield
    for each in indexes:
        await connection.execute(each["said"])
    for each in constraints:
        await connection.execute(f"ALTER TABLE {each['place']} ADD CONSTRAINT {each['name']} {each['said']}")
