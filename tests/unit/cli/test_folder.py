"""What is done to a data folder is done to the one that was meant."""

from pathlib import Path

import pytest
import typer

from cli.folder import migrate


@pytest.mark.parametrize("made", [True, False], ids=["empty", "missing"])
def test_a_folder_without_data_is_not_made_into_a_chain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, made: bool
) -> None:
    folder = tmp_path / "mistyped"
    if made:
        folder.mkdir()

    with pytest.raises(typer.Exit) as ended:
        migrate(folder)

    assert ended.value.exit_code == 2
    assert f"There are no data in {folder}" in capsys.readouterr().err
    assert folder.exists() is made
    assert not made or list(folder.iterdir()) == []
