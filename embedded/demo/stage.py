"""What stands before the first visit: places, people who work there, what they offer, what is on the shelves."""

from dataclasses import dataclass
from datetime import date, time
from uuid import UUID, uuid5

from contracts.identity import Role
from contracts.values import BaseUnit, Modality

_NAMESPACE = UUID("5b0f7c43-3c4a-5d0a-9a55-5f5b7f1f6c11")
PASSWORD = "needles-and-serum"  # noqa: S105 - of people who do not exist, printed at every start
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Clinic:
    """One location of the chain, and how busy it is."""

    code: str
    name: str
    city: str
    zone: str
    area_code: str
    entity: str
    hours: dict[str, tuple[time, time]]
    rooms: int
    bays: int
    pens: int
    rf_devices: int
    visits_a_day: int

    @property
    def legal_entity_id(self) -> UUID:
        return uuid5(_NAMESPACE, self.entity)

    def open_on(self, day: date) -> tuple[time, time] | None:
        return self.hours.get(WEEK[day.weekday()])


def _hours(first: str, last: str, *days: str) -> dict[str, tuple[time, time]]:
    return {day: (time.fromisoformat(first), time.fromisoformat(last)) for day in days}


NEW_YORK, CALIFORNIA = "Fernhill Skin New York LLC", "Fernhill Skin California Inc."

MIDTOWN = Clinic(
    code="midtown",
    name="Fernhill Midtown",
    city="New York",
    zone="America/New_York",
    area_code="212",
    entity=NEW_YORK,
    hours=_hours("08:00", "20:00", *WEEK[:5]) | _hours("09:00", "18:00", *WEEK[5:]),
    rooms=6,
    bays=4,
    pens=5,
    rf_devices=2,
    visits_a_day=40,
)
BROOKLYN = Clinic(
    code="brooklyn-heights",
    name="Fernhill Brooklyn Heights",
    city="Brooklyn",
    zone="America/New_York",
    area_code="718",
    entity=NEW_YORK,
    hours=_hours("09:00", "18:00", *WEEK[:5]) | _hours("09:00", "15:00", "sat"),
    rooms=3,
    bays=2,
    pens=2,
    rf_devices=1,
    visits_a_day=14,
)
VENICE = Clinic(
    code="venice-beach",
    name="Fernhill Venice Beach",
    city="Los Angeles",
    zone="America/Los_Angeles",
    area_code="310",
    entity=CALIFORNIA,
    hours=_hours("09:00", "18:00", *WEEK[:5]) | _hours("09:00", "16:00", "sat"),
    rooms=3,
    bays=2,
    pens=2,
    rf_devices=1,
    visits_a_day=16,
)
CLINICS = (MIDTOWN, BROOKLYN, VENICE)


@dataclass(frozen=True, slots=True)
class Treatment:
    """What can be booked; minutes as in the segments of a visit (BK-05)."""

    code: str
    name: str
    modality: Modality
    numbing: int
    procedure: int
    price_minor: int
    colour: str
    weight: int
    """How often it is asked for, in comparison."""
    aftercare: int = 10
    cleaning: int = 15

    @property
    def needles(self) -> bool:
        return self.modality.needles

    @property
    def before(self) -> int:
        """Minutes from arrival to the practitioner's first hand."""
        return 5 + self.numbing

    @property
    def patient_minutes(self) -> int:
        return self.before + self.procedure + self.aftercare


CONSULTATION = Treatment("consultation", "Consultation", Modality.NONE, 0, 20, 0, "#64748b", 22, 0, 5)
FOLLOW_UP = Treatment("follow-up", "Follow-up check", Modality.NONE, 0, 20, 0, "#0d9488", 26, 0, 5)
TREATMENTS = (
    Treatment("pen-face", "Microneedling face", Modality.PEN, 30, 30, 35_000, "#2563eb", 30),
    Treatment("pen-face-neck", "Microneedling face and neck", Modality.PEN, 30, 45, 45_000, "#7c3aed", 14),
    Treatment("rf-face", "RF microneedling face", Modality.RF, 45, 60, 69_500, "#db2777", 8),
    Treatment("scar-body", "Scar treatment body", Modality.PEN, 30, 60, 52_500, "#b45309", 5),
    Treatment("prp-face", "Microneedling with PRP", Modality.PEN, 30, 45, 65_000, "#dc2626", 7),
    CONSULTATION,
    FOLLOW_UP,
)
TREATMENT = {treatment.code: treatment for treatment in TREATMENTS}


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody who treats; `days` are those of their week, 0 for Monday."""

    name: str
    credential: str
    clinic: Clinic
    days: tuple[int, ...]
    rf: bool = False


PRACTITIONERS = (
    Practitioner("Maya Ortega", "RN", MIDTOWN, (0, 1, 2, 3, 4), rf=True),
    Practitioner("Daniel Okafor", "NP", MIDTOWN, (0, 1, 2, 5, 6), rf=True),
    Practitioner("Priya Raman", "RN", MIDTOWN, (0, 2, 3, 4, 5)),
    Practitioner("Elena Kovacs", "PA", MIDTOWN, (1, 2, 3, 5, 6), rf=True),
    Practitioner("Grace Lindqvist", "RN", MIDTOWN, (0, 1, 3, 4, 6)),
    Practitioner("Omar Haddad", "RN", MIDTOWN, (0, 2, 4, 5, 6)),
    Practitioner("Tomas Herrera", "RN", BROOKLYN, (0, 1, 2, 3, 4, 5)),
    Practitioner("Aisha Bello", "NP", BROOKLYN, (0, 1, 2, 4, 5), rf=True),
    Practitioner("Noa Feldman", "RN", BROOKLYN, (1, 3, 5)),
    Practitioner("Kenji Mori", "NP", VENICE, (0, 1, 2, 3, 4, 5), rf=True),
    Practitioner("Lucia Navarro", "RN", VENICE, (0, 1, 3, 4, 5)),
    Practitioner("Hannah Whitlock", "PA", VENICE, (0, 2, 4)),
)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who signs in."""

    email: str
    name: str
    role: Role
    clinics: tuple[Clinic, ...] | None
    """None: everywhere."""

    @property
    def label(self) -> str:
        where = "everywhere" if self.clinics is None else " and ".join(clinic.city for clinic in self.clinics)
        return f"{self.role.value.replace('_', ' ').capitalize()}, {where}"


OWNER = Member("owner@example.com", "Victoria Fernhill", Role.OWNER, None)
TEAM = (
    Member("desk@example.com", "Sam Rivera", Role.FRONT_DESK, (MIDTOWN, BROOKLYN)),
    Member("nurse@example.com", "Maya Ortega", Role.PRACTITIONER, (MIDTOWN,)),
    Member("manager@example.com", "Joan Abbott", Role.MANAGER, (MIDTOWN, BROOKLYN)),
    Member("finance@example.com", "Leon Weber", Role.FINANCE, None),
    Member("stock@example.com", "Ines Duarte", Role.STOCK_KEEPER, (MIDTOWN, BROOKLYN)),
    Member("desk.la@example.com", "Noor Haddad", Role.FRONT_DESK, (VENICE,)),
    Member("operator@example.com", "Robin Chau", Role.OPERATOR, None),
)


@dataclass(frozen=True, slots=True)
class Item:
    """A product; quantities are base units (IV-02)."""

    code: str
    name: str
    item_class: str
    unit: BaseUnit
    pack_label: str
    pack: int
    """Base units in one pack."""
    reorder_packs: int


ITEMS = (
    Item("cartridge-12", "Needle cartridge, 12 pins", "cartridge", BaseUnit.EACH, "box of 20", 20, 3),
    Item("cartridge-36", "Needle cartridge, 36 pins", "cartridge", BaseUnit.EACH, "box of 20", 20, 1),
    Item("rf-tip-25", "RF tip, 25 pins", "rf_tip", BaseUnit.EACH, "box of 10", 10, 1),
    Item("sheath", "Protective sheath", "sheath", BaseUnit.EACH, "box of 100", 100, 1),
    Item("ha-serum", "Hyaluronic acid serum", "serum", BaseUnit.CENTI_ML, "bottle of 30 ml", 3_000, 6),
    Item("peptide-serum", "Peptide calming serum", "serum", BaseUnit.CENTI_ML, "bottle of 30 ml", 3_000, 2),
    Item("lidocaine-4", "Lidocaine 4 % cream", "numbing", BaseUnit.CENTI_G, "tube of 30 g", 3_000, 6),
    Item("prp-kit", "PRP kit", "prp_kit", BaseUnit.EACH, "kit", 1, 6),
)

USES: dict[str, dict[str, int]] = {
    "pen-face": {"cartridge-12": 1, "sheath": 1, "ha-serum": 300, "lidocaine-4": 500},
    "pen-face-neck": {"cartridge-12": 1, "sheath": 1, "ha-serum": 450, "lidocaine-4": 700},
    "scar-body": {"cartridge-36": 2, "sheath": 1, "peptide-serum": 300, "lidocaine-4": 600},
    "rf-face": {"rf-tip-25": 1, "peptide-serum": 250, "lidocaine-4": 600},
    "prp-face": {"cartridge-12": 1, "sheath": 1, "prp-kit": 1, "lidocaine-4": 500},
}
"""Default bill of materials of each treatment (IV-04)."""
