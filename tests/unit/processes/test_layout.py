import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from chassis.role import Role
from chassis.service import Service
from embedded.contents import Account
from processes.layout import Layout, Surroundings, Wanted, free_ports
from services.booking import app as booking
from services.booking.settings import BookingSettings
from services.identity import app as identity
from services.identity.settings import IdentitySettings

URL = SecretStr("postgresql+asyncpg://booking@/booking?host=/run")
KEY = SecretStr("a key of booking that is long enough for it")
DOOR = "http://127.0.0.1:8000"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir()
    return tmp_path


def layout(folder: Path, wanted: Wanted) -> Layout:
    services: dict[str, Service] = {
        "identity": identity.build(
            IdentitySettings(database_url=URL, key_encryption_key=KEY, service_keys={"booking": KEY})
        ),
        "booking": booking.build(BookingSettings(database_url=URL, service_key=KEY)),
    }
    return Layout(
        services, wanted, Surroundings(folder, DOOR, "kafka:9092", [Account(email="a", password="b", label="c")])
    )


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted(), ["identity-api", "booking-api", "identity-worker", "booking-worker", "web"]),
        (Wanted(together=True), ["identity-both", "booking-both", "web"]),
        (
            Wanted(workers=2),
            [
                "identity-api",
                "booking-api",
                "identity-worker-1",
                "identity-worker-2",
                "booking-worker-1",
                "booking-worker-2",
                "web",
            ],
        ),
    ],
)
def test_processes_are_named_by_what_they_do(folder: Path, wanted: Wanted, names: list[str]) -> None:
    assert [place.name for place in layout(folder, wanted).places] == names


def test_only_those_that_answer_are_asked(folder: Path) -> None:
    found = layout(folder, Wanted(apis=2))

    answering = {place.url for place in found.places if place.service == "booking" and place.role is Role.API}
    assert (len(answering), set(found.apis["booking"])) == (2, answering)


@pytest.mark.parametrize(("apis", "asked"), [(1, "straight"), (2, "through the door")])
def test_services_ask_each_other_straight_unless_there_are_several(folder: Path, apis: int, asked: str) -> None:
    found = layout(folder, Wanted(apis=apis))

    told = next(program.environment for program in found.programs() if program.name.startswith("booking-api"))

    identity_at = json.loads(told["NEEDLEPOINT_PEER_URLS"])["identity"]
    addresses = {"straight": f"{found.apis['identity'][0]}/api/identity", "through the door": f"{DOOR}/api/identity"}
    assert identity_at == addresses[asked]


def test_secrets_are_files_of_that_service_alone_and_in_no_environment(folder: Path) -> None:
    programs = list(layout(folder, Wanted()).programs())

    assert (folder / "secrets" / "of-booking" / "needlepoint_service_key").read_text() == KEY.get_secret_value()
    assert not (folder / "secrets" / "of-booking" / "needlepoint_key_encryption_key").exists()
    keys = json.loads((folder / "secrets" / "of-identity" / "needlepoint_service_keys").read_text())
    assert keys == {"booking": KEY.get_secret_value()}
    assert (folder / "secrets" / "of-booking").stat().st_mode & 0o077 == 0
    assert KEY.get_secret_value() not in str([(program.command, program.environment) for program in programs])


def test_free_ports_are_all_different() -> None:
    assert len(set(free_ports(20))) == 20
