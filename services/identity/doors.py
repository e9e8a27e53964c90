"""What identity's doors have at hand beyond the chassis: the vault, the passwords, and where a request comes from."""

from typing import Annotated

from fastapi import Depends, Request

from chassis.context import Context
from services.identity.origins import origin_of
from services.identity.settings import IdentitySettings
from services.identity.staff.passwords import Passwords
from services.identity.vault import Vault


def vault_of(settings: IdentitySettings) -> Vault:
    before = tuple(each.get_secret_value() for each in settings.key_encryption_keys_before)
    return Vault(settings.key_encryption_key.get_secret_value(), before)


def passwords_of(settings: IdentitySettings) -> Passwords:
    return Passwords(
        memory_kib=settings.password_memory_kib,
        passes=settings.password_passes,
        lanes=settings.password_lanes,
        slots=settings.password_slots,
    )


def _settings(request: Request) -> IdentitySettings:
    context: Context = request.app.state.context
    return context.settings_as(IdentitySettings)


def _vault(request: Request) -> Vault:
    state = request.app.state
    if not hasattr(state, "vault"):
        state.vault = vault_of(_settings(request))
    vault: Vault = state.vault
    return vault


def _passwords(request: Request) -> Passwords:
    """The same for the whole application: its slots bound what one process hashes at a time."""
    state = request.app.state
    if not hasattr(state, "passwords"):
        state.passwords = passwords_of(_settings(request))
    passwords: Passwords = state.passwords
    return passwords


def _origin(request: Request) -> str:
    peer = request.client.host if request.client else None
    forwarded = request.headers.getlist("x-forwarded-for")
    return origin_of(peer, forwarded, trusted=_settings(request).trusted_proxies)


InSettings = Annotated[IdentitySettings, Depends(_settings)]
InVault = Annotated[Vault, Depends(_vault)]
InPasswords = Annotated[Passwords, Depends(_passwords)]
Origin = Annotated[str, Depends(_origin)]
