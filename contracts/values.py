"""The values that facts are made of: ids, money, and the closed lists every service shares."""

from enum import StrEnum
from typing import Annotated, NewType, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

LocationId = NewType("LocationId", UUID)
LegalEntityId = NewType("LegalEntityId", UUID)
PractitionerId = NewType("PractitionerId", UUID)
TreatmentId = NewType("TreatmentId", UUID)
RoomId = NewType("RoomId", UUID)
DeviceId = NewType("DeviceId", UUID)
PatientId = NewType("PatientId", UUID)
AppointmentId = NewType("AppointmentId", UUID)
"""Also the session id: a session is an appointment that was completed."""
PackageId = NewType("PackageId", UUID)
EntitlementId = NewType("EntitlementId", UUID)
InvoiceId = NewType("InvoiceId", UUID)
PaymentId = NewType("PaymentId", UUID)
PriceId = NewType("PriceId", UUID)
ItemId = NewType("ItemId", UUID)
ReceiptId = NewType("ReceiptId", UUID)
StockLevelId = NewType("StockLevelId", UUID)
LotId = NewType("LotId", UUID)
MessageId = NewType("MessageId", UUID)
RecallId = NewType("RecallId", UUID)
GrantId = NewType("GrantId", UUID)
StaffId = NewType("StaffId", UUID)

TreatmentCode = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40), Field(examples=["pen-face"])
]
"""A stable word for a treatment, such as `pen-face`; never a patient's indication (CP-14, CP-15)."""

CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 4217."""


class MixedCurrencyError(ValueError):
    """Two amounts of different currencies were combined (FN-01)."""


class Money(BaseModel):
    """An amount in the smallest unit of its currency (FN-01): `Money(minor=59900)` is 599.00 USD."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    minor: int
    currency: CurrencyCode = "USD"

    def __add__(self, other: "Money") -> "Money":
        return Money(minor=self.minor + self._same(other).minor, currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(minor=self.minor - self._same(other).minor, currency=self.currency)

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise MixedCurrencyError(f"{self.currency} and {other.currency}")
        return other


class Modality(StrEnum):
    """How the skin is needled (CL-01); add-ons are part of the treatment, not a modality."""

    PEN = "pen"
    RF = "rf"
    ROLLER = "roller"
    NONE = "none"
    """A consultation or a follow-up: nothing is needled."""

    @property
    def needles(self) -> bool:
        return self is not Modality.NONE


class BaseUnit(StrEnum):
    """What one integer of quantity means (IV-02)."""

    EACH = "each"
    CENTI_ML = "0.01ml"
    CENTI_G = "0.01g"


class PaymentMethod(StrEnum):
    CASH = "cash"
    CARD_TERMINAL = "card_terminal"


class Channel(StrEnum):
    EMAIL = "email"
    CONSOLE = "console"


QUANTITY_MAX = 1_000_000_000
"""Ten thousand litres: more than a chain ever moves at once, and far below what any of our numbers can hold."""


def _possible(quantity: int) -> int:
    if not 0 < quantity <= QUANTITY_MAX:
        raise ValueError(f"a quantity is above zero and at most {QUANTITY_MAX}")
    return quantity


Quantity = Annotated[
    int, AfterValidator(_possible), Field(json_schema_extra={"exclusiveMinimum": 0, "maximum": QUANTITY_MAX})
]
"""Base units of an item (IV-02), always above zero; a correction is a movement of its own."""


class ConsumptionLine(BaseModel):
    """One product that a session used: which lot of which item, and how much (CP-17)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item_id: ItemId
    lot_id: LotId | None = None
    """None when the product was recorded without a lot; inventory then picks the first to expire."""
    quantity: Quantity

    @classmethod
    def of(cls, item_id: ItemId, quantity: int, lot_id: LotId | None = None) -> Self:
        return cls(item_id=item_id, lot_id=lot_id, quantity=quantity)
