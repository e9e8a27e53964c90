"""A data folder says what it holds, and a half-written word is never read."""

from pathlib import Path

from embedded import contents
from embedded.contents import Account, Contents, Holding
from embedded.secrets import Secrets


def test_a_new_folder_holds_nothing(tmp_path: Path) -> None:
    assert contents.read(tmp_path) == Contents(holding=Holding.NOTHING)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    demo = Contents(holding=Holding.DEMO, accounts=(Account(email="a@example.com", password="p", label="Owner"),))

    contents.write(tmp_path, demo)

    assert contents.read(tmp_path) == demo


def test_a_word_that_was_cut_short_is_as_if_unsaid(tmp_path: Path) -> None:
    contents.write(tmp_path, Contents(holding=Holding.LOADING))
    (tmp_path / "contents.new").write_text('{"holding": "de')

    assert contents.read(tmp_path).holding is Holding.LOADING


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = Secrets(tmp_path).get("web_secret")

    assert Secrets(tmp_path).get("web_secret") == first
    assert Secrets(tmp_path).get("other") != first
    assert len(first) >= 32
    assert (tmp_path / "secrets" / "web_secret").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def test_what_a_folder_says_is_for_its_owner_alone(tmp_path: Path) -> None:
    contents.write(tmp_path, Contents(holding=Holding.OWN))

    assert (tmp_path / "contents.json").stat().st_mode & 0o777 == 0o600
