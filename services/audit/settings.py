"""What audit can be told from outside."""

from pydantic import Field

from chassis.settings import ServiceSettings


class AuditSettings(ServiceSettings):
    break_after_seconds: int = Field(default=60, ge=0)
    """How long money, stock, aftercare and recall of a completed session may take before it shows as a break."""
