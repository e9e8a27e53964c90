import pytest

from web.csrf import is_from_here, token_for

HERE = {"host": "needlepoint.example"}


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"origin": "https://needlepoint.example"},
        {"sec-fetch-site": "same-origin", "origin": "null"},
    ],
)
def test_our_own_pages_may_change_things(headers: dict[str, str]) -> None:
    assert is_from_here(HERE | headers)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": "https://needlepoint.example.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "https://needlepoint.example"},
        {"sec-fetch-site": "none", "origin": "https://needlepoint.example"},
    ],
)
def test_nobody_else_may(headers: dict[str, str]) -> None:
    assert not is_from_here(HERE | headers)


def test_without_a_host_nothing_is_from_here() -> None:
    assert not is_from_here({"origin": "https://"})


def test_a_form_token_belongs_to_one_session_and_one_secret() -> None:
    token = token_for("session", secret="a" * 32)

    assert token == token_for("session", secret="a" * 32)
    assert token != token_for("another session", secret="a" * 32)
    assert token != token_for("session", secret="b" * 32)
