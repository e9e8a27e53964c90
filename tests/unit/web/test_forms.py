"""A refused form comes back with what was entered and what was wrong, and keeps its key."""

import pytest

from web.errors import ApiProblem
from web.forms import SENT_BEFORE, Entered, key_of


def refusal(*errors: tuple[str, str], status: int = 422, code: str = "invalid_request") -> ApiProblem:
    told = [{"field": f"body.{field}", "message": message} for field, message in errors]
    return ApiProblem(status, code, "The request is not valid.", {"errors": told} if told else {})


def a_form(**values: str) -> Entered:
    return Entered.blank(**values)


def test_a_services_refusal_stands_at_the_field_it_is_about() -> None:
    form = a_form(born="1890-01-01", email="x")

    form.refuse(refusal(("birth_date", "too long ago"), ("email", "no address")), birth_date="born")

    assert dict(form.errors) == {"born": "Too long ago.", "email": "No address."}
    assert form.refused == ""


def test_a_refusal_of_the_whole_stands_above_the_form() -> None:
    form = a_form(price="10")

    form.refuse(ApiProblem(409, "more_than_due", "This is more than what is still owed."))

    assert form.refused == "This is more than what is still owed."
    assert not form.is_fine


def test_a_field_that_the_form_does_not_have_is_named() -> None:
    form = a_form(price="10")

    form.refuse(refusal(("location_id", "unknown")))

    assert form.refused == "Location: Unknown."


def test_a_key_that_was_used_for_other_values_says_what_happened() -> None:
    form = a_form()

    form.refuse(ApiProblem(422, "key_reused", "This Idempotency-Key was used before."))

    assert form.refused == SENT_BEFORE


@pytest.mark.parametrize("status", [401, 403, 404, 503])
def test_what_no_field_can_mend_is_raised_on(status: int) -> None:
    with pytest.raises(ApiProblem):
        a_form().refuse(ApiProblem(status, "other", "Something else."))


def test_a_field_that_is_fine_has_no_error() -> None:
    assert a_form().errors["anything"] == ""


@pytest.mark.parametrize("key", [None, "", "short", "\u00e9 is no header", "a\r\nb: c" * 3, "a" * 256])
def test_a_key_that_can_not_be_sent_on_is_replaced_and_does_not_break_the_form(key: str | None) -> None:
    made = key_of(key)

    assert made != key
    assert key_of(made) == made
