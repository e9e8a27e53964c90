"""What booking can be told from outside."""

from pydantic import Field

from chassis.settings import ServiceSettings


class BookingSettings(ServiceSettings):
    """Settings of booking."""

    phone_region: str = Field(default="US", pattern=r"^[A-Z]{2}$")
    """Country (ISO 3166-1) that a phone number without a country code belongs to."""
    claims_kept_days: int = Field(default=7, ge=1)
    """How long the claims of past visits stay; the exclusion constraint is fastest on a small table."""
