"""How deep an area may be needled without a word (CL-14, CL-15), and what the areas take (IV-04)."""

from collections.abc import Collection
from enum import StrEnum

from contracts.values import Modality
from services.booking.places.depth import DEPTH_MAX, DEPTH_MAX_ANY


class TreatedArea(StrEnum):
    FOREHEAD = "forehead"
    GLABELLA = "glabella"
    PERIORBITAL = "periorbital"
    NOSE = "nose"
    PERIORAL = "perioral"
    CHEEKBONE = "cheekbone"
    CHEEK = "cheek"
    CHIN = "chin"
    JAW = "jaw"
    NECK = "neck"
    DECOLLETE = "decollete"
    FACIAL_SCAR = "facial_scar"
    STRETCH_MARKS = "stretch_marks"
    SURGICAL_SCAR = "surgical_scar"
    BODY = "body"


SOFT_MAX = {
    TreatedArea.FOREHEAD: 75,
    TreatedArea.GLABELLA: 100,
    TreatedArea.PERIORBITAL: 50,
    TreatedArea.NOSE: 75,
    TreatedArea.PERIORAL: 75,
    TreatedArea.CHEEKBONE: 100,
    TreatedArea.CHEEK: 200,
    TreatedArea.CHIN: 200,
    TreatedArea.JAW: 200,
    TreatedArea.FACIAL_SCAR: 200,
    TreatedArea.STRETCH_MARKS: 200,
    TreatedArea.SURGICAL_SCAR: 250,
}
"""For thick skin; an area that is not listed has no soft bound."""


BODY = frozenset({TreatedArea.BODY, TreatedArea.STRETCH_MARKS, TreatedArea.SURGICAL_SCAR})
"""Not the face or what is next to it."""
AREAS_OF_ONE_CARTRIDGE = 2


def takes_second_cartridge(modality: Modality, areas: Collection[TreatedArea]) -> bool:
    """Three areas, or the body, are more than the cartridge of a pen lasts for (IV-04)."""
    many = len(set(areas)) > AREAS_OF_ONE_CARTRIDGE
    return modality is Modality.PEN and (many or not BODY.isdisjoint(areas))


def asks_for_reason(modality: Modality, area: TreatedArea, depth: int) -> bool:
    """Whether this depth in this area needs an `override_reason`; RF has its device's profile instead."""
    return modality in DEPTH_MAX and depth > SOFT_MAX.get(area, DEPTH_MAX_ANY)
