from pathlib import Path

from tests.architecture import shape
from tests.architecture.house import PACKAGES, ROOT, build, expect_none, modules


def test_modules_do_not_import_in_circles() -> None:
    expect_none(shape.import_cycles(modules()))


def test_no_file_is_dead() -> None:
    house, tests = modules(ROOT, (*PACKAGES, "scripts", "bench")), modules(ROOT, ("tests",))

    expect_none(shape.dead_files(house, tests=tests, scripts=shape.project_scripts(ROOT)))


def test_every_service_explains_itself_and_joins_itself() -> None:
    expect_none(shape.incomplete_services(ROOT))


def test_a_circle_is_seen_once(tmp_path: Path) -> None:
    files = {"web/a.py": "from web.b import B", "web/b.py": "from web import c", "web/c.py": "import web.a"}

    circles = list(shape.import_cycles(build(tmp_path, files)))

    assert circles == ["web.a -> web.b -> web.c -> web.a"]


def test_an_import_for_types_alone_closes_no_circle(tmp_path: Path) -> None:
    for_types = "if TYPE_CHECKING:\n    from web.b import B\n"
    files = {"web/a.py": for_types, "web/b.py": "from web.a import A"}

    assert list(shape.import_cycles(build(tmp_path, files))) == []


def test_two_that_import_a_third_are_no_circle(tmp_path: Path) -> None:
    files = {
        "web/a.py": "from web.c import C",
        "web/b.py": "from web.a import A\nfrom web.c import C",
        "web/c.py": "",
    }

    assert list(shape.import_cycles(build(tmp_path, files))) == []


def test_a_dead_file_is_seen(tmp_path: Path) -> None:
    files = {
        "cli/main.py": "from web import day\n",
        "web/day.py": 'SERVER = "web.served:build"\n',
        "web/served.py": "",
        "web/forgotten.py": "",
        "chassis/tool.py": 'if __name__ == "__main__":\n    ...\n',
        "services/booking/app.py": "",
    }

    problems = list(shape.dead_files(build(tmp_path, files), tests=[], scripts={"needlepoint": "cli.main:main"}))

    assert problems == ["web/forgotten.py:1: imported by nobody and started by nobody"]


def test_a_test_keeps_only_testing_code_alive(tmp_path: Path) -> None:
    test = "from chassis.testing import clocks\nfrom chassis import wheel\n"
    files = {"chassis/testing/clocks.py": "", "chassis/wheel.py": "", "tests/unit/test_all.py": test}
    house = build(tmp_path, files)

    problems = list(shape.dead_files(house[:-1], tests=house[-1:], scripts={}))

    assert problems == ["chassis/wheel.py:1: imported by nobody and started by nobody"]


def test_a_service_without_its_pages_is_seen(tmp_path: Path) -> None:
    build(tmp_path, {"services/booking/model.py": ""})

    problems = list(shape.incomplete_services(tmp_path))

    missing = ("README.md", "__main__.py", "app.py")
    assert problems == [f"services/booking: no {name}" for name in missing]
