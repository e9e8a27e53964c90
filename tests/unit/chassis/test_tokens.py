"""A token is believed only if everything about it is right."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.clock import new_id
from chassis.errors import Unauthenticated, Unavailable
from chassis.tokens import KEYS_SECONDS, TOKEN_SECONDS, TOKEN_TYPE, KeyRing, claims_for
from tests.support.tokens import TestSigner, a_member_of_staff

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


async def test_a_fresh_token_says_who_asks_and_where() -> None:
    signer, place = TestSigner(), new_id()
    someone = a_member_of_staff("front_desk", at=place)

    caller = await KeyRing(signer.keys).verify(signer.token(someone, now=NOW), now=NOW)

    assert caller == someone
    assert caller.places(frozenset({"front_desk"})) == frozenset({place})
    assert caller.places(frozenset({"finance"})) == frozenset()


async def test_all_who_come_while_the_keys_are_fetched_wait_for_them() -> None:
    signer, asked = TestSigner(), []

    async def slowly() -> Mapping[str, Any]:
        asked.append(1)
        await asyncio.sleep(0)
        return await signer.keys()

    ring, someone = KeyRing(slowly), a_member_of_staff("owner")
    tokens = [signer.token(someone, now=NOW) for _ in range(3)]

    callers = await asyncio.gather(*(ring.verify(token, now=NOW) for token in tokens))

    assert (callers, len(asked)) == ([someone] * 3, 1)


async def test_keys_that_could_not_be_fetched_are_asked_for_again_at_once() -> None:
    signer, failures = TestSigner(), [Unavailable()]

    async def at_the_second_time() -> Mapping[str, Any]:
        if failures:
            raise failures.pop()
        return await signer.keys()

    ring, someone = KeyRing(at_the_second_time), a_member_of_staff("owner")
    token = signer.token(someone, now=NOW)
    with pytest.raises(Unavailable):
        await ring.verify(token, now=NOW)

    assert await ring.verify(token, now=NOW) == someone


class Publisher:
    """Identity as a ring sees it: what it publishes can be withdrawn, and it may be away."""

    def __init__(self, signer: TestSigner) -> None:
        self._signer = signer
        self.is_withdrawn = False
        self.is_away = False

    async def keys(self) -> Mapping[str, Any]:
        if self.is_away:
            raise Unavailable
        return {"keys": []} if self.is_withdrawn else await self._signer.keys()


async def test_a_key_that_was_withdrawn_is_of_no_use_to_a_process_that_lives_long() -> None:
    signer, someone, later = TestSigner(), a_member_of_staff("owner"), NOW + timedelta(seconds=KEYS_SECONDS)
    identity = Publisher(signer)
    ring = KeyRing(identity.keys)
    await ring.verify(signer.token(someone, now=NOW), now=NOW)

    identity.is_withdrawn = True

    with pytest.raises(Unauthenticated):
        await ring.verify(signer.token(someone, now=later), now=later)


async def test_while_identity_is_away_known_keys_go_on_being_good_until_it_is_back() -> None:
    signer, someone, later = TestSigner(), a_member_of_staff("owner"), NOW + timedelta(seconds=KEYS_SECONDS)
    identity = Publisher(signer)
    ring = KeyRing(identity.keys)
    await ring.verify(signer.token(someone, now=NOW), now=NOW)

    identity.is_away = True
    assert await ring.verify(signer.token(someone, now=later), now=later) == someone

    identity.is_away, identity.is_withdrawn = False, True
    back = later + timedelta(seconds=10)
    with pytest.raises(Unauthenticated):
        await ring.verify(signer.token(someone, now=back), now=back)


@pytest.mark.parametrize("later", [timedelta(seconds=TOKEN_SECONDS), timedelta(days=1), timedelta(minutes=-1)])
async def test_a_token_outside_its_time_is_refused(later: timedelta) -> None:
    signer = TestSigner()
    token = signer.token(a_member_of_staff("owner"), now=NOW)

    with pytest.raises(Unauthenticated):
        await KeyRing(signer.keys).verify(token, now=NOW + later)


def without(claim: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda claims: {name: value for name, value in claims.items() if name != claim}


def with_(**changed: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda claims: claims | changed


@pytest.mark.parametrize(
    "change",
    [
        with_(iss="other"),
        with_(aud="other"),
        without("exp"),
        without("grants"),
        with_(sub="nobody"),
        with_(grants={"owner": ["x"]}),
    ],
)
async def test_a_token_with_wrong_claims_is_refused(change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    signer = TestSigner()
    claims = change(claims_for(a_member_of_staff("owner"), now=NOW, token_id=new_id()))

    with pytest.raises(Unauthenticated):
        await KeyRing(signer.keys).verify(signer.sign(claims), now=NOW)


async def test_a_token_of_another_key_kind_or_algorithm_is_refused() -> None:
    signer = TestSigner()
    claims = claims_for(a_member_of_staff("owner"), now=NOW, token_id=new_id())
    forged = jwt.encode(claims, Ed25519PrivateKey.generate(), "EdDSA", {"kid": "test", "typ": TOKEN_TYPE})
    symmetric = jwt.encode(claims, "k" * 64, "HS256", {"kid": "test", "typ": TOKEN_TYPE})
    unsigned = jwt.encode(claims, "", "none", {"kid": "test", "typ": TOKEN_TYPE})
    identity_token = signer.sign(claims, typ="JWT")

    for token in (forged, symmetric, unsigned, identity_token, "", "a.b.c"):
        with pytest.raises(Unauthenticated):
            await KeyRing(signer.keys).verify(token, now=NOW)


async def test_a_storm_of_unknown_keys_does_not_become_a_storm_at_identity() -> None:
    signer, asked = TestSigner(), []

    async def counting() -> Any:
        asked.append(1)
        return await signer.keys()

    ring = KeyRing(counting)
    for _ in range(20):
        with pytest.raises(Unauthenticated):
            await ring.verify(signer.sign({}, kid="unknown"), now=NOW)

    assert len(asked) == 1
