"""Taking what a session used from its lots: never refused, once per appointment (IV-04, IV-31, AC-12)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import select

from chassis.clock import new_id
from chassis.db import Tx
from chassis.many import Many, among
from chassis.outbox import emit
from contracts.booking import SessionCompleted
from contracts.inventory import LotLine
from contracts.values import AppointmentId, ItemId, LotId
from services.inventory.boms.usecases import boms, cartridges
from services.inventory.items.model import Item
from services.inventory.items.usecases import catalogue_strangers
from services.inventory.stock.model import (
    Lot,
    LotKnownBy,
    LotState,
    Move,
    MovementType,
)
from services.inventory.stock.picking import is_expired, unrecorded_lot_id
from services.inventory.stock.usecases import Shelf, hold, provisional_lots, record
from services.inventory.usage.model import Consumption, Discrepancy, DiscrepancyKind, LinesFrom, consumed
from services.inventory.usage.taking import Line, Taken, by_bill, take

log = structlog.get_logger()

DERIVED = 5
"""The version of an id that was made out of another one; a lot that was delivered never has such a one."""

_CONSUMPTIONS = Many(Consumption, *Consumption.__table__.columns.keys())
_CLAIM = _CONSUMPTIONS.insert().on_conflict_do_nothing().returning(_CONSUMPTIONS.table.c.appointment_id)
_LOTS = select(Lot).where(among(Lot.id, "ids"))


@dataclass(frozen=True, slots=True)
class Ready:
    """The sessions that this transaction has claimed, and what they will need."""

    lines: dict[AppointmentId, Sequence[Line]]
    """Of the sessions that are still to be consumed, and of no other."""
    strangers: set[ItemId]
    shelf: Shelf


async def make_ready(tx: Tx, sessions: Iterable[SessionCompleted]) -> Ready:
    """Claim, lock and load all that these sessions will touch, each kind in sorted order."""
    told = {each.appointment_id: each for each in sessions}
    lines = await _lines_of([told[each] for each in sorted(await _claim(tx, told))], tx)
    used = {line.item_id for each in lines.values() for line in each}
    strangers = await catalogue_strangers(tx, used)
    lots = await _lots(tx, [line for each in lines.values() for line in each])
    spots = {(line.item_id, told[each].location_id) for each, of_it in lines.items() for line in of_it}
    return Ready(lines, strangers, await hold(tx, spots, lots=lots))


async def consume(tx: Tx, session: SessionCompleted, ready: Ready) -> None:
    """Take a session's products from their lots; told again, it changes nothing."""
    lines = ready.lines.pop(session.appointment_id, None)
    if lines is None:
        return
    if not lines and session.modality.needles:
        log.warning("materials.missing", appointment_id=str(session.appointment_id))
    _catalogue(tx, ready, lines, at=session.at)
    shelves = {line.item_id: ready.shelf.on_hand((line.item_id, session.location_id)) for line in lines}
    known = [_with_known_lot(line, ready.shelf.lots) for line in lines]
    usages = [_usage(session, each) for each in take(known, shelves=shelves, on=session.performed_on)]
    await _move(tx, ready.shelf, session, usages)
    emit(tx, consumed(session, tuple(_told(usage, ready.shelf.lots) for usage in usages)))


async def _claim(tx: Tx, sessions: Mapping[AppointmentId, SessionCompleted]) -> set[AppointmentId]:
    """One consumption per appointment: the database says which of these are the first."""
    rows = [
        {
            "appointment_id": each.appointment_id,
            "patient_id": each.patient_id,
            "location_id": each.location_id,
            "treatment": each.treatment,
            "performed_on": each.performed_on,
            "completed_at": each.completed_at,
            "lines_from": LinesFrom.RECORD if each.consumption else LinesFrom.BOM,
            "version": 1,
        }
        for _, each in sorted(sessions.items())
    ]
    return set(await tx.scalars(_CLAIM, _CONSUMPTIONS.of(rows)))


async def _lines_of(sessions: Iterable[SessionCompleted], tx: Tx) -> dict[AppointmentId, Sequence[Line]]:
    """What was written down, else the treatment's default bill of materials (IV-04)."""
    unwritten = [each for each in sessions if not each.consumption]
    by_default = await boms(tx, {each.treatment for each in unwritten})
    doubled = {each.treatment for each in unwritten if each.second_cartridge}
    in_pairs = await cartridges(tx, [each.item_id for code in doubled for each in by_default[code]]) if doubled else ()
    return {
        each.appointment_id: [Line(line.item_id, line.quantity, line.lot_id) for line in each.consumption]
        or by_bill(by_default[each.treatment], in_pairs=in_pairs if each.second_cartridge else ())
        for each in sessions
    }


async def _lots(tx: Tx, lines: Iterable[Line]) -> Sequence[Lot]:
    """The lots that were written down, and for each item the one of which nothing was written down.

    A lot that nobody knows is made under its id, unless that id could be the unrecorded lot of some other item.
    """
    wanted: dict[LotId, ItemId] = {}
    for line in lines:
        wanted[unrecorded_lot_id(line.item_id)] = line.item_id
        if line.lot_id is not None and line.lot_id.version != DERIVED:
            wanted.setdefault(line.lot_id, line.item_id)
    if not wanted:
        return []
    await provisional_lots(tx, wanted)
    named = {line.lot_id for line in lines if line.lot_id is not None}
    return (await tx.scalars(_LOTS, {"ids": [*named | wanted.keys()]})).all()


def _with_known_lot(line: Line, lots: Mapping[LotId, Lot]) -> Line:
    """A lot of another item can't have been meant; which one it was, nobody knows."""
    if line.lot_id is None or (line.lot_id in lots and lots[line.lot_id].item_id == line.item_id):
        return line
    return Line(line.item_id, line.quantity, unrecorded_lot_id(line.item_id))


def _usage(session: SessionCompleted, taken: Taken) -> Move:
    return Move(
        id=new_id(),
        type=MovementType.USAGE,
        item_id=taken.item_id,
        lot_id=taken.lot_id,
        location_id=session.location_id,
        quantity=-taken.quantity,
        occurred_at=session.completed_at,
        source_id=session.appointment_id,
        appointment_id=session.appointment_id,
        known_by=LotKnownBy.RECORD if taken.is_recorded else LotKnownBy.PICK,
    )


async def _move(tx: Tx, shelf: Shelf, session: SessionCompleted, usages: Sequence[Move]) -> None:
    """Move the stock, and open a discrepancy for each usage that does not match the books."""
    if not usages:
        return
    missing = dict(zip(usages, record(tx, shelf, usages), strict=True))
    found = [
        Discrepancy.open(new_id(), kind, usage, quantity=quantity, used_on=session.performed_on)
        for usage, short in missing.items()
        for kind, quantity in _mismatches(usage, shelf.lots[usage.lot_id], short, session)
    ]
    if found:
        await shelf.write(tx)
        tx.add_all(found)
    for item_id in sorted({usage.item_id for usage, short in missing.items() if short}):
        emit(tx, shelf.levels[item_id, session.location_id].fall_short(at=session.at))


def _mismatches(usage: Move, lot: Lot, short: int, session: SessionCompleted) -> Iterable[tuple[DiscrepancyKind, int]]:
    is_recorded = usage.known_by is LotKnownBy.RECORD
    if short:
        unknown = is_recorded and lot.state is LotState.PROVISIONAL
        yield (DiscrepancyKind.UNKNOWN_LOT if unknown else DiscrepancyKind.SHORT), short
    if lot.expires_on and is_expired(lot.expires_on, on=session.performed_on):
        yield DiscrepancyKind.EXPIRED_USED, -usage.quantity


def _told(usage: Move, lots: Mapping[LotId, Lot]) -> LotLine:
    return LotLine(
        item_id=usage.item_id,
        lot_id=usage.lot_id,
        expires_on=lots[usage.lot_id].expires_on,
        quantity=-usage.quantity,
    )


def _catalogue(tx: Tx, ready: Ready, lines: Iterable[Line], *, at: datetime) -> None:
    """Tell of the items that this session brought into the catalogue."""
    for item_id in sorted({line.item_id for line in lines} & ready.strangers):
        emit(tx, Item.unknown(item_id).added(at=at))
        ready.strangers.discard(item_id)
