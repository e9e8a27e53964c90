"""What every service can be told from outside: frozen, read once, passed on."""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from chassis import plain_words

Settings = TypeVar("Settings", bound=BaseSettings)

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
SECRETS = Path("/run/secrets")
DRIVER = "postgresql+asyncpg"


class ServerSettings(BaseSettings):
    """Where a process answers HTTP, and how it logs."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = LOOPBACK
    """Whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: the gateway and the web front end."""
    metrics_token: SecretStr | None = None
    """Bearer token that opens `/metrics`; without it only loopback may read."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class ServiceSettings(ServerSettings):
    """Settings of one service; `NEEDLEPOINT_<NAME>` in the environment, secrets as files in `/run/secrets`."""

    model_config = SettingsConfigDict(frozen=True, env_prefix="NEEDLEPOINT_", extra="ignore")

    database_url: SecretStr
    """The service's own role on its own database: `postgresql://…`."""
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

    relay_batch: int = Field(default=500, ge=1)
    relay_poll_seconds: float = Field(default=0.5, gt=0)
    consumer_attempts_max: int = Field(default=5, ge=1)
    """Tries of a fact that a constraint refuses (it may have lost a race), one after the other, before it is parked.
    Any other error of a handler parks at once, and a database that is down is waited for without end."""

    @field_validator("database_url", "migration_url")
    @classmethod
    def _is_for_us(cls, given: SecretStr | None) -> SecretStr | None:
        """An address of PostgreSQL, for the driver that we speak with."""
        if given is None:
            return None
        try:
            url = make_url(given.get_secret_value())
        except ArgumentError:
            raise ValueError("is no database address; it looks like postgresql://role:password@host/database") from None
        if url.get_backend_name() != "postgresql":
            raise ValueError("does not name a PostgreSQL; there is no other engine")
        return SecretStr(url.set(drivername=DRIVER).render_as_string(hide_password=False))


class UnusableSettings(RuntimeError):
    """What is missing or wrong, one line each, by the name of the variable and without any value."""


def read(kind: type[Settings], **given: Any) -> Settings:
    """Settings out of the environment and secret files; what is `given` goes before. Raises `UnusableSettings`."""
    folder = Path(os.environ.get("NEEDLEPOINT_SECRETS_DIR", SECRETS))
    try:
        return kind(_secrets_dir=folder if folder.is_dir() else None, **given)
    except ValidationError as error:
        prefix = str(kind.model_config.get("env_prefix", ""))
        wrong = [_in_words(each, prefix, folder) for each in error.errors(include_input=False, include_url=False)]
        raise UnusableSettings("\n".join(wrong)) from None
    except SettingsError as error:  # what should be JSON is not; the message names the field, never the value
        raise UnusableSettings(str(error)) from None


def _in_words(wrong: ErrorDetails, prefix: str, folder: Path) -> str:
    said = plain_words.of(wrong["type"], wrong["msg"], wrong.get("ctx")).removesuffix(".")
    if not wrong["loc"]:
        return f"{said}."
    name = f"{prefix}{wrong['loc'][0]}".upper()
    if wrong["type"] == "missing":
        return f"{name} is missing: set it in the environment, or write it into the file {folder / name.lower()}."
    return f"{name}: {said}."
