"""What may be done with the keys of services."""

import hmac
from collections.abc import Mapping
from datetime import datetime

from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.clock import new_id
from chassis.db import Tx
from services.identity.machines.model import ServiceKey, WrongServiceKey, hash_of


async def prove(tx: Tx, service: str, key: str, *, settings: Mapping[str, SecretStr], at: datetime) -> ServiceKey:
    """The service that this key belongs to; else `WrongServiceKey`.

    A key that was changed in the settings is taken over when it is used for the first time; until then the old
    one goes on, so that services can be restarted one after the other.
    """
    given = hash_of(key)
    known = await _known(tx, service)
    if known is None or not hmac.compare_digest(known.key_hash, given):
        configured = settings.get(service)
        if configured is None or not hmac.compare_digest(hash_of(configured.get_secret_value()), given):
            raise WrongServiceKey
        await ensure_service_keys(tx, {service: configured}, at=at)
        known = await _known(tx, service)
    if known is None or service not in settings:
        raise WrongServiceKey
    return known


async def ensure_service_keys(tx: Tx, keys: Mapping[str, SecretStr], *, at: datetime) -> None:
    """Keep these keys, in the place of earlier ones of the same services; safe to run at every start."""
    if not keys:
        return
    rows = [
        {"id": new_id(), "service": service, "key_hash": hash_of(key.get_secret_value()), "changed_at": at}
        for service, key in sorted(keys.items())
    ]
    new = insert(ServiceKey).values(rows)
    await tx.execute(
        new.on_conflict_do_update(
            index_elements=[ServiceKey.service],
            set_={"key_hash": new.excluded.key_hash, "changed_at": new.excluded.changed_at},
            where=ServiceKey.key_hash != new.excluded.key_hash,
        )
    )


async def _known(tx: Tx, service: str) -> ServiceKey | None:
    found: ServiceKey | None = await tx.scalar(
        select(ServiceKey).where(ServiceKey.service == service).execution_options(populate_existing=True)
    )
    return found
