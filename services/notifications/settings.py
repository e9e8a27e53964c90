"""What notifications can be told from outside: how messages leave the house."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from chassis.settings import ServiceSettings
from contracts.values import Channel


class NotificationsSettings(ServiceSettings):
    channel: Channel = Channel.CONSOLE
    """`console` keeps messages where they can be read on screen; `email` sends them."""
    messages_a_day_max: int = Field(default=3, ge=1)
    """Of one patient, by the patient's own calendar (NT-18)."""
    sending_lost_after_seconds: int = Field(default=300, ge=1)
    """A message that was being sent for this long has an unknown outcome and is not sent again (NT-17)."""

    smtp_host: str = "localhost"
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_from: str | None = None
    """`Needlepoint Clinics <hello@clinic.example>`; needed for `email`."""
    smtp_timeout_seconds: float = Field(default=20, gt=0)

    @model_validator(mode="after")
    def _has_a_sender(self) -> Self:
        if self.channel is Channel.EMAIL and not self.smtp_from:
            raise ValueError("NEEDLEPOINT_SMTP_FROM must say who e-mail comes from")
        return self
