"""What the key-encryption key does: seals private keys (AES-256-GCM) and makes fingerprints (HMAC-SHA256)."""

import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chassis.errors import Unavailable

_NONCE_BYTES = 12
_KEY_BYTES = 32


class SealedByAnother(Unavailable):
    """The signing keys were sealed with a key-encryption key that is not in the settings. Put the old one back."""


class Vault:
    """One secret, and from it one key for each purpose; earlier secrets still open what they sealed."""

    def __init__(self, secret: str, before: tuple[str, ...] = ()) -> None:
        self._ciphers = [AESGCM(_derived(each, "seal")) for each in (secret, *before)]
        self._fingerprints = _derived(secret, "fingerprint")
        self.hash_key = _derived(secret, "stored answers")
        """Keys the stored hash of requests that hold a password."""

    def seal(self, plain: bytes, *, about: bytes) -> bytes:
        """Encrypt; only the same `about` opens it again, so that a sealed text can't stand in for another."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._ciphers[0].encrypt(nonce, plain, about)

    def open(self, sealed: bytes, *, about: bytes) -> bytes:
        """What was sealed; `SealedByAnother` when none of our secrets opens it."""
        nonce, text = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(nonce, text, about)
            except (InvalidTag, ValueError):  # the latter for a text too short to hold a nonce and a tag
                continue
        raise SealedByAnother

    def fingerprint(self, kind: str, value: str) -> bytes:
        """The same for the same value, and of no use to whoever has only the database."""
        return hmac.digest(self._fingerprints, f"{kind}\n{value}".encode(), "sha256")


def _derived(secret: str, purpose: str) -> bytes:
    info = f"needlepoint identity: {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=info).derive(secret.encode())
