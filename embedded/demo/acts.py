"""What happens is done through the use cases of the services, many in one transaction, at the time it happened."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from chassis import trail
from chassis.clock import new_id
from chassis.db import Tx
from chassis.message import Message
from chassis.run import Running
from contracts.values import ConsumptionLine, InvoiceId, ItemId, LocationId, Money, PatientId, PaymentMethod
from embedded.demo.diary import Fate, Visit
from embedded.demo.happenings import Happening, What
from embedded.demo.opening_day import Known
from embedded.demo.people import Person
from embedded.demo.stage import USES
from services.billing.packages import usecases as packages
from services.billing.packages.model import Terms
from services.billing.payments import usecases as payments
from services.billing.payments.model import Tender
from services.booking.appointments import usecases as appointments
from services.booking.appointments.booking import Request
from services.booking.appointments.model import Appointment, CancelledBy
from services.booking.patients import usecases as patients
from services.booking.records import usecases as records
from services.booking.records.depth import TreatedArea
from services.booking.schedule.picking import SlotTaken, Wish

DISCOUNT_PERCENT = {3: 10, 4: 12, 6: 15}
UNPAID_EVERY = 8
"""Every so manieth invoice stays open."""
CASH_EVERY = 5
ON_THE_WAY_OUT = timedelta(minutes=4)
AREAS = {
    "pen-face": ((TreatedArea.FOREHEAD, 50), (TreatedArea.CHEEK, 100), (TreatedArea.CHIN, 100)),
    "pen-face-neck": ((TreatedArea.FOREHEAD, 50), (TreatedArea.CHEEK, 100), (TreatedArea.NECK, 50)),
    "rf-face": ((TreatedArea.CHEEK, 200), (TreatedArea.JAW, 200)),
    "scar-body": ((TreatedArea.BODY, 200),),
    "prp-face": ((TreatedArea.FOREHEAD, 50), (TreatedArea.CHEEK, 125)),
}


@dataclass
class Cast:
    """The ids that people and visits got when they were played."""

    patients: dict[int, UUID] = field(default_factory=dict)
    appointments: dict[int, UUID] = field(default_factory=dict)
    invoices: list[Message] = field(default_factory=list)
    """Issued and not looked at yet."""

    def hear(self, messages: Sequence[Message]) -> None:
        """Whoever owes something is known from the fact that says so."""
        self.invoices += [each for each in messages if each.envelope.type == "billing.invoice-issued"]


class Desk:
    """Plays what happened in booking."""

    def __init__(self, booking: Running, known: Known, cast: Cast) -> None:
        self._booking = booking
        self._known = known
        self._cast = cast

    async def play(self, happenings: Iterable[Happening]) -> None:
        """All of these in one transaction, each on a trail of its own."""
        async with self._booking.context.db.transaction() as tx:
            at_hand: dict[int, Appointment] = {}
            for each in happenings:
                with trail.following(trail.Trail(new_id(), actor=self._actor(each.visit))):
                    await self._do(tx, each, at_hand)

    def _actor(self, visit: Visit) -> str:
        return f"staff:{self._known.desks[visit.slot.clinic.code]}"

    async def _do(self, tx: Tx, each: Happening, at_hand: dict[int, Appointment]) -> None:
        if each.what is What.REGISTER:
            await self._register(tx, each.visit.person, at=each.at)
        elif each.what is What.BOOK:
            await self._book(tx, each, at_hand)
        elif each.visit.number in self._cast.appointments:
            if each.visit.number not in at_hand:
                at_hand[each.visit.number] = await appointments.held(tx, self._cast.appointments[each.visit.number])
            await self._change(tx, at_hand[each.visit.number], each)

    async def _register(self, tx: Tx, person: Person, *, at: datetime) -> None:
        new = patients.NewPatient(
            given_name=person.given_name,
            family_name=person.family_name,
            home_location_id=self._known.locations[person.clinic.code],
            birth_date=person.birth_date,
            email=person.email,
            phone=person.phone,
            accepts_email=person.accepts_email,
        )
        self._cast.patients[person.number] = (await patients.register_patient(tx, new, at=at)).id

    async def _book(self, tx: Tx, each: Happening, at_hand: dict[int, Appointment]) -> None:
        slot = each.visit.slot
        request = Request(
            patient_id=self._cast.patients[each.visit.person.number],
            location_id=self._known.locations[slot.clinic.code],
            treatment=slot.treatment.code,
            local_start=slot.local_start,
            wish=Wish(
                self._known.practitioners[slot.practitioner.name], self._known.rooms[slot.clinic.code, slot.room]
            ),
        )
        try:
            booked = await appointments.book(tx, appointments.NewAppointment(request=request), now=each.at)
        except SlotTaken:
            return  # bays and devices are handed out by booking's own rule: a rare visit finds none
        at_hand[each.visit.number] = booked.appointment
        self._cast.appointments[each.visit.number] = booked.appointment.id

    async def _change(self, tx: Tx, appointment: Appointment, each: Happening) -> None:
        match each.what:
            case What.CONFIRM:
                await appointments.confirm(tx, appointment, at=each.at)
            case What.CANCEL:
                by = CancelledBy.PATIENT if each.visit.fate is Fate.CALLED_OFF else CancelledBy.CLINIC
                await appointments.cancel(tx, appointment, by, at=each.at)
            case What.ARRIVE:
                await appointments.check_in(tx, appointment, at=each.at)
            case What.NUMB:
                await appointments.numb(tx, appointment, at=each.at)
            case What.START:
                await appointments.start(tx, appointment, at=each.at)
            case What.MISS:
                await appointments.no_show(tx, appointment, at=each.at)
            case What.COMPLETE:
                done = _record(each.visit, appointment, self._known.items)
                await records.complete(tx, appointment, done, signed_by=self._actor(each.visit), at=each.at)


def _record(visit: Visit, appointment: Appointment, items: Mapping[str, UUID]) -> records.NewRecord:
    treatment = visit.slot.treatment
    uses = USES.get(treatment.code, {})
    numbed_at = appointment.numbing_at
    return records.NewRecord(
        areas=[
            records.Area(area=area, depth_hundredths_mm=depth, passes=2 + visit.number % 3)
            for area, depth in AREAS.get(treatment.code, ())
        ],
        products=[ConsumptionLine.of(ItemId(items[code]), quantity) for code, quantity in uses.items()],
        aftercare_given=True,
        reaction_grade=1 + visit.number % 2 if treatment.needles else 0,
        numbing_on_at=numbed_at,
        numbing_off_at=numbed_at + timedelta(minutes=treatment.numbing) if numbed_at else None,
    )


class Till:
    """Plays what happened in billing: packages that were bought, invoices that were paid."""

    def __init__(self, billing: Running, known: Known, cast: Cast) -> None:
        self._billing = billing
        self._known = known
        self._cast = cast
        self._issued = 0

    async def sell(self, happenings: Sequence[Happening]) -> None:
        """Packages, paid in full by card."""
        if not happenings:
            return
        async with self._billing.context.db.transaction() as tx:
            for each in happenings:
                with trail.following(trail.Trail(new_id(), actor=self._actor(each.visit.slot.clinic.code))):
                    await packages.sell(tx, self._sale(each.visit), terms=Terms(), at=each.at)

    async def collect(self, now: datetime) -> None:
        """Most of those who owe something pay at the desk on their way out."""
        issued, self._cast.invoices = self._cast.invoices, []
        async with self._billing.context.db.transaction() as tx:
            for each in issued:
                self._issued += 1
                at = each.envelope.time + ON_THE_WAY_OUT
                if self._issued % UNPAID_EVERY and at <= now:
                    await self._pay(tx, each, at=at)

    async def _pay(self, tx: Tx, issued: Message, *, at: datetime) -> None:
        due = Money.model_validate(issued.body["due"])
        tender = Tender(PaymentMethod.CARD_TERMINAL, due, f"T-{self._issued:06}")
        if self._issued % CASH_EVERY == 0:
            tender = Tender(PaymentMethod.CASH, due)
        with trail.following(trail.Trail(new_id(), actor=self._actor_at(issued.body["location_id"]))):
            await payments.pay_invoice(tx, InvoiceId(issued.key), tender, at=at)

    def _sale(self, visit: Visit) -> packages.Sale:
        sessions = visit.sells or 0
        price = visit.slot.treatment.price_minor * sessions * (100 - DISCOUNT_PERCENT[sessions]) // 100
        paid = Tender(PaymentMethod.CARD_TERMINAL, Money(minor=price), f"P-{visit.number:06}")
        return packages.Sale(
            patient_id=PatientId(self._cast.patients[visit.person.number]),
            location_id=LocationId(self._known.locations[visit.slot.clinic.code]),
            treatment=visit.slot.treatment.code,
            sessions=sessions,
            price=Money(minor=price),
            tenders=[paid],
        )

    def _actor(self, clinic_code: str) -> str:
        return f"staff:{self._known.desks[clinic_code]}"

    def _actor_at(self, location_id: str) -> str:
        codes = {str(id_): code for code, id_ in self._known.locations.items()}
        return self._actor(codes[location_id])
