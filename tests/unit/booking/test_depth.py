"""How deep is allowed, and when a reason is asked for (CL-12, CL-14, CL-15)."""

import pytest

from contracts.values import Modality
from services.booking.places.depth import depth_bounds
from services.booking.records.depth import TreatedArea, asks_for_reason


@pytest.mark.parametrize(
    ("modality", "device_max", "bounds"),
    [
        (Modality.PEN, None, (10, 250)),
        (Modality.PEN, 200, (10, 200)),
        (Modality.PEN, 300, (10, 250)),
        (Modality.ROLLER, None, (10, 250)),
        (Modality.RF, 350, (10, 350)),
        (Modality.RF, None, (10, 1000)),
    ],
)
def test_the_stricter_of_modality_and_device_holds(
    modality: Modality, device_max: int | None, bounds: tuple[int, int]
) -> None:
    assert depth_bounds(modality, device_max) == bounds


@pytest.mark.parametrize(("depth", "asks"), [(50, False), (51, True)])
def test_deeper_than_usual_around_the_eyes_asks_for_a_reason(depth: int, asks: bool) -> None:  # noqa: FBT001
    assert asks_for_reason(Modality.PEN, TreatedArea.PERIORBITAL, depth) is asks


def test_rf_has_the_profile_of_its_device_instead() -> None:
    assert not asks_for_reason(Modality.RF, TreatedArea.PERIORBITAL, 300)
