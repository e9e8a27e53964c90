from datetime import timedelta

import pytest

from services.identity.keys.model import PUBLISHED_BEFORE, SigningKey
from services.identity.vault import SealedByAnother, Vault
from tests.support.house import NOON

VAULT = Vault("a key-encryption key for tests, only for tests")
SECOND = timedelta(seconds=1)


def a_key() -> SigningKey:
    return SigningKey.made(VAULT, at=NOON, activates_at=NOON)


def test_the_next_key_signs_exactly_from_when_the_old_one_stops() -> None:
    old = a_key()

    following = old.succeed(VAULT, at=NOON + timedelta(days=30))

    assert old.retires_at == following.activates_at == NOON + timedelta(days=30) + PUBLISHED_BEFORE
    assert following.is_waiting(at=following.activates_at - SECOND)
    assert not following.is_waiting(at=following.activates_at)


def test_a_wiped_key_signs_no_more() -> None:
    key = a_key()
    key.sealed_private_key = None

    with pytest.raises(SealedByAnother):
        key.private_key(VAULT)


def test_the_private_half_is_sealed_and_belongs_to_the_public_one() -> None:
    key = a_key()

    assert key.private_key(VAULT).public_key().public_bytes_raw() == key.public_key
    assert key.private_key(VAULT).private_bytes_raw() not in (key.sealed_private_key or b"")
