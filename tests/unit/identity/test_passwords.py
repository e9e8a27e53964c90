import asyncio
import time
from collections import Counter

import pytest

from chassis.errors import Unavailable
from services.identity.staff import passwords as rules
from services.identity.staff.passwords import Passwords, PasswordUnfit, must_be_fit
from tests.support.identity import PASSWORD

EMAIL = "ada@needlepoint.example"


def cheap(*, passes: int = 1, slots: int = 2) -> Passwords:
    return Passwords(memory_kib=8, passes=passes, lanes=1, slots=slots)


@pytest.mark.parametrize("password", ["abcdefghijkl", "🔑abcdefghijk", "x1" * 62 + "yzab"])
def test_twelve_to_128_characters_are_fit(password: str) -> None:
    must_be_fit(password, email=EMAIL)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("abcdefghijk", "length"),
        ("abcdef" * 22, "length"),
        ("", "length"),
        ("aaaaaaaaaaaaaaaa", "too_uniform"),
        ("abababababababab", "too_uniform"),
        ("ADA@needlepoint.example!", "holds_email"),
        ("needlepoint.example", "holds_email"),
    ],
)
def test_other_passwords_are_refused_with_a_reason(password: str, reason: str) -> None:
    with pytest.raises(PasswordUnfit) as refused:
        must_be_fit(password, email=EMAIL)

    assert refused.value.fields["reason"] == reason


async def test_the_right_password_is_right_and_another_is_not() -> None:
    passwords = cheap()
    kept = await passwords.hash(PASSWORD, email=EMAIL)

    assert (await passwords.verify(kept, PASSWORD)).right
    assert not (await passwords.verify(kept, PASSWORD + "!")).right
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


async def test_the_same_characters_from_another_keyboard_are_the_same_password() -> None:
    passwords = cheap()
    kept = await passwords.hash("café au lait, deux", email=EMAIL)

    assert (await passwords.verify(kept, "cafe\u0301 au lait, deux")).right


async def test_a_hash_made_with_other_parameters_is_made_anew() -> None:
    kept = await cheap(passes=1).hash(PASSWORD, email=EMAIL)
    dearer = cheap(passes=2)

    stale = await dearer.verify(kept, PASSWORD)
    fresh = await dearer.verify(stale.rehashed, PASSWORD)

    assert stale.right
    assert stale.rehashed is not None
    assert fresh == rules.Verdict(right=True, rehashed=None)


@pytest.mark.parametrize("password", [PASSWORD, "nobody has this password"])
async def test_an_unknown_person_has_no_right_password(password: str) -> None:
    assert await cheap().verify(None, password) == rules.Verdict(right=False)


async def test_an_unknown_person_costs_as_much_work_as_a_known_one() -> None:
    passwords = Passwords(memory_kib=4096, passes=4, lanes=1, slots=1)
    kept = await passwords.hash(PASSWORD, email=EMAIL)

    async def work(password_hash: str | None) -> float:
        begun = time.process_time()
        await passwords.verify(password_hash, "a wrong password")
        return time.process_time() - begun

    known = min([await work(kept) for _ in range(5)])
    unknown = min([await work(None) for _ in range(5)])

    assert 0.5 < unknown / known < 2


async def test_only_so_many_passwords_are_checked_at_a_time() -> None:
    passwords = cheap(slots=2)
    inside, most = 0, 0

    async def check() -> None:
        nonlocal inside, most
        async with passwords.slot():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(check() for _ in range(20)))

    assert most == 2


async def test_a_flood_from_one_address_does_not_fill_the_queue_for_all_others() -> None:
    passwords = cheap(slots=1)
    done = asyncio.Event()

    async def wait_as(address: str) -> str:
        try:
            async with passwords.slot(address=address):
                await done.wait()
        except Unavailable:
            return "refused"
        return "served"

    async with passwords.slot():
        flood = [asyncio.create_task(wait_as("198.51.100.9")) for _ in range(60)]
        other = asyncio.create_task(wait_as("203.0.113.7"))
        await asyncio.sleep(0)
        assert [task.done() for task in flood].count(True) == 40
        done.set()
    answers = await asyncio.gather(*flood)

    assert Counter(answers) == {"served": 20, "refused": 40}
    assert await other == "served"
    assert await wait_as("198.51.100.9") == "served"
