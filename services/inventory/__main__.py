"""Inventory as a process of its own: `python -m services.inventory (api|worker|both|migrate)`."""

from chassis.process import main
from services.inventory.app import build
from services.inventory.settings import InventorySettings

if __name__ == "__main__":
    main(build, InventorySettings)
