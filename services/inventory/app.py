"""The whole inventory service on one page.

Features look in one direction only: imports → receipts → discrepancies → usage → boms, stock → items, catalogue.
"""

from pathlib import Path

from chassis.service import Service
from services.inventory.boms import api as boms
from services.inventory.consumers import SUBSCRIPTIONS
from services.inventory.discrepancies import api as discrepancies
from services.inventory.imports import api as imports
from services.inventory.items import api as items
from services.inventory.receipts import api as receipts
from services.inventory.settings import InventorySettings
from services.inventory.stock import api as stock
from services.inventory.usage import api as usage


def build(settings: InventorySettings) -> Service:
    """What lies where, and which lot went into whom."""
    return Service(
        name="inventory",
        title="Inventory",
        settings=settings,
        migrations=Path(__file__).parent / "migrations",
        routers=[items.api, boms.api, stock.api, usage.api, receipts.api, discrepancies.api, imports.api],
        subscriptions=SUBSCRIPTIONS,
    )
