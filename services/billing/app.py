"""The whole billing service on one page.

Features know each other in one direction: ledger <- payments <- packages <- settlements, invoices <- payments,
and everybody may look at prices, visits and the catalogue.
"""

from pathlib import Path

from chassis.service import Service
from chassis.timers import every
from services.billing import timers
from services.billing.consumers import SUBSCRIPTIONS
from services.billing.settings import BillingSettings


def build(settings: BillingSettings) -> Service:
    return Service(
        name="billing",
        title="Billing",
        settings=settings,
        migrations=Path(__file__).parent / "migrations",
        routers=[],
        subscriptions=SUBSCRIPTIONS,
        timers=[every(seconds=30, do=timers.settle_waiting)],
    )
