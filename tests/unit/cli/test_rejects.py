"""What was rejected can be mended in its file and imported again with the same mapping."""

from pathlib import Path

from cli.importing.reading import Format, Record, Table
from cli.importing.rejects import LINE, REASON, Rejects

FORM = Format("cp1252", ";", header_row=2)


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


def test_a_line_with_too_many_columns_still_has_its_reason_under_the_right_name(tmp_path: Path) -> None:
    table, path = a_table(tmp_path), tmp_path / "export.rejects.csv"

    with Rejects(path, table) as rejects:
        rejects.add(9, ["1", "2", "3", "4", "5"], "5 columns where the header has 3")
        rejects.add(10, ["1"], "1 columns where the header has 3")

    rows = [record.fields for record in Table(path, Format("utf-8-sig", ";", header_row=2)).rows()]
    assert rows == [
        ["1", "2", "3", "9", "5 columns where the header has 3"],
        ["1", "", "", "10", "1 columns where the header has 3"],
    ]
