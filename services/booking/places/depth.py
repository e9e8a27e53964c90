"""How deep a device may needle at all (CL-12); the softer bounds of an area are the treatment record's."""

from contracts.values import Modality

DEPTH_MIN = 10
"""Hundredths of a millimetre, like all depths."""
DEPTH_MAX = {Modality.PEN: 250, Modality.ROLLER: 250}
DEPTH_MAX_ANY = 1000
"""Of a device without a ceiling of its own."""


def depth_bounds(modality: Modality, device_max: int | None) -> tuple[int, int]:
    """Least and greatest depth: of the modality, and of the device where that is stricter."""
    ceiling = DEPTH_MAX.get(modality, DEPTH_MAX_ANY)
    return DEPTH_MIN, min(ceiling, device_max or ceiling)
