"""A record becomes the row that is meant, or says which field can't be read."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cli.importing import mapping
from cli.importing.converting import Converter, Place, Unfit
from cli.importing.kinds import TARGETS, Kind
from cli.importing.mapping import ImportMap, MappingError

TODAY = date(2026, 11, 23)
SOHO = Place(str(uuid4()))
PLACES = {"soho": SOHO}
DOCS = Path(__file__).parents[3] / "docs" / "import"

VISITS: dict[str, Any] = {
    "columns": {
        "external_id": "Id",
        "patient": "Client",
        "local_start": ["Date", "Time"],
        "status": "Status",
        "treatment": "Service",
    },
    "constants": {"location": "soho"},
    "formats": {"local_start": "%m/%d/%Y %I:%M %p"},
    "words": {"status": {"Checked Out": "completed"}},
}
HEADER = ["Id", "client ", "DATE", "Time", "Status", "Service"]


def a_converter(kind: Kind = Kind.APPOINTMENTS, header: list[str] = HEADER, **told: Any) -> Converter:
    return Converter(TARGETS[kind], ImportMap(**(VISITS | told)), header=header, places=PLACES, today=TODAY)


def a_visit(**changes: str) -> list[str]:
    fields = {"id": "A-1", "client": "C-1", "date": "03/12/2026", "time": "2:30 PM", "status": "checked  out"}
    return list((fields | {"service": " Pen  face "} | changes).values())


def test_columns_are_found_by_name_and_joined_and_words_are_ours() -> None:
    row = a_converter().row(a_visit())

    assert row == {
        "external_id": "A-1",
        "patient": "C-1",
        "location_id": SOHO.id,
        "local_start": "2026-03-12T14:30:00",
        "status": "completed",
        "treatment": "Pen face",
    }


def test_a_time_in_another_zone_is_sent_as_an_instant() -> None:
    row = a_converter(zones={"local_start": "America/Chicago"}).row(a_visit())

    assert row["starts_at"] == "2026-03-12T14:30:00-05:00"
    assert "local_start" not in row


def test_a_time_that_comes_twice_in_a_stated_zone_has_to_say_which() -> None:
    forms = ["%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M %p%z"]
    converter = a_converter(zones={"local_start": "America/New_York"}, formats={"local_start": forms})

    with pytest.raises(Unfit, match="came twice"):
        converter.row(a_visit(date="11/01/2026", time="1:30 AM"))
    row = converter.row(a_visit(date="11/01/2026", time="1:30 AM-05:00"))
    assert row["starts_at"] == "2026-11-01T01:30:00-05:00"


def test_a_time_with_an_offset_needs_no_zone() -> None:
    row = a_converter(formats={}, columns=VISITS["columns"] | {"local_start": "Time"}).row(
        a_visit(time="2026-03-12T14:30:00Z")
    )

    assert row["starts_at"] == "2026-03-12T14:30:00+00:00"


def test_a_time_that_the_clocks_jumped_over_is_told() -> None:
    converter = a_converter(zones={"local_start": "America/New_York"})

    with pytest.raises(Unfit, match=r"local_start: .* did not exist in America/New_York"):
        converter.row(a_visit(date="03/08/2026", time="2:30 AM"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": " "}, "external_id is empty"),
        ({"client": "NULL"}, "patient is empty"),
        ({"date": "2026-03-12"}, "local_start: '2026-03-12 2:30 PM' is not written as"),
        ({"date": "02/30/2026"}, "local_start: "),
        ({"status": "Vanished"}, r"status: 'Vanished' has no entry in \[words.status\]"),
        ({"service": "pen\0face"}, "treatment: it holds U\\+0000"),
        ({"client": "C-\u202e1"}, "patient: it holds U\\+202E .right-to-left override."),
        ({"client": "\u200b\ufeff"}, "patient is empty"),
    ],
)
def test_what_can_not_be_read_names_its_field(changes: dict[str, str], said: str) -> None:
    with pytest.raises(Unfit, match=said):
        a_converter().row(a_visit(**changes))


def test_what_spreadsheets_leave_unseen_in_a_cell_stays_behind() -> None:
    row = a_converter().row(
        a_visit(client="\ufeffC-\u200b1\u00a0", date="\u200e03/\u200e12/\u200e2026", service="pe\u0301n")
    )

    assert (row["patient"], row["local_start"], row["treatment"]) == ("C-1", "2026-03-12T14:30:00", "p\u00e9n")


def test_a_status_that_is_ours_already_needs_no_entry() -> None:
    assert a_converter().row(a_visit(status="No-Show"))["status"] == "no_show"


def test_a_note_keeps_its_lines_and_a_name_does_not() -> None:
    columns = VISITS["columns"] | {"note": "Client", "patient": "Client"}

    row = a_converter(columns=columns).row(a_visit(client=" first\nsecond "))

    assert (row["note"], row["patient"]) == ("first\nsecond", "first second")


def test_every_other_word_may_be_given_a_meaning() -> None:
    words = {"status": {"*": "cancelled_by_clinic", "Checked Out": "completed"}}

    assert a_converter(words=words).row(a_visit(status="Vanished"))["status"] == "cancelled_by_clinic"


PATIENTS: dict[str, Any] = {
    "columns": {
        "external_id": "id",
        "given_name": "first",
        "family_name": "last",
        "birth_date": "born",
        "home_location": "home",
    },
    "constants": {},
    "formats": {},
    "words": {},
}


def born(written: str, *formats: str) -> Any:
    header = ["id", "first", "last", "born", "home"]
    converter = a_converter(Kind.PATIENTS, header, **(PATIENTS | {"formats": {"birth_date": list(formats)}}))
    return converter.row(["1", "A", "B", written, "SoHo"]).get("birth_date")


@pytest.mark.parametrize(
    ("written", "formats", "day"),
    [
        ("1989-03-07", (), "1989-03-07"),
        ("03/07/89", ("%m/%d/%y",), "1989-03-07"),
        ("03/07/45", ("%m/%d/%y",), "1945-03-07"),
        ("02/29/72", ("%m/%d/%Y", "%m/%d/%y"), "1972-02-29"),
        ("7.3.1989", ("%d.%m.%Y",), "1989-03-07"),
        ("", (), None),
    ],
)
def test_a_birthday_is_past_however_it_is_written(written: str, formats: tuple[str, ...], day: str | None) -> None:
    assert born(written, *formats) == day


def test_a_birthday_to_come_is_told() -> None:
    with pytest.raises(Unfit, match="birth_date: 2030-01-01 is not past"):
        born("2030-01-01")


def test_an_unknown_location_is_told() -> None:
    converter = a_converter(Kind.PATIENTS, ["id", "first", "last", "born", "home"], **PATIENTS)

    with pytest.raises(Unfit, match="home_location: 'Atlantis' is no location"):
        converter.row(["1", "A", "B", "", "Atlantis"])


@pytest.mark.parametrize(
    ("written", "quantity"), [("60.5", 6050), ("90", 9000), ("-1", -100), ("0.005", None), ("2e3", None), ("x", None)]
)
def test_a_quantity_is_scaled_to_whole_base_units(written: str, quantity: int | None) -> None:
    names = ["external_id", "location", "item", "lot_number", "expires_on", "quantity"]
    told: dict[str, Any] = {"columns": {name: name for name in names}, "constants": {}, "formats": {}, "words": {}}
    converter = a_converter(Kind.STOCK, names, **told, scale={"quantity": 100})
    record = ["1", "soho", "serum", "L1", "2027-09-30", written]

    if quantity is None:
        with pytest.raises(Unfit, match="quantity: "):
            converter.row(record)
    else:
        assert converter.row(record)["quantity"] == quantity


@pytest.mark.parametrize(
    ("header", "told", "said"),
    [
        (["Id", "Client"], {}, "There is no column 'Date'"),
        ([*HEADER, "id"], {}, "The column 'Id' stands there 2 times"),
        (HEADER, {"columns": {"external_id": "Id"}}, "does not say where patient"),
        (HEADER, {"formats": {"began": "%Y"}}, r"\[formats\] began: no such field"),
        (HEADER, {"zones": {"patient": "UTC"}}, r"\[zones\] patient"),
    ],
)
def test_a_mapping_that_does_not_fit_the_file_is_told(header: list[str], told: dict[str, Any], said: str) -> None:
    with pytest.raises(MappingError, match=said):
        a_converter(header=header, **told)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("columns = [", "not valid TOML"),
        ('[columns]\nx = "y"\n[colums]\nz = "y"', "colums: there is no such field"),
        ('kind = "stock"\n[columns]', "maps stock, not appointments"),
        ('[columns]\n[words.status]\nHere = "present"', "words.status maps to present"),
        ('[columns]\n[zones]\nlocal_start = "Mars/Olympus"', "no IANA time zone"),
    ],
)
def test_a_mapping_file_that_is_wrong_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "map.toml").write_text(text)

    with pytest.raises(MappingError, match=said):
        mapping.load(tmp_path / "map.toml", Kind.APPOINTMENTS)


@pytest.mark.parametrize("kind", Kind)
def test_the_examples_in_the_documentation_fit_each_other(kind: Kind) -> None:
    told = mapping.load(DOCS / f"{kind}.toml", kind)
    places = dict.fromkeys(("midtown", "brooklyn-heights", "venice-beach"), SOHO)

    table = mapping.opened(DOCS / f"{kind}.csv", told)
    converter = Converter(TARGETS[kind], told, header=table.header, places=places, today=TODAY)

    assert [converter.row(record.fields) for record in table.rows()]
