"""The areas of a treatment record, and how deep each is usually needled (CL-12, CL-14).

Booking decides; this only tells the person who fills in the form, and a test keeps the two in step.
"""

from typing import NamedTuple

DEPTHS = {"pen": (25, 250), "roller": (25, 250), "rf": (25, 400)}
"""Least and greatest depth offered, in hundredths of a millimetre, where no device says how deep it goes."""
ASKS_WHY = ("pen", "roller")
"""Kinds of needling for which a depth beyond the usual one needs a reason; an RF device has its own profile."""
STEP = 25
AREAS_OF_ONE_CARTRIDGE = 2
"""More areas than these, or the body, take a second cartridge of a pen (IV-04)."""


class Area(NamedTuple):
    text: str
    usual: int | None
    """Deeper than this needs a reason; None: no usual depth is known."""
    is_body: bool = False


AREAS = {
    "forehead": Area("Forehead", 75),
    "glabella": Area("Glabella", 100),
    "periorbital": Area("Around the eyes", 50),
    "nose": Area("Nose", 75),
    "perioral": Area("Around the mouth", 75),
    "cheekbone": Area("Cheekbones", 100),
    "cheek": Area("Cheeks", 200),
    "chin": Area("Chin", 200),
    "jaw": Area("Jaw", 200),
    "neck": Area("Neck", None),
    "decollete": Area("Décolleté", None),
    "facial_scar": Area("Scar, face", 200),
    "stretch_marks": Area("Stretch marks", 200, is_body=True),
    "surgical_scar": Area("Surgical scar", 250, is_body=True),
    "body": Area("Body", None, is_body=True),
}


def depth_text(hundredths: int) -> str:
    """0.75 mm."""
    return f"{hundredths / 100:.2f} mm"


def depth_options(modality: str, deepest: int | None = None) -> list[tuple[int, str]]:
    """The depths of the list, in steps of a quarter of a millimetre, as deep as the deepest device goes."""
    least, greatest = DEPTHS[modality]
    return [(depth, depth_text(depth)) for depth in range(least, (deepest or greatest) + 1, STEP)]


def areas_of(modality: str) -> dict[str, Area]:
    """The areas, with a usual depth only where going beyond it has to be explained."""
    return AREAS if modality in ASKS_WHY else {code: area._replace(usual=None) for code, area in AREAS.items()}
