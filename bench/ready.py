"""Visits in the middle of their treatment: all that is left to do is to sign their record."""

from uuid import UUID

import asyncpg

from bench.clinics import PLAN, TREATMENT, Clinic

_BEGUN = f"""
    INSERT INTO appointment
          (id, version, sequence, status, origin, patient_id, location_id, legal_entity_id, treatment_id, treatment,
           modality, practitioner_id, room_id, device_id, bay_id, plan, local_start, zone, tzdata, starts_at, ends_at,
           booked_at, arrived_at, started_at)
    SELECT uuidv7(), 3, 0, 'in_procedure', 'desk', ($2::uuid[])[1 + nth % cardinality($2::uuid[])], l.id,
           l.legal_entity_id, t.id, t.code, t.modality, $3, $4, $5, $6, t.plan, begun AT TIME ZONE l.zone,
           l.zone, '2026', begun, begun + make_interval(mins => {PLAN.patient_minutes}), begun - interval '1 day',
           begun, begun
      FROM location l
      JOIN treatment t ON t.code = '{TREATMENT}'
     CROSS JOIN generate_series(1, $7::int) AS nth
     CROSS JOIN LATERAL (SELECT date_trunc('minute', now() - interval '1 hour') AS begun) AS at
     WHERE l.id = $1
    RETURNING id
    """  # noqa: S608 - our own words and numbers
RECORD = {
    "areas": [{"area": "cheek", "depth_hundredths_mm": 75, "passes": 3}],
    "reaction_grade": 1,
    "aftercare_given": True,
}
"""What is signed; the products are the usual ones."""


async def begun(connection: asyncpg.Connection, clinic: Clinic, count: int) -> list[UUID]:
    """So many of them, of the patients of this clinic in turn."""
    ours = (clinic.practitioners[0], clinic.rooms[0], clinic.devices[0], clinic.bays[0])
    rows = await connection.fetch(_BEGUN, clinic.id, list(clinic.patients), *ours, count)
    return [row[0] for row in rows]
