"""A signed treatment record as it is read: names in the place of ids, wall times, what was taken for each product."""

from asyncio import gather
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from chassis.zones import zone_named
from contracts.values import BaseUnit
from web.areas import AREAS
from web.clients import records, stock
from web.clients.booking import NUMBING_MAX, Appointment
from web.clients.records import RecordedProduct, TreatmentRecord
from web.clients.stock import Item, Used
from web.desk import Desk
from web.errors import ApiProblem
from web.partly import part

UNKNOWN = (403, 404, 503)
"""Answers of identity that keep nobody from reading what was done."""


@dataclass(frozen=True, slots=True)
class Area:
    name: str
    depth_hundredths_mm: int
    passes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Product:
    """One product and the lot that it came from."""

    name: str
    amount: int
    unit: BaseUnit | None
    """None: inventory does not tell the product just now."""
    lot_id: UUID | None = None
    lot_number: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """What was done, all of it, with times as the clock at the location showed them."""

    record: TreatmentRecord
    started: datetime
    completed: datetime
    numbing: tuple[datetime, datetime] | None
    areas: tuple[Area, ...]
    products: tuple[Product, ...]
    usual: bool
    """No product was written down: stock took what the treatment usually takes."""
    signer: str
    signed: datetime

    @property
    def numbed_too_long(self) -> bool:
        return self.numbing is not None and self.numbing[1] - self.numbing[0] > NUMBING_MAX


async def signed_record(desk: Desk, visit: Appointment) -> Signed | None:
    """The record of a completed visit; None where none was signed here, as for a visit of the time before."""
    try:
        record = await records.record(desk.api, visit.id)
    except ApiProblem as problem:
        if problem.status != 404:
            raise
        return None
    items, used, signer = await gather(
        part(stock.items(desk.api)), part(stock.lots_of_patient(desk.api, visit.patient_id)), _signer(desk, record)
    )
    taken = [each for each in used.found or () if each.appointment_id == visit.id]
    zone = zone_named(visit.zone)
    on, off = record.numbing_on_at, record.numbing_off_at
    return Signed(
        record=record,
        started=record.started_at.astimezone(zone),
        completed=record.completed_at.astimezone(zone),
        numbing=(on.astimezone(zone), off.astimezone(zone)) if on and off else None,
        areas=_areas(record),
        products=products(record, {each.id: each for each in items.found or ()}, taken),
        usual=not record.products,
        signer=signer,
        signed=record.signed_at.astimezone(zone),
    )


def products(record: TreatmentRecord, items: Mapping[UUID, Item], taken: Sequence[Used]) -> tuple[Product, ...]:
    """What was written down, else what was taken; the lots as inventory knows them by now.

    A lot that was in no delivery yet when it was written down may have become another one since: then it is the one
    that was taken of the same item in this session.
    """
    if not record.products:
        return tuple(
            Product(each.item_name, each.quantity, each.unit, each.lot_id, each.lot_number or "", each.expires_on)
            for each in taken
        )
    written = {each.lot_id for each in record.products}
    lots = {each.lot_id: each for each in taken}
    since = {each.item_id: each for each in taken if each.lot_id not in written}
    return tuple(
        _product(
            each, items.get(each.item_id), lots.get(each.lot_id) or since.get(each.item_id) if each.lot_id else None
        )
        for each in record.products
    )


def _product(written: RecordedProduct, item: Item | None, lot: Used | None) -> Product:
    return Product(
        name=item.name if item else "A product",
        amount=written.quantity,
        unit=item.unit if item else None,
        lot_id=lot.lot_id if lot else written.lot_id,
        lot_number=(lot.lot_number or "") if lot else "",
        expires_on=lot.expires_on if lot else None,
    )


def _areas(record: TreatmentRecord) -> tuple[Area, ...]:
    return tuple(
        Area(
            name=AREAS[each.area].text if each.area in AREAS else each.area,
            depth_hundredths_mm=each.depth_hundredths_mm,
            passes=each.passes,
            reason=each.override_reason or "",
        )
        for each in record.areas
    )


async def _signer(desk: Desk, record: TreatmentRecord) -> str:
    """Who signed, by name, also when that is oneself: it may be printed. Empty if nobody knows just now."""
    if record.signer_id is None:
        return record.signed_by
    try:
        return (await records.colleague(desk.api, record.signer_id)).display_name
    except ApiProblem as problem:
        if problem.status not in UNKNOWN:
            raise
        return ""
