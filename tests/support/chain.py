"""What booking would have told of a chain of clinics: a location, a treatment; for services that hear of them."""

from dataclasses import dataclass, field
from uuid import UUID, uuid5

from chassis.clock import new_id
from contracts import booking
from contracts.values import LegalEntityId, LocationId, Modality, TreatmentId
from tests.support.house import NOON

NEW_YORK = "America/New_York"


@dataclass(frozen=True)
class Clinic:
    """A location of a legal entity."""

    id: LocationId = field(default_factory=lambda: LocationId(new_id()))
    entity: LegalEntityId = field(default_factory=lambda: LegalEntityId(new_id()))
    zone: str = NEW_YORK
    code: str = "nyc"

    def told(self, *, version: int = 1, name: str = "Clinic") -> booking.LocationChanged:
        return booking.LocationChanged(
            location_id=self.id,
            version=version,
            at=NOON,
            code=self.code,
            name=name,
            legal_entity_id=self.entity,
            legal_entity_name=f"{name} LLC",
            zone=self.zone,
            phone=None,
            active=True,
        )


def a_treatment(code: str = "pen-face", *, version: int = 1, name: str = "Pen, face") -> booking.TreatmentChanged:
    """The same treatment for the same code."""
    return booking.TreatmentChanged(
        treatment_id=TreatmentId(uuid5(UUID(int=0), code)),
        version=version,
        at=NOON,
        treatment=code,
        name=name,
        modality=Modality.PEN,
        active=True,
    )
