"""The installer's door: a fresh installation gets its first owner, and the services their keys."""

from chassis.context import Context
from contracts.values import StaffId
from services.identity.doors import passwords_of
from services.identity.machines import usecases as machines
from services.identity.settings import IdentitySettings
from services.identity.staff import usecases as staff


async def first_owner(context: Context, *, email: str, display_name: str, password: str) -> StaffId:
    """Enrol the owner who then enrols everybody else; `AlreadySetUp` as soon as anybody works here."""
    passwords = passwords_of(context.settings_as(IdentitySettings))
    password_hash = await passwords.hash(password, email=email)
    async with context.db.transaction() as tx:
        owner = await staff.first_owner(
            tx, email=email, display_name=display_name, password_hash=password_hash, at=context.clock.now()
        )
    return owner.id


async def ensure_service_keys(context: Context) -> None:
    """Keep the keys that the settings give the services; safe to run at every start."""
    keys = context.settings_as(IdentitySettings).service_keys
    async with context.db.transaction() as tx:
        await machines.ensure_service_keys(tx, keys, at=context.clock.now())
