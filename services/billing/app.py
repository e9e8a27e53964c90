"""The whole billing service on one page.

Features know each other in one direction: ledger <- payments <- packages <- settlements, invoices <- payments,
and everybody may look at prices, visits and the catalogue.
"""

from pathlib import Path

from chassis.service import Service
from chassis.timers import every
from services.billing import timers
from services.billing.consumers import SUBSCRIPTIONS
from services.billing.exports import api as exports
from services.billing.invoices import api as invoices
from services.billing.ledger import api as ledger
from services.billing.packages import api as packages
from services.billing.patients import api as patients
from services.billing.prices import api as prices
from services.billing.settings import BillingSettings
from services.billing.settlements import api as settlements


def build(settings: BillingSettings) -> Service:
    return Service(
        name="billing",
        title="Billing",
        settings=settings,
        migrations=Path(__file__).parent / "migrations",
        routers=[
            prices.api,
            prices.offers_api,
            packages.api,
            invoices.api,
            patients.api,
            settlements.api,
            ledger.api,
            exports.api,
        ],
        subscriptions=SUBSCRIPTIONS,
        timers=[every(seconds=30, do=timers.settle_waiting)],
    )
