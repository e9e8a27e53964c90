"""The whole inventory service on one page.

Features look in one direction only: imports → receipts → discrepancies → usage → boms, stock → items, catalogue.
"""

from pathlib import Path

from chassis.service import Service
from services.inventory.consumers import SUBSCRIPTIONS
from services.inventory.settings import InventorySettings


def build(settings: InventorySettings) -> Service:
    """What lies where, and which lot went into whom."""
    return Service(
        name="inventory",
        title="Inventory",
        settings=settings,
        migrations=Path(__file__).parent / "migrations",
        routers=[],
        subscriptions=SUBSCRIPTIONS,
    )
