"""How deep an area may be needled: hard bounds, and the softer ones that ask for a reason (CL-12, CL-14, CL-15)."""

from enum import StrEnum

from contracts.values import Modality

DEPTH_MIN = 10
"""Hundredths of a millimetre, like all depths."""
DEPTH_MAX = {Modality.PEN: 250, Modality.ROLLER: 250}
DEPTH_MAX_ANY = 1000
"""Of a device without a ceiling of its own."""


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


def depth_bounds(modality: Modality, device_max: int | None) -> tuple[int, int]:
    """Least and greatest depth: of the modality, and of the device where that is stricter."""
    ceiling = DEPTH_MAX.get(modality, DEPTH_MAX_ANY)
    return DEPTH_MIN, min(ceiling, device_max or ceiling)


def asks_for_reason(modality: Modality, area: TreatedArea, depth: int) -> bool:
    """Whether this depth in this area needs an `override_reason`; RF has its device's profile instead."""
    return modality in DEPTH_MAX and depth > SOFT_MAX.get(area, DEPTH_MAX_ANY)
