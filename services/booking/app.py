"""The whole booking service on one page.

Folders build on each other in this order: schedule (time, hours, claims), places, practitioners, catalogue, patients,
appointments, records, imports.
"""

from pathlib import Path

from chassis.service import Service
from chassis.timers import every
from services.booking import timers
from services.booking.appointments import api as appointments
from services.booking.appointments import day, free
from services.booking.catalogue import api as catalogue
from services.booking.consumers import SUBSCRIPTIONS
from services.booking.imports import api as imports
from services.booking.patients import api as patients
from services.booking.places import api as places
from services.booking.practitioners import api as practitioners
from services.booking.records import api as records
from services.booking.settings import BookingSettings


def build(settings: BookingSettings) -> Service:
    """Everything booking consists of."""
    return Service(
        name="booking",
        title="Needlepoint booking",
        settings=settings,
        migrations=Path(__file__).parent / "migrations",
        routers=[
            places.api,
            practitioners.api,
            catalogue.api,
            patients.api,
            free.api,
            appointments.api,
            day.api,
            records.api,
            imports.api,
        ],
        subscriptions=SUBSCRIPTIONS,
        timers=[every(seconds=3600, do=timers.forget_past_claims)],
    )
