from pathlib import Path

import pytest

from tests.architecture import words
from tests.architecture.house import AROUND, PACKAGES, ROOT, build, expect_none, modules


def test_names_say_what_is_inside() -> None:
    expect_none(words.vague_names(modules(ROOT, (*PACKAGES, *AROUND))))


def test_services_are_split_by_noun() -> None:
    expect_none(words.layers_in_services(modules()))


def test_only_the_command_line_prints() -> None:
    expect_none(words.prints(modules()))


def test_only_the_clock_knows_what_time_it_is() -> None:
    expect_none(words.clock_reads(modules()))


def test_zones_come_from_one_place() -> None:
    expect_none(words.own_zones(modules(ROOT, (*PACKAGES, *AROUND))))


@pytest.mark.parametrize(
    "source",
    [
        "from zoneinfo import ZoneInfo\nnoon = ZoneInfo('Europe/Rome')",
        "import zoneinfo\nnoon = zoneinfo.ZoneInfo('Europe/Rome')",
        "import zoneinfo\nnames = zoneinfo.available_timezones()",
    ],
)
def test_a_zone_of_the_machine_is_seen(tmp_path: Path, source: str) -> None:
    built = {"web/a.py": source, "tests/a.py": source, "web/b.py": "def at(zone: ZoneInfo) -> None: ..."}

    assert len(list(words.own_zones(build(tmp_path, built)))) == 1


def test_only_the_chassis_commits() -> None:
    expect_none(words.commits(modules()))


def test_imports_stand_at_the_top() -> None:
    expect_none(words.hidden_imports(modules(ROOT, (*PACKAGES, *AROUND))))


@pytest.mark.parametrize(
    "path", ["web/utils.py", "chassis/helpers.py", "services/booking/common/day.py", "cli/base.py"]
)
def test_a_vague_file_name_is_seen(tmp_path: Path, path: str) -> None:
    assert len(list(words.vague_names(build(tmp_path, {path: ""})))) == 1


def test_a_vague_class_name_is_seen(tmp_path: Path) -> None:
    house = build(tmp_path, {"web/day.py": "class PackageManager: ..."})

    assert list(words.vague_names(house)) == ["web/day.py:1: PackageManager does not say what it is"]


def test_a_layer_is_seen_in_a_service_only(tmp_path: Path) -> None:
    house = build(tmp_path, {"services/booking/repository.py": "", "chassis/service.py": ""})

    assert list(words.layers_in_services(house)) == [
        "services/booking/repository.py:1: repository.py is a layer, not a noun"
    ]


def test_a_print_is_seen_outside_the_command_line(tmp_path: Path) -> None:
    house = build(tmp_path, {"web/day.py": "print('here')", "cli/main.py": "print('up')"})

    assert [problem.split(":")[0] for problem in words.prints(house)] == ["web/day.py"]


@pytest.mark.parametrize("call", ["datetime.now(UTC)", "datetime.datetime.utcnow()", "date.today()", "time.time()"])
def test_a_clock_is_seen_outside_the_clock(tmp_path: Path, call: str) -> None:
    house = build(tmp_path, {"services/booking/model.py": call, "chassis/clock.py": call})

    assert [problem.split(":")[0] for problem in words.clock_reads(house)] == ["services/booking/model.py"]


@pytest.mark.parametrize("call", ["await tx.commit()", "tx.session.rollback()"])
def test_a_commit_is_seen_outside_the_chassis(tmp_path: Path, call: str) -> None:
    source = f"async def book(tx):\n    {call}\n"
    house = build(tmp_path, {"services/booking/usecases.py": source, "chassis/db.py": source})

    assert [problem.split(":")[0] for problem in words.commits(house)] == ["services/booking/usecases.py"]


def test_an_import_inside_a_function_is_seen(tmp_path: Path) -> None:
    house = build(tmp_path, {"web/day.py": "import json\ndef day():\n    from web import week\n"})

    assert list(words.hidden_imports(house)) == ["web/day.py:3: day imports inside a function"]
