"""Points at which the power is cut: each is cut by a test, and none does anything by itself."""

import ast
import os
import subprocess
import sys

from tests.architecture.house import modules
from tests.support.crashing import VARIABLE
from tests.system.processes.test_crash_points import CUTS


def test_each_point_of_the_code_is_cut_by_a_test() -> None:
    calls = [node for module in modules() for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    points = {ast.literal_eval(call.args[0]) for call in calls if ast.unparse(call.func) == "crash_point"}

    assert points == {point for point, _ in CUTS}


def test_a_release_start_can_not_be_told_to_crash() -> None:
    source = "from chassis.crash import crash_point; crash_point('relay.read')"

    ended = subprocess.run([sys.executable, "-c", source], env={**os.environ, VARIABLE: "relay.read"}, check=False)

    assert ended.returncode == 0
