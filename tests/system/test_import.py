"""Years of another system's visits, brought in from the command line; also when it is stopped in the midst of it."""

import csv
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.support.export import Export, Extent
from tests.support.site import ENVIRONMENT, NEEDLEPOINT, OwnSite
from tests.support.waiting import eventually

FEW = Extent(clients=400, visits=1_500, to_come=20, bad=48)
MANY = Extent(clients=400, visits=12_000, to_come=0, bad=0)


@pytest.fixture(scope="module")
def own(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnSite]:
    """A chain of its own: nobody else's days fill up with what comes in here."""
    site = OwnSite.copy_of(demo_data, tmp_path_factory.mktemp("import") / "data")
    site.start()
    yield site
    site.stop()


def start(site: OwnSite, kind: str, export: Export) -> subprocess.Popen[str]:
    account = site.account("owner")
    told = {"NEEDLEPOINT_EMAIL": account.email, "NEEDLEPOINT_PASSWORD": account.password, "NEEDLEPOINT_URL": site.url}
    file, mapping = export.folder / f"{kind}.csv", export.folder / f"{kind}.toml"
    return subprocess.Popen(
        [NEEDLEPOINT, "import", kind, str(file), "--map", str(mapping)],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **ENVIRONMENT, **told},
    )


def bring_in(site: OwnSite, kind: str, export: Export) -> tuple[int, dict[str, int]]:
    """The exit code, and how many rows had which outcome."""
    process = start(site, kind, export)
    _, said = process.communicate()
    rows = re.findall(r"│ (\w+)\s*│\s*([\d,]+) │", said)
    return process.returncode, {outcome: int(count.replace(",", "")) for outcome, count in rows}


def rejected(export: Export) -> list[dict[str, str]]:
    with (export.folder / "appointments.rejects.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def written(folder: Path, extent: Extent, encoding: str, source: str) -> Export:
    """An export of a system of this name, so that its ids are nobody else's."""
    folder.mkdir()
    export = Export(folder, date.today(), extent, encoding)  # noqa: DTZ011 - the clinics' diaries go by days
    export.write()
    for mapping in folder.glob("*.toml"):
        mapping.write_text(mapping.read_text().replace('"former"', f'"{source}"'))
    return export


async def has_begun(site: OwnSite, source: str) -> bool:
    """Whether any visit of this other system is in the books."""
    booking = await site.connect("booking")
    try:
        found: bool = await booking.fetchval(
            "SELECT EXISTS (SELECT FROM external_id WHERE source = $1 AND kind = 'appointment')", source
        )
        return found
    finally:
        await booking.close()


def test_what_fits_goes_in_once_and_what_does_not_is_kept_with_line_and_reason(own: OwnSite, tmp_path: Path) -> None:
    export = written(tmp_path / "few", FEW, "cp1252", "few")
    lines = (export.folder / "appointments.csv").read_text("cp1252").splitlines()

    patients = bring_in(own, "patients", export)
    first = bring_in(own, "appointments", export)
    again = bring_in(own, "appointments", export)

    good = FEW.visits - FEW.bad
    assert patients == (0, {"created": FEW.clients})
    assert first == (1, {"created": good, "rejected": FEW.bad})
    assert again == (1, {"unchanged": good, "rejected": FEW.bad})
    assert all(lines[int(row["import_line"]) - 1].startswith(f"{row['Appt #']};") for row in rejected(export))
    reasons = " ".join(row["import_reason"] for row in rejected(export))
    assert all(word in reasons for word in ("C-unknown", "Hoboken", "Leeches", "13/45", "soon", "???", "is empty"))


async def test_an_import_that_was_killed_is_run_again_and_leaves_every_visit_once(own: OwnSite, tmp_path: Path) -> None:
    export = written(tmp_path / "many", MANY, "utf-8-sig", "many")
    bring_in(own, "patients", export)

    killed = start(own, "appointments", export)
    await eventually(lambda: has_begun(own, "many"))
    killed.kill()
    killed.communicate()
    outcome, after = bring_in(own, "appointments", export)

    assert outcome == 0
    assert after["created"] + after["unchanged"] == MANY.visits
    assert after["unchanged"] > 0
    assert after["created"] > 0
    assert bring_in(own, "appointments", export) == (0, {"unchanged": MANY.visits})
