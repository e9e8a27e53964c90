"""What a signed record consists of."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from chassis.db import Tx
from services.booking.records.model import AreaRow, ProductRow


async def areas(tx: Tx, appointment_id: UUID) -> Sequence[AreaRow]:
    return (
        await tx.scalars(select(AreaRow).where(AreaRow.appointment_id == appointment_id).order_by(AreaRow.position))
    ).all()


async def products(tx: Tx, appointment_id: UUID) -> Sequence[ProductRow]:
    return (
        await tx.scalars(
            select(ProductRow).where(ProductRow.appointment_id == appointment_id).order_by(ProductRow.position)
        )
    ).all()
