"""A process that is told nonsense says which variable it is, and never what it holds."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from chassis.settings import ServiceSettings, UnusableSettings, read

SECRET = "a very secret word"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No variable of ours is set, and secrets lie in a folder of the test."""
    monkeypatch.delenv("NEEDLEPOINT_DATABASE_URL", raising=False)
    monkeypatch.setenv("NEEDLEPOINT_SECRETS_DIR", str(tmp_path))
    return tmp_path


def test_what_is_missing_is_named_with_both_places_to_put_it(bare: Path) -> None:
    with pytest.raises(UnusableSettings) as refused:
        read(ServiceSettings)

    assert str(refused.value) == (
        "NEEDLEPOINT_DATABASE_URL is missing: set it in the environment,"
        f" or write it into the file {bare}/needlepoint_database_url."
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NEEDLEPOINT_DATABASE_URL", SECRET),
        ("NEEDLEPOINT_DATABASE_URL", f"mysql://booking:{SECRET}@db/booking"),
        ("NEEDLEPOINT_PORT", SECRET),
        ("NEEDLEPOINT_TRUSTED_PROXIES", f'["{SECRET}"]'),
    ],
)
def test_what_is_wrong_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(UnusableSettings) as refused:
        read(ServiceSettings)

    assert name in str(refused.value)
    assert SECRET not in str(refused.value)


def test_what_should_be_json_and_is_not_is_named_by_its_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEEDLEPOINT_PEER_URLS", SECRET)

    with pytest.raises(UnusableSettings) as refused:
        read(ServiceSettings)

    assert "peer_urls" in str(refused.value)
    assert SECRET not in str(refused.value)


def test_everything_that_is_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEEDLEPOINT_PORT", "99999")

    with pytest.raises(UnusableSettings) as refused:
        read(ServiceSettings)

    assert len(str(refused.value).splitlines()) == 2


def test_a_secret_may_come_as_a_file(bare: Path) -> None:
    (bare / "needlepoint_database_url").write_text("postgresql://booking:a%2Fb@db:5433/booking\n")

    settings = read(ServiceSettings)

    assert settings.database_url.get_secret_value() == "postgresql+asyncpg://booking:a%2Fb@db:5433/booking"


def test_an_address_of_a_socket_stays_what_it_is() -> None:
    url = "postgresql+asyncpg://booking@/booking?host=/data/run"

    settings = ServiceSettings(database_url=SecretStr(url))

    assert make_url(settings.database_url.get_secret_value()) == make_url(url)


def test_what_is_given_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEEDLEPOINT_DATABASE_URL", "postgresql://booking@db/booking")
    monkeypatch.setenv("NEEDLEPOINT_PORT", "8001")

    assert read(ServiceSettings, port=8002).port == 8002
