from pathlib import Path

import pytest

from tests.unit.docs.names import ROOT, strangers

PAGES = (
    "ARCHITECTURE.md",
    "README.md",
    "deploy/README.md",
    *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").glob("[a-z]*.md"))),
    *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs" / "runbooks").glob("*.md"))),
)


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_is_there(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")

    assert list(strangers(text, page=page)) == []


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "live.py").write_text(
        "SECONDS = 1\nclass Live:\n    def hear(self): ...\nasync def tell(): ...\n"
    )
    (tmp_path / "web" / "live.js").write_text("export function live(place) {}\n")
    return tmp_path


@pytest.mark.parametrize(
    "page",
    [
        "`web/gone.py` does it",
        "`gone/live.py` is [here](gone/live.py)",
        "`web/live.py` `Live.see`",
        "`web/live.py` `tell`, `whisper`",
        "`web/live.py`\n`MINUTES`",
        "`web/live.js` `dead`",
        "`booking.session-forgotten`",
    ],
)
def test_a_stranger_is_seen(house: Path, page: str) -> None:
    assert len(list(strangers(page, root=house))) == 1


@pytest.mark.parametrize(
    "page",
    [
        "`web/live.py` `Live.hear`, `tell()`, `SECONDS`; [the page](web/live.py)",
        "`web/live.js` `live` and then `version`, which is a word of the form",
        "`booking.session-completed`",
        "`POST /appointments/{id}/complete`",
        "`/api/booking/openapi.json`, or any `usecases.py`",
        "```\nweb/gone.py\n```",
    ],
)
def test_what_is_there_is_no_stranger(house: Path, page: str) -> None:
    assert list(strangers(page, root=house)) == []
