from pathlib import Path

import pytest
from starlette.datastructures import Headers

from web.assets import FOREVER, Assets


def test_a_file_under_its_present_name_is_kept_for_a_year(tmp_path: Path) -> None:
    assets = _assets(tmp_path, "css/base.css", "body {}")

    response = assets.response(assets.url("css/base.css"), Headers())

    assert (response.status_code, response.headers["cache-control"]) == (200, FOREVER)


def test_a_changed_file_has_another_name(tmp_path: Path) -> None:
    before = _assets(tmp_path, "css/base.css", "body {}").url("css/base.css")

    after = _assets(tmp_path, "css/base.css", "body { margin: 0 }").url("css/base.css")

    assert before != after


def test_an_old_name_gives_the_present_file_but_is_not_kept(tmp_path: Path) -> None:
    assets = _assets(tmp_path, "css/base.css", "body {}")

    response = assets.response("/static/0123456789ab/css/base.css", Headers())

    assert (response.status_code, response.headers["cache-control"]) == (200, "no-cache")


def test_a_file_goes_out_squeezed_to_who_can_read_that(tmp_path: Path) -> None:
    assets = _assets(tmp_path, "js/day.js", "let x = 1;" * 100)

    response = assets.response(assets.url("js/day.js"), Headers({"accept-encoding": "gzip, br"}))

    assert response.headers["content-encoding"] == "gzip"
    assert len(response.body) < 1000


@pytest.mark.parametrize("path", ["css/none.css", "../secrets.py", "icons.txt", ""])
def test_nothing_else_is_served(tmp_path: Path, path: str) -> None:
    assets = _assets(tmp_path, "css/base.css", "body {}")

    assert assets.response(f"/static/{assets.build}/{path}", Headers()).status_code == 404


def test_a_page_that_names_a_missing_file_fails_at_once(tmp_path: Path) -> None:
    with pytest.raises(LookupError):
        _assets(tmp_path, "css/base.css", "body {}").url("css/none.css")


def _assets(root: Path, name: str, content: str) -> Assets:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return Assets(root)
