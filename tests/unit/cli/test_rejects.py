"""What was rejected can be mended in its file and imported again with the same mapping."""

from pathlib import Path

from cli.importing.reading import Format, Record, Table
from cli.importing.rejects import LINE, REASON, Rejects

FORM = Format("cp1252", ";", header_row=2)
AGAIN = Format("utf-8-sig", ";", header_row=2)
"""How a rejects file is read."""


def a_table(folder: Path) -> Table:
    file = folder / "export.csv"
    file.write_bytes('A title;;\r\nid;name;note\r\n1;Zoë;"a\r\nb"\r\n2;Max;\r\n'.encode("cp1252"))
    return Table(file, FORM)


def test_rejected_rows_are_read_again_as_they_were(tmp_path: Path) -> None:
    table, path = a_table(tmp_path), tmp_path / "export.rejects.csv"
    record = next(table.rows())

    with Rejects(path, table) as rejects:
        rejects.add(record.line, record.fields, "name: too short")

    again = Table(path, Format("utf-8-sig", ";", header_row=2))
    assert again.header == ["id", "name", "note", LINE, REASON]
    assert list(again.rows()) == [Record(3, ["1", "Zoë", "a\r\nb", "3", "name: too short"])]


def test_an_import_without_rejects_leaves_no_file_and_takes_an_old_one_away(tmp_path: Path) -> None:
    path = tmp_path / "export.rejects.csv"
    path.write_text("of last time")

    with Rejects(path, a_table(tmp_path)):
        pass

    assert not path.exists()


def test_a_line_with_too_many_columns_keeps_every_cell_and_has_its_reason_under_the_right_name(tmp_path: Path) -> None:
    table, path = a_table(tmp_path), tmp_path / "export.rejects.csv"

    with Rejects(path, table) as rejects:
        rejects.add(9, ["1", "2", "3", "4", "5"], "5 columns where the header has 3")
        rejects.add(10, ["1"], "1 columns where the header has 3")

    rows = [record.fields for record in Table(path, AGAIN).rows()]
    assert rows == [
        ["1", "2", "3", "9", "5 columns where the header has 3", "4", "5"],
        ["1", "", "", "10", "1 columns where the header has 3"],
    ]


def test_rejected_once_more_a_row_has_one_line_and_one_reason(tmp_path: Path) -> None:
    first, second = tmp_path / "first.rejects.csv", tmp_path / "second.rejects.csv"
    with Rejects(first, a_table(tmp_path)) as rejects:
        rejects.add(3, ["1", "Zoë", "", "beyond"], "4 columns where the header has 3")
        rejects.add(5, ["2", "Max", ""], "name: too short")

    table = Table(first, AGAIN)
    with Rejects(second, table) as rejects:
        for record in table.rows():
            rejects.add(record.line, record.fields, "still so")

    again = Table(second, AGAIN)
    assert again.header == ["id", "name", "note", LINE, REASON]
    assert [record.fields for record in again.rows()] == [
        ["1", "Zoë", "", "3", "still so", "beyond"],
        ["2", "Max", "", "4", "still so"],
    ]


def test_the_cell_that_was_beyond_the_last_column_is_moved_back_and_read(tmp_path: Path) -> None:
    path = tmp_path / "first.rejects.csv"
    with Rejects(path, a_table(tmp_path)) as rejects:
        rejects.add(3, ["1", "", "Zoë", "a note"], "4 columns where the header has 3")

    mended = path.read_text("utf-8-sig").replace("1;;Zoë;", "1;Zoë;a note;").replace("3;a note", "3;")
    path.write_text(mended, "utf-8-sig")

    (row,) = Table(path, AGAIN).rows()
    assert (type(row), row.fields[:3]) == (Record, ["1", "Zoë", "a note"])
