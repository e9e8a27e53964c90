"""What the front end can be told from outside: frozen, read once, passed on."""

from typing import NamedTuple

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from chassis.settings import ServerSettings


class DemoAccount(NamedTuple):
    """An account of the demo chain that the sign-in page offers with one click."""

    email: str
    password: str
    label: str


class WebSettings(ServerSettings):
    """Settings of the front end; `NEEDLEPOINT_WEB_<NAME>` in the environment, secrets as files in `/run/secrets`."""

    model_config = SettingsConfigDict(frozen=True, env_prefix="NEEDLEPOINT_WEB_", extra="ignore")

    secret: SecretStr = Field(min_length=32)
    """Signs form tokens; the same for every replica of the front end."""
    peer_urls: dict[str, str] = Field(default_factory=dict)
    """Where the services are: `{"booking": "https://…/api/booking"}`."""
    cookie_secure: bool = True
    """False only where people reach the front end without TLS: the embedded mode on loopback."""
    demo_accounts: tuple[DemoAccount, ...] = ()
    """Given only with the demo data set, never for a real chain."""
    chain_name: str = "Needlepoint"
    """Shown on the sign-in page and in the tab."""
    peer_timeout_seconds: float = Field(default=10.0, gt=0)
