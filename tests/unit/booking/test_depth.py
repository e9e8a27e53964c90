"""How deep is allowed, and when a reason is asked for (CL-12, CL-14, CL-15); and IV-04."""

import pytest

from contracts.values import Modality
from services.booking.places.depth import depth_bounds
from services.booking.records.depth import TreatedArea, asks_for_reason, takes_second_cartridge


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


@pytest.mark.parametrize(
    ("modality", "areas", "second"),
    [
        (Modality.PEN, ["cheek", "nose"], False),
        (Modality.PEN, ["cheek", "nose", "chin"], True),
        (Modality.PEN, ["cheek", "nose", "cheek"], False),
        (Modality.PEN, ["body"], True),
        (Modality.PEN, ["stretch_marks"], True),
        (Modality.PEN, [], False),
        (Modality.RF, ["cheek", "nose", "chin"], False),
        (Modality.ROLLER, ["body"], False),
    ],
)
def test_three_areas_or_the_body_take_a_second_cartridge(modality: Modality, areas: list[str], *, second: bool) -> None:
    assert takes_second_cartridge(modality, [TreatedArea(each) for each in areas]) is second


def test_rf_has_the_profile_of_its_device_instead() -> None:
    assert not asks_for_reason(Modality.RF, TreatedArea.PERIORBITAL, 300)
