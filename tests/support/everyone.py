"""Every service in one house, with a clinic open, priced and stocked; and a carrier that misbehaves on purpose."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import httpx
from pydantic import SecretStr

from chassis.bus.local import LocalCarrier
from chassis.message import Message
from contracts.values import BaseUnit, ItemId, LocationId
from embedded.roster import ROSTER
from services.inventory.boms.usecases import Material, set_bom
from services.inventory.items.model import ItemClass
from services.inventory.items.usecases import NewItem, add_item
from services.inventory.receipts.usecases import Delivery, DeliveryLine, receive
from tests.support import booking
from tests.support.booking import PEN, Clinic
from tests.support.house import NOON, House, Plan
from tests.support.identity import CHEAP
from tests.support.tokens import a_member_of_staff

KEY = SecretStr("a" * 43)
Json = dict[str, Any]
ON_THE_WAY = {
    "billing.entitlement-reserved",
    "billing.entitlement-released",
    "notifications.recall-scheduled",
    "notifications.recall-closed",
}
"""Decisions that later news changes: who hears of a cancellation first never keeps a session for the visit."""


def everyone() -> tuple[Plan, ...]:
    """All services; identity has keys of its own, though the house's signer makes the tokens."""
    keys = {name: SecretStr(f"the key of {name}, long enough for anybody") for name in ROSTER}
    own: dict[str, Json] = {"identity": {"key_encryption_key": KEY, "service_keys": keys, **CHEAP}}
    return tuple(
        Plan(member.build, member.settings, {"service_key": keys[name], **own.get(name, {})})
        for name, member in ROSTER.items()
    )


@dataclass
class Chain:
    """A house with all services, one clinic open in it, and the owner's clients."""

    house: House
    clinic: Clinic
    items: dict[str, ItemId] = field(default_factory=dict)

    def client(self, service: str, *roles: str, at: UUID | None = None) -> httpx.AsyncClient:
        return self.house.client(service, a_member_of_staff(*(roles or ("owner",)), at=at))

    async def get(self, service: str, path: str, **params: Any) -> Any:
        answer = await self.client(service).get(path, params=params)
        assert answer.is_success, answer.text
        return answer.json()

    async def do(self, service: str, path: str, body: Any, *, method: str = "POST") -> Any:
        answer = await self.client(service).request(method, path, json=body)
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json() if answer.content else None


async def open_chain(house: House) -> Chain:
    """Open the clinic, let everybody hear of it, then set prices and fill the shelves."""
    async with house.running["booking"].context.db.transaction() as tx:
        await booking.treatments(tx)
        clinic = await booking.a_clinic(tx)
    await settle(house)
    chain = Chain(house, clinic)
    for treatment, minor in ((PEN, 60_000), (booking.CONSULTATION, 0)):
        price = {"treatment": treatment, "location_id": str(clinic.id), "price": {"minor": minor, "currency": "USD"}}
        await chain.do("billing", "/prices", {**price, "effective_on": "2026-01-01"}, method="PUT")
    await _stock(chain)
    return chain


async def _stock(chain: Chain) -> None:
    wanted = {
        "cartridge": (ItemClass.CARTRIDGE, BaseUnit.EACH, 1, 40),
        "serum": (ItemClass.SERUM, BaseUnit.CENTI_ML, 300, 6_000),
    }
    async with chain.house.running["inventory"].context.db.transaction() as tx:
        for code, (kind, unit, _, _) in wanted.items():
            chain.items[code] = (await add_item(tx, NewItem(code, code.title(), kind, unit), at=NOON)).id
        used = [Material(chain.items[code], each[2]) for code, each in wanted.items()]
        await set_bom(tx, PEN, used)
        lines = [
            DeliveryLine(chain.items[code], f"{code}-{number}", date(2027, number, 28), each[3] // 2)
            for code, each in wanted.items()
            for number in (6, 9)
        ]
        await receive(tx, Delivery(LocationId(chain.clinic.id), lines), at=NOON)


async def visits(chain: Chain) -> dict[str, str]:
    """A day as days are: sold and redeemed, invoiced, moved, cancelled, missed; name → appointment id."""
    names = ("redeemed", "invoiced", "moved", "cancelled", "missed", "consultation", "waiting")
    patients = {name: (await chain.do("booking", "/patients", a_patient(chain, name)))["id"] for name in names}
    await settle(chain.house)
    made: dict[str, str] = {}
    for number, (name, patient_id) in enumerate(patients.items()):
        if name not in ("invoiced", "consultation"):
            await chain.do("billing", "/packages", a_package(chain, patient_id))
        booked = await chain.do("booking", "/appointments", an_appointment(chain, patient_id, name, number))
        made[name] = booked["id"]
    await act(chain, made["moved"], "move", local_start="2026-11-25T09:00:00")
    await act(chain, made["cancelled"], "cancel", by="patient")
    for name, day in (("redeemed", 24), ("invoiced", 24), ("consultation", 24), ("missed", 24), ("moved", 25)):
        await _let_it_happen(chain, made[name], name, datetime(2026, 11, day, 21, tzinfo=NOON.tzinfo))
    return made


async def one_session_too_few(chain: Chain) -> dict[str, str]:
    """Three later visits have the three sessions of a package; then the patient comes in between and is treated."""
    patient_id = (await chain.do("booking", "/patients", a_patient(chain, "prepaid")))["id"]
    await settle(chain.house)
    await chain.do("billing", "/packages", a_package(chain, patient_id))
    days = {"second": "2026-12-24", "third": "2027-01-21", "fourth": "2027-02-18", "walk_in": "2026-11-26"}
    made: dict[str, str] = {}
    for name, day in days.items():
        wanted = an_appointment(chain, patient_id, name, 0) | {"local_start": f"{day}T10:00:00"}
        made[name] = (await chain.do("booking", "/appointments", wanted))["id"]
    await _let_it_happen(chain, made["walk_in"], "walk_in", datetime(2026, 11, 26, 21, tzinfo=NOON.tzinfo))
    return made


async def _let_it_happen(chain: Chain, appointment_id: str, name: str, when: datetime) -> None:
    chain.house.clock.set(when)
    if name == "missed":
        await act(chain, appointment_id, "no-show")
        return
    for step in ("check-in", "start"):
        await act(chain, appointment_id, step)
    await act(chain, appointment_id, "complete", **booking.a_record())


async def act(chain: Chain, appointment_id: str, action: str, **body: Any) -> Json:
    done: Json = await chain.do("booking", f"/appointments/{appointment_id}/{action}", body)
    return done


def a_patient(chain: Chain, name: str) -> Json:
    return {
        "given_name": name.title(),
        "family_name": "Holt",
        "email": f"{name}@example.com",
        "birth_date": "1988-04-17",
        "home_location_id": str(chain.clinic.id),
    }


def a_package(chain: Chain, patient_id: str) -> Json:
    price = {"minor": 150_000, "currency": "USD"}
    return {
        "patient_id": patient_id,
        "location_id": str(chain.clinic.id),
        "treatment": PEN,
        "sessions": 3,
        "price": price,
        "payments": [{"method": "cash", "amount": price}],
    }


def an_appointment(chain: Chain, patient_id: str, name: str, number: int) -> Json:
    return {
        "patient_id": patient_id,
        "location_id": str(chain.clinic.id),
        "treatment": booking.CONSULTATION if name == "consultation" else PEN,
        "local_start": f"2026-11-24T{9 + number:02}:00:00",
    }


class Chaotic(LocalCarrier):
    """Delivers every message three times, each consumer in an order of its own, across keys and within them."""

    def __init__(self, seed: int, *, copies: int = 3) -> None:
        super().__init__()
        self._chance = random.Random(seed)
        self._copies = copies
        self._held: list[Message] = []

    async def publish(self, messages: Sequence[Message]) -> None:
        self._held.extend(messages)

    async def let_go(self) -> bool:
        """Deliver everything that is held; False when there was nothing."""
        held, self._held = self._held, []
        for consumer in self.consumers:
            for batch in self._shuffled(held):
                await consumer.handle(batch)
        for onlooker in self.onlookers:
            onlooker(held)
        return bool(held)

    def _shuffled(self, held: list[Message]) -> Iterator[list[Message]]:
        thrice = held * self._copies
        self._chance.shuffle(thrice)
        while thrice:
            size = self._chance.randint(1, 20)
            yield thrice[:size]
            thrice = thrice[size:]


async def settle(house: House) -> None:
    """Until no outbox and no carrier holds anything."""
    await house.settle()
    while isinstance(house.carrier, Chaotic) and await house.carrier.let_go():
        await house.settle()


async def outcome(chain: Chain, made: dict[str, str]) -> Json:
    """What everybody sees of these visits once all is quiet, without ids: two histories can be compared by it."""
    items = {str(item_id): code for code, item_id in chain.items.items()}
    seen: Json = {name: await _outcome_of(chain, appointment_id, items) for name, appointment_id in made.items()}
    stock = await chain.get("inventory", "/stock", location_id=str(chain.clinic.id))
    books = await chain.get("billing", "/ledger/trial-balance")
    seen["stock"] = {row["item"]["code"]: row["on_hand"] for row in rows_of(stock)}
    seen["books"] = [
        {
            "balanced": entity["balanced"],
            **{each["code"]: (each["debit"], each["credit"]) for each in entity["accounts"]},
        }
        for entity in books["legal_entities"]
    ]
    seen["breaks"] = rows_of(await chain.get("audit", "/breaks"))
    return seen


async def _outcome_of(chain: Chain, appointment_id: str, items: dict[str, str]) -> Json:
    settled = rows_of(await chain.get("billing", "/appointments/settlements", ids=appointment_id))
    used = await chain.client("inventory").get(f"/appointments/{appointment_id}/consumption")
    messages = rows_of(await chain.get("notifications", "/messages", appointment_id=appointment_id))
    told = rows_of(await chain.get("audit", "/timeline", appointment_id=appointment_id))
    recalls = rows_of(await chain.get("notifications", "/recalls", location_id=str(chain.clinic.id)))
    return {
        "recall": [(r["reason"], r["due_on"], r["state"]) for r in recalls if r["appointment_id"] == appointment_id],
        "money": [(each["kind"], each["amount"]) for each in settled],
        "stock": sorted((items[each["item_id"]], each["quantity"]) for each in used.json().get("lines", ())),
        "messages": sorted((each["template"], each["state"], each["send_at"]) for each in messages),
        "facts": dict(sorted(Counter(each["type"] for each in told if each["type"] not in ON_THE_WAY).items())),
    }


def rows_of(answer: Any) -> list[Json]:
    """The rows of a list, whether it is paged or not."""
    rows: list[Json] = answer["items"] if isinstance(answer, dict) else answer
    return rows
