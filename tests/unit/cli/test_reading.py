"""Files as other systems write them are read as they are meant, and one bad line costs one line."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cli.importing import encoding
from cli.importing.reading import Broken, Format, Record, Table, separator_of

FIELD = st.text(st.characters(codec="utf-8", exclude_characters="\ufffd"), max_size=12)
A_TABLE = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(FIELD, min_size=width, max_size=width), min_size=1, max_size=8)
)
REUSED_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def written(folder: Path, content: bytes) -> Path:
    file = folder / "export.csv"
    file.write_bytes(content)
    return file


def read(file: Path, *, separator: str = ",", name: str = "utf-8") -> list[Record | Broken]:
    return list(Table(file, Format(name, separator)).rows())


@REUSED_FOLDER
@given(A_TABLE, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\r\n", "\n"]))
@example([['"', "a\r\nb"], ["", " "]], ",", "\n")
def test_what_a_csv_writer_writes_is_read_back(tmp_path: Path, rows: list[list[str]], separator: str, end: str) -> None:
    out = io.StringIO(newline="")
    header = [f"column {number}" for number in range(len(rows[0]))]
    csv.writer(out, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    file = written(tmp_path, out.getvalue().encode())

    found = read(file, separator=separator)

    assert [record.fields for record in found] == [row for row in rows if any(row)]
    assert all(isinstance(record, Record) for record in found)


@REUSED_FOLDER
@given(st.text(max_size=300))
def test_no_text_whatever_makes_reading_fail(tmp_path: Path, text: str) -> None:
    file = written(tmp_path, b"a,b,c\n" + text.encode("utf-8", "surrogatepass"))

    found = read(file)

    lines = [record.line for record in found]
    assert lines == sorted(set(lines))
    assert all(len(record.fields) == 3 for record in found if isinstance(record, Record))


def test_a_note_of_several_lines_is_one_record_and_the_next_keeps_its_line(tmp_path: Path) -> None:
    file = written(tmp_path, b'id,note\n1,"first\nsecond ""quoted""\n"\n\n2,short\n')

    found = read(file)

    assert found == [Record(2, ["1", 'first\nsecond "quoted"\n']), Record(6, ["2", "short"])]


def test_a_quote_that_is_never_closed_costs_its_own_line_only(tmp_path: Path) -> None:
    file = written(tmp_path, b'id,note\n1,ok\n2,"open\n3,fine\n4,"good"\n5,fine\n')

    found = read(file)

    assert [(type(each).__name__, each.line, each.fields[0]) for each in found] == [
        ("Record", 2, "1"),
        ("Broken", 3, "2"),
        ("Record", 4, "3"),
        ("Record", 5, "4"),
        ("Record", 6, "5"),
    ]


def test_too_many_and_too_few_columns_are_told_with_their_line(tmp_path: Path) -> None:
    file = written(tmp_path, b"a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,,\n")

    found = read(file)

    assert [(each.line, isinstance(each, Broken)) for each in found] == [
        (2, False),
        (3, True),
        (4, True),
        (5, False),
    ]
    assert isinstance(found[1], Broken)
    assert found[1].reason == "2 columns where the header has 3"


def test_short_rows_are_filled_up_when_the_mapping_says_so(tmp_path: Path) -> None:
    file = written(tmp_path, b"a,b,c\n1\n")

    found = list(Table(file, Format("utf-8", ",", short_rows="pad")).rows())

    assert found == [Record(2, ["1", "", ""])]


def test_titles_above_the_header_are_passed_over(tmp_path: Path) -> None:
    file = written(tmp_path, b"Visits of all clinics,,\nPrinted on Monday,,\nid,name,phone\n1,x,y\n")

    table = Table(file, Format("utf-8", ",", header_row=3))

    assert (table.header, list(table.rows())) == (["id", "name", "phone"], [Record(4, ["1", "x", "y"])])


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("id,name\n1,José Núñez\n2,Zoë Müller\n3,Renée O’Brien\n".encode("cp1252"), "cp1252"),
        ("id,name\n1,José Núñez\n".encode(), "utf-8"),
        ("id,name\n1,José Núñez\n".encode("utf-8-sig"), "utf-8-sig"),
        ("id,name\n1,José Núñez\n".encode("utf-16"), "utf-16"),
        ("id,name\n1,José Núñez\n".encode("utf-16-le"), "utf-16-le"),
        ("id,name\n1,José Núñez\n".encode("utf-16-be"), "utf-16-be"),
        ("id,name\n1,Анна Иванова\n2,Пётр Сидоров\n3,Ольга Кузнецова\n".encode("cp1251"), "cp1251"),
        (b"id,name\n1,plain\n", "utf-8"),
        (b"", "utf-8"),
    ],
)
def test_the_encoding_is_found_by_its_bytes(tmp_path: Path, content: bytes, name: str) -> None:
    file = written(tmp_path, content)

    assert encoding.of(file, stated=None) == name


def test_one_strange_letter_behind_a_megabyte_of_ascii_is_seen(tmp_path: Path) -> None:
    file = written(tmp_path, b"id,name\n" + b"1,plain\n" * 200_000 + "2,Zoë\n".encode("cp1252"))

    assert encoding.of(file, stated=None) == "cp1252"


def test_a_byte_order_mark_outweighs_what_is_stated(tmp_path: Path) -> None:
    file = written(tmp_path, "id\nZoë\n".encode("utf-8-sig"))

    assert encoding.of(file, stated="cp1252") == "utf-8-sig"


def test_an_unknown_encoding_is_named(tmp_path: Path) -> None:
    with pytest.raises(encoding.UnknownEncodingError, match="klingon"):
        encoding.of(written(tmp_path, b"x"), stated="klingon")


def test_bytes_of_another_encoding_reject_their_row_only(tmp_path: Path) -> None:
    file = written(tmp_path, b"id,name\n1,Zo\xeb\n2,plain\n")

    first, second = read(file)

    assert isinstance(first, Broken)
    assert first.reason == "bytes that are not utf-8"
    assert second == Record(3, ["2", "plain"])


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_the_one_that_cuts_evenly(tmp_path: Path, separator: str) -> None:
    rows = [["id", "name", "price"], ["1", "Doe, Jane", "1,5"], ["2", "a;b", "2"], ["3", "x|y", "3"]]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(rows)

    assert separator_of(written(tmp_path, out.getvalue().encode()), "utf-8") == separator


def test_old_line_ends_are_line_ends(tmp_path: Path) -> None:
    assert read(written(tmp_path, b"a,b\r1,2\r3,4\r")) == [Record(2, ["1", "2"]), Record(3, ["3", "4"])]
