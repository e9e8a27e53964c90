"""What inventory can be told from outside."""

from chassis.settings import ServiceSettings


class InventorySettings(ServiceSettings):
    """Nothing yet beyond what every service can be told."""
