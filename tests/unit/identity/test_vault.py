import pytest

from services.identity.vault import SealedByAnother, Vault

OLD, NEW = "an old key-encryption key, long enough", "a new key-encryption key, long enough"


def test_what_was_sealed_opens_again_and_looks_like_nothing() -> None:
    vault = Vault(OLD)

    sealed = vault.seal(b"private", about=b"kid-1")

    assert b"private" not in sealed
    assert vault.open(sealed, about=b"kid-1") == b"private"
    assert sealed != vault.seal(b"private", about=b"kid-1")


def test_one_sealed_text_can_not_stand_in_for_another() -> None:
    vault = Vault(OLD)
    sealed = vault.seal(b"private", about=b"kid-1")

    with pytest.raises(SealedByAnother):
        vault.open(sealed, about=b"kid-2")


@pytest.mark.parametrize("spoiled", [b"", b"short", b"x" * 60])
def test_a_spoiled_text_does_not_open(spoiled: bytes) -> None:
    with pytest.raises(SealedByAnother):
        Vault(OLD).open(spoiled, about=b"kid-1")


def test_an_earlier_secret_still_opens_and_a_foreign_one_does_not() -> None:
    sealed = Vault(OLD).seal(b"private", about=b"kid-1")

    assert Vault(NEW, (OLD,)).open(sealed, about=b"kid-1") == b"private"
    with pytest.raises(SealedByAnother):
        Vault(NEW).open(sealed, about=b"kid-1")


def test_a_fingerprint_is_the_same_for_the_same_and_tells_nothing_without_the_secret() -> None:
    vault = Vault(OLD)

    assert vault.fingerprint("address", "203.0.113.7") == Vault(OLD).fingerprint("address", "203.0.113.7")
    assert vault.fingerprint("address", "203.0.113.7") != vault.fingerprint("account", "203.0.113.7")
    assert vault.fingerprint("address", "203.0.113.7") != Vault(NEW).fingerprint("address", "203.0.113.7")
