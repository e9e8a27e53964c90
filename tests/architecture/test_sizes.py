from pathlib import Path

from tests.architecture.house import AROUND, PACKAGES, ROOT, build, expect_none, modules
from tests.architecture.sizes import (
    depth_of,
    too_deep_nesting,
    too_long_files,
    too_long_functions,
    too_many_arguments,
)

HOUSE = modules(ROOT, (*PACKAGES, *AROUND))


def test_files_fit_a_readers_head() -> None:
    expect_none(too_long_files(HOUSE))


def test_functions_fit_a_screen() -> None:
    expect_none(too_long_functions(HOUSE))


def test_functions_take_few_arguments() -> None:
    expect_none(too_many_arguments(modules()))


def test_functions_leave_early_instead_of_nesting() -> None:
    expect_none(too_deep_nesting(HOUSE))


def test_a_file_over_its_limit_is_seen_and_tests_may_be_longer(tmp_path: Path) -> None:
    too_long, fits = "x = 1\n" * 401, "x = 1\n" * 400
    files = {"web/day.py": too_long, "web/week.py": fits, "tests/test_day.py": too_long}

    problems = list(too_long_files(build(tmp_path, files)))

    assert problems == ["web/day.py:1: 401 lines, at most 400: there are two nouns in it"]


def test_a_function_over_a_screen_is_seen(tmp_path: Path) -> None:
    long = "async def book():\n" + "    x = 1\n" * 60
    fits = "def move():\n" + "    x = 1\n" * 59

    problems = list(too_long_functions(build(tmp_path, {"web/day.py": long + fits})))

    assert problems == ["web/day.py:1: book has 61 lines, at most 60"]


def test_a_seventh_argument_is_seen_and_self_is_not_counted(tmp_path: Path) -> None:
    method = "class Day:\n def fits(self, a, b, c, *, d, e, f): ...\n"
    function = "def does_not(a, b, c, *, d, e, f, g): ...\n"

    problems = list(too_many_arguments(build(tmp_path, {"web/day.py": method + function})))

    assert problems == ["web/day.py:3: does_not takes 7 arguments, at most 6"]


def test_a_fourth_level_is_seen(tmp_path: Path) -> None:
    source = "def deep():\n with a:\n  for b in c:\n   if d:\n    while e: pass\n"

    problems = list(too_deep_nesting(build(tmp_path, {"web/day.py": source})))

    assert problems == ["web/day.py:1: deep nests 4 deep, at most 3"]


def test_elif_and_an_inner_function_are_no_deeper(tmp_path: Path) -> None:
    chain = "def chain():\n if a: pass\n elif b: pass\n elif c: pass\n else: pass\n"
    inner = "def outer():\n if a:\n  def inner():\n   if b: pass\n"

    house = build(tmp_path, {"web/day.py": chain, "web/week.py": inner})

    assert [depth_of(function) for module in house for function in module.functions] == [1, 1, 1]
