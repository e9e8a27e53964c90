"""Looking at packages."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from sqlalchemy import ColumnElement, Date, Text, and_, cast, func, or_, select
from sqlalchemy.orm import selectinload

from chassis.db import Tx
from chassis.errors import NotFound
from contracts.values import PackageId, PatientId
from services.billing.listing import Rows
from services.billing.packages.model import Package

PackageState = Literal["active", "used_up", "expired"]


async def package(tx: Tx, package_id: PackageId) -> Package:
    """A package with its units."""
    found = await tx.scalar(select(Package).where(Package.id == package_id).options(selectinload(Package.units)))
    if found is None:
        raise NotFound(kind="package", id=str(package_id))
    return found


async def packages_of(tx: Tx, patient_id: PatientId) -> Sequence[Package]:
    """All packages of a patient, wherever they were sold: prepaid sessions go with the patient. Newest first."""
    rows = select(Package).where(Package.patient_id == patient_id).order_by(Package.sold_at.desc(), Package.id)
    return (await tx.scalars(rows.options(selectinload(Package.units)))).all()


def in_state(rows: Rows, state: PackageState, *, now: datetime) -> Rows:
    """Only the packages that are in this state on the selling location's present day (FN-14)."""
    return rows.where(_CONDITIONS[state](_today_at_seller(now)))


def _today_at_seller(now: datetime) -> ColumnElement[date]:
    return cast(func.timezone(cast(Package.zone, Text), now), Date)


def _is_expired(today: ColumnElement[date]) -> ColumnElement[bool]:
    return and_(Package.remaining > 0, Package.expires_on < today)


def _is_active(today: ColumnElement[date]) -> ColumnElement[bool]:
    return and_(Package.remaining > 0, or_(Package.expires_on.is_(None), Package.expires_on >= today))


def _is_used_up(_: ColumnElement[date]) -> ColumnElement[bool]:
    return Package.remaining == 0


_CONDITIONS = {"active": _is_active, "expired": _is_expired, "used_up": _is_used_up}
