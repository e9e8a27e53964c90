"""What every service can be told from outside: frozen, read once, passed on."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Settings of one service; `NEEDLEPOINT_<NAME>` in the environment, secrets as files in `/run/secrets`."""

    model_config = SettingsConfigDict(frozen=True, env_prefix="NEEDLEPOINT_", extra="ignore")

    database_url: SecretStr
    """The service's own role on its own database: `postgresql+asyncpg://…`."""
    migration_url: SecretStr | None = None
    """The owner of that database's tables; needed by `migrate` only."""
    database_pool_size: int = Field(default=10, ge=1)
    statement_timeout_ms: int = Field(default=5_000, ge=0)
    lock_timeout_ms: int = Field(default=4_000, ge=0)
    idle_in_transaction_timeout_ms: int = Field(default=30_000, ge=0)

    peer_urls: dict[str, str] = Field(default_factory=dict)
    """Where the other services are: `{"booking": "https://…/api/booking"}`."""
    service_key: SecretStr | None = None
    """This service's API key at identity, for calls in its own name."""
    metrics_token: SecretStr | None = None
    """Bearer token that opens `/metrics`; without it only loopback may read."""

    relay_batch: int = Field(default=500, ge=1)
    relay_poll_seconds: float = Field(default=0.5, gt=0)
    consumer_attempts_max: int = Field(default=8, ge=1)
    """Tries of a handler error before a message is parked; a database that is down is waited for without end."""
