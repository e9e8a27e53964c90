"""Identity on one page: who works here, who is asking, and the keys that everybody else checks that with.

Features depend on each other in one direction: sessions and tokens → staff, attempts, keys, machines.
"""

from pathlib import Path

from chassis.service import Service
from chassis.timers import every
from services.identity import timers
from services.identity.doors import passwords_of
from services.identity.keys import api as keys
from services.identity.sessions import api as sessions
from services.identity.settings import IdentitySettings
from services.identity.setup import ensure_service_keys, first_owner
from services.identity.staff import api as staff
from services.identity.staff.usecases import enrol, grant
from services.identity.tokens import api as tokens

__all__ = ["build", "enrol", "first_owner", "grant", "passwords_of"]
"""What the command line and the demo chain use beyond HTTP."""


def build(settings: IdentitySettings) -> Service:
    """The whole service."""
    return Service(
        name="identity",
        title="Identity",
        settings=settings,
        migrations=Path(__file__).parent / "migrations",
        routers=[tokens.api, keys.api, sessions.api, staff.me, staff.api],
        timers=[every(seconds=600, do=timers.forget_old)],
        before_work=[ensure_service_keys],
    )
