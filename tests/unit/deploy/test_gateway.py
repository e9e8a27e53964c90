"""What can be seen of the gateway without starting it; `make test-docker` asks the real one."""

import re

from tests.unit.deploy.files import DEPLOY


def test_what_is_for_operators_is_refused_before_anything_is_answered() -> None:
    """Outside a `route` Caddy puts things into an order of its own, and `handle` comes before `error` there."""
    text = (DEPLOY / "gateway" / "Caddyfile").read_text("utf-8")
    _, _, routed = text.partition("\n\troute {\n")

    assert 0 <= routed.find("error @operators 404") < routed.find("import service")


def test_every_site_answers_in_the_order_in_which_it_is_written() -> None:
    """So too `respond` comes before `metrics`, which then nobody ever gets."""
    text = (DEPLOY / "gateway" / "Caddyfile").read_text("utf-8")
    [inside] = re.findall(r"^http://:8081 \{\n(.+?)^\}", text, re.MULTILINE | re.DOTALL)

    assert inside.strip().startswith("route {")
