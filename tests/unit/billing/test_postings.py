"""Each posting rule balances per legal entity, and is the worked example of the domain rules (FN-02, FN-06, FN-34)."""

from collections import Counter
from datetime import date
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from contracts.values import AppointmentId, LegalEntityId, LocationId, Money, PackageId, PaymentId, PaymentMethod
from services.billing.ledger import postings
from services.billing.ledger.chart import AccountCode
from services.billing.ledger.postings import Line, Place, Posting, Redemption

TODAY = date(2026, 11, 21)
A, B = (Place(LegalEntityId(uuid4()), LocationId(uuid4())) for _ in range(2))
AMOUNTS = st.integers(1, 10**8)


def a_redemption(minor: int, *, sold_at: Place, performed_at: Place) -> Posting:
    amount = Money(minor=minor)
    return postings.session_redemption(
        Redemption(AppointmentId(uuid4()), amount, sold_at=sold_at, performed_at=performed_at, performed_on=TODAY)
    )


def unbalanced(posting: Posting) -> dict[LegalEntityId, int]:
    sums: Counter[LegalEntityId] = Counter()
    for line in posting.lines:
        sums[line.place.entity] += line.minor
    return {entity: total for entity, total in sums.items() if total}


def test_a_sale_is_deferred_whatever_it_was_paid_with() -> None:
    tenders = [(PaymentMethod.CASH, Money(minor=50_000)), (PaymentMethod.CARD_TERMINAL, Money(minor=100_000))]

    sale = postings.package_sale(PackageId(uuid4()), A, tenders, on=TODAY)

    assert sale.lines == (
        Line(A, AccountCode.CASH, 50_000),
        Line(A, AccountCode.CLEARING, 100_000),
        Line(A, AccountCode.DEFERRED_REVENUE, -150_000),
    )


def test_a_session_of_the_selling_entity_is_earned_without_any_due() -> None:
    elsewhere = Place(A.entity, LocationId(uuid4()))

    redeemed = a_redemption(50_000, sold_at=A, performed_at=elsewhere)

    assert redeemed.lines == (
        Line(A, AccountCode.DEFERRED_REVENUE, 50_000),
        Line(elsewhere, AccountCode.SERVICE_REVENUE, -50_000),
    )


def test_a_session_of_another_entity_leaves_the_two_owing_each_other() -> None:
    redeemed = a_redemption(50_000, sold_at=A, performed_at=B)

    assert redeemed.lines == (
        Line(A, AccountCode.DEFERRED_REVENUE, 50_000),
        Line(A, AccountCode.DUE_TO, -50_000, counterparty=B.entity),
        Line(B, AccountCode.DUE_FROM, 50_000, counterparty=A.entity),
        Line(B, AccountCode.SERVICE_REVENUE, -50_000),
    )


@given(AMOUNTS, AMOUNTS, st.sampled_from([A, B]))
def test_every_rule_balances_per_entity(one: int, other: int, performed_at: Place) -> None:
    tenders = [(PaymentMethod.CASH, Money(minor=one)), (PaymentMethod.CARD_TERMINAL, Money(minor=other))]
    posted = [
        postings.package_sale(PackageId(uuid4()), A, tenders, on=TODAY),
        a_redemption(one, sold_at=A, performed_at=performed_at),
        postings.session_invoice(AppointmentId(uuid4()), A, Money(minor=one), on=TODAY),
        postings.invoice_payment(PaymentId(uuid4()), A, tenders[0], on=TODAY),
    ]

    assert [unbalanced(each) for each in posted] == [{}, {}, {}, {}]
    assert all(len(each.lines) >= 2 for each in posted)


def test_a_unit_that_cost_nothing_moves_no_money() -> None:
    assert not a_redemption(0, sold_at=A, performed_at=B).moves_money
