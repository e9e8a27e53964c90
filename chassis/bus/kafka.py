"""The carrier of every deployment of more than one process: facts go to the topic of the service that told them."""

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.bus import Unsendable, wire
from chassis.bus.producing import Producer
from chassis.message import Message


class KafkaSettings(BaseSettings):
    """Where the brokers are and how they are spoken to; `NEEDLEPOINT_KAFKA_…` in the environment."""

    model_config = SettingsConfigDict(frozen=True, env_prefix="NEEDLEPOINT_KAFKA_", extra="ignore")

    bootstrap_servers: str
    """`host:port`, several with commas."""
    prefix: str = ""
    """Before the name of every topic and group, so that several chains can share brokers."""
    replication: int = Field(default=1, ge=1)
    """Copies of each topic. With one, a lost disk loses what is on it; the outboxes can fill the topics again."""
    min_insync: int = Field(default=1, ge=1)
    """Copies that must hold a fact before it counts as sent."""

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    username: str | None = None
    password: SecretStr | None = None
    ca_file: Path | None = None
    """Certificates to trust with SSL, instead of the system's."""

    poll_records: int = Field(default=500, ge=1)
    """The most facts of one transaction."""
    publish_seconds: float = Field(default=15, gt=0)
    """Until facts are acknowledged or given up; less than a transaction may lie idle in the database."""
    request_seconds: float = Field(default=10, gt=0)
    session_seconds: float = Field(default=30, gt=0)
    """Without a heartbeat for so long, a consumer's partitions go to others."""
    heartbeat_seconds: float = Field(default=3, gt=0)
    rebalance_seconds: float = Field(default=60, gt=0)
    """For all members of a group to finish what they are at and join again."""
    drain_seconds: float = Field(default=20, gt=0)
    """Of these, for the batch that a member is at."""
    silence_seconds: float = Field(default=300, gt=0)
    """A member that does not ask for facts for so long is taken for dead, however well its heart beats."""
    watch_seconds: float = Field(default=5, gt=0)
    """How often a listener asks itself whether it gets on."""
    stall_seconds: float = Field(default=20, gt=0)
    """Facts are there and none is taken for so long: longer than a slow batch, shorter than a minute."""
    rebuild_seconds: float = Field(default=60, gt=0)
    """After so long without getting on, it begins anew with a fresh connection."""

    def topic(self, service: str) -> str:
        return f"{self.prefix}{service}"

    def connection(self) -> dict[str, Any]:
        """What every kind of client needs to reach the brokers."""
        return {
            "bootstrap_servers": self.bootstrap_servers.split(","),
            "security_protocol": self.security_protocol,
            "ssl_context": ssl.create_default_context(cafile=self.ca_file) if "SSL" in self.security_protocol else None,
            "sasl_mechanism": self.sasl_mechanism if self.username else "PLAIN",
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password.get_secret_value() if self.password else None,
            "request_timeout_ms": round(self.request_seconds * 1000),
            "retry_backoff_ms": 100,
            "metadata_max_age_ms": 60_000,
            "connections_max_idle_ms": 540_000,
        }


class KafkaCarrier:
    def __init__(self, settings: KafkaSettings, *, name: str) -> None:
        self._prefix = settings.prefix
        self._producer = Producer(settings, name=name)

    async def publish(self, messages: Sequence[Message]) -> None:
        """Return once every fact is on all in-sync brokers; raises within `publish_seconds` otherwise."""
        await self._producer.send([self._record(message) for message in messages])

    def _record(self, message: Message) -> wire.Record:
        if len(message.data) > wire.BODY_BYTES_MAX:
            raise Unsendable(message, "too large")
        try:
            return wire.encode(message, prefix=self._prefix)
        except LookupError:
            raise Unsendable(message, "its envelope does not say what it is") from None

    async def close(self) -> None:
        await self._producer.close()
