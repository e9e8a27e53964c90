"""Before the first patient: the owner signs in and builds the chain up, over the same HTTP interface as everybody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx

from contracts.identity import Role
from embedded.chain import Chain
from embedded.demo import stage
from embedded.demo.stage import CLINICS, ITEMS, OWNER, PASSWORD, PRACTITIONERS, TEAM, TREATMENTS, USES, Clinic
from services.identity.app import first_owner

NUMBING_BAY = "numbing_bay"


@dataclass
class Known:
    """The ids that the services gave to what stands on the stage."""

    locations: dict[str, UUID] = field(default_factory=dict)
    practitioners: dict[str, UUID] = field(default_factory=dict)
    rooms: dict[tuple[str, int], UUID] = field(default_factory=dict)
    items: dict[str, UUID] = field(default_factory=dict)
    desks: dict[str, UUID] = field(default_factory=dict)
    """Who stands at the desk of each location."""


class Owner:
    """The owner's own client: asks the services as anybody would."""

    def __init__(self, chain: Chain) -> None:
        self._clients = {
            name: httpx.AsyncClient(transport=transport, base_url=f"http://{name}.local", trust_env=False)
            for name, transport in chain.transports.items()
        }

    async def sign_in(self) -> None:
        """Tokens are short: needed again whenever the clock has moved on."""
        issued = await self.ask("identity", "POST", "/tokens", email=OWNER.email, password=PASSWORD)
        for client in self._clients.values():
            client.headers["authorization"] = f"Bearer {issued['access_token']}"

    async def ask(self, service: str, method: str, path: str, **body: Any) -> Any:
        answer = await self._clients[service].request(method, path, json=body)
        answer.raise_for_status()
        return answer.json()

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()


async def build_up(chain: Chain, owner: Owner, today: date, *, valid_until: date) -> Known:
    """Open the clinics; `today` is the first day of the story, credentials and devices last to its end."""
    identity = chain.running["identity"].context
    await first_owner(identity, email=OWNER.email, display_name=OWNER.name, password=PASSWORD)
    await owner.sign_in()
    known = Known()
    for clinic in CLINICS:
        await _open(owner, clinic, known, valid_until)
    for treatment in TREATMENTS:
        await owner.ask("booking", "POST", "/treatments", **_treatment(treatment))
    await _take_on(owner, known, valid_until)
    await chain.settle()
    await _set_prices(owner, known, today)
    await _stock_catalogue(owner, known)
    await _staff(owner, known)
    await chain.settle()
    return known


async def _open(owner: Owner, clinic: Clinic, known: Known, valid_until: date) -> None:
    location = await owner.ask(
        "booking",
        "POST",
        "/locations",
        code=clinic.code,
        name=clinic.name,
        city=clinic.city,
        zone=clinic.zone,
        legal_entity_id=str(clinic.legal_entity_id),
        legal_entity_name=clinic.entity,
        phone=f"+1{clinic.area_code}5550100",
        email=f"{clinic.code}@example.com",
        opening={day: [f"{hours[0]:%H:%M}", f"{hours[1]:%H:%M}"] for day, hours in clinic.hours.items()},
    )
    known.locations[clinic.code] = UUID(location["id"])
    here = {"location_id": location["id"]}
    for number in range(clinic.rooms):
        room = await owner.ask("booking", "POST", "/rooms", **here, name=f"Room {number + 1}")
        known.rooms[clinic.code, number] = UUID(room["id"])
    for number in range(clinic.bays + 1):  # one to spare: the desk hands them out in its own order
        await owner.ask("booking", "POST", "/rooms", **here, name=f"Bay {number + 1}", kind=NUMBING_BAY)
    for device in _devices(clinic, valid_until):
        await owner.ask("booking", "POST", "/devices", **here, **device)


def _devices(clinic: Clinic, valid_until: date) -> list[dict[str, Any]]:
    kinds = (("pen", "Pen", "SP", clinic.pens + 1, 250), ("rf", "RF platform", "RF", clinic.rf_devices + 1, 350))
    return [
        {
            "name": f"{name} {number + 1}",
            "serial": f"{prefix}-{clinic.area_code}{number + 1:02}",
            "modality": modality,
            "serviced_until": valid_until.isoformat(),
            "depth_max_hundredths_mm": deepest,
        }
        for modality, name, prefix, count, deepest in kinds
        for number in range(count)
    ]


def _treatment(treatment: stage.Treatment) -> Mapping[str, Any]:
    return {
        "code": treatment.code,
        "name": treatment.name,
        "modality": treatment.modality.value,
        "colour": treatment.colour,
        "plan": {
            "checkin": 5,
            "numbing": treatment.numbing,
            "procedure": treatment.procedure,
            "aftercare": treatment.aftercare,
            "cleaning": treatment.cleaning,
            "uses_device": treatment.needles,
        },
    }


async def _take_on(owner: Owner, known: Known, valid_until: date) -> None:
    for each in PRACTITIONERS:
        location_id = str(known.locations[each.clinic.code])
        modalities = ["pen", *(["rf"] if each.rf else [])]
        credentials = [{"modality": kind, "valid_until": valid_until.isoformat()} for kind in modalities]
        person = await owner.ask(
            "booking",
            "POST",
            "/practitioners",
            name=each.name,
            credential=each.credential,
            location_ids=[location_id],
            credentials=credentials,
        )
        known.practitioners[each.name] = UUID(person["id"])
        for weekday in each.days:
            first, last = each.clinic.hours[stage.WEEK[weekday]]
            shift = {"weekday": weekday, "starts": f"{first:%H:%M}", "ends": f"{last:%H:%M}"}
            path = f"/practitioners/{person['id']}/shifts"
            await owner.ask("booking", "POST", path, location_id=location_id, **shift)


async def _set_prices(owner: Owner, known: Known, today: date) -> None:
    for location_id in known.locations.values():
        for treatment in TREATMENTS:
            await owner.ask(
                "billing",
                "PUT",
                "/prices",
                treatment=treatment.code,
                location_id=str(location_id),
                price={"minor": treatment.price_minor, "currency": "USD"},
                effective_on=(today - timedelta(days=1)).isoformat(),
            )


async def _stock_catalogue(owner: Owner, known: Known) -> None:
    for item in ITEMS:
        added = await owner.ask(
            "inventory",
            "POST",
            "/items",
            code=item.code,
            name=item.name,
            item_class=item.item_class,
            unit=item.unit.value,
            packs=[{"label": item.pack_label, "quantity": item.pack}],
        )
        known.items[item.code] = UUID(added["id"])
    for treatment, uses in USES.items():
        lines = [{"item_id": str(known.items[code]), "quantity": quantity} for code, quantity in uses.items()]
        await owner.ask("inventory", "PUT", f"/boms/{treatment}", lines=lines)


async def _staff(owner: Owner, known: Known) -> None:
    for member in TEAM:
        staff = await owner.ask(
            "identity", "POST", "/staff", email=member.email, display_name=member.name, password=PASSWORD
        )
        for clinic in member.clinics or (None,):
            location_id = str(known.locations[clinic.code]) if clinic else None
            path = f"/staff/{staff['id']}/grants"
            await owner.ask("identity", "POST", path, role=member.role.value, location_id=location_id)
            if clinic and member.role is Role.FRONT_DESK:
                known.desks[clinic.code] = UUID(staff["id"])
