from datetime import timedelta

import pytest

from chassis.clock import ManualClock, new_id
from contracts.values import StaffId
from services.identity.sessions.model import IDLE, LIFE, Session, SessionEnded, hash_of, new_secret
from tests.support.house import NOON

SECOND = timedelta(seconds=1)


def a_session(clock: ManualClock) -> Session:
    return Session.opened(new_secret(), staff_id=StaffId(new_id()), credential_version=1, at=clock.now())


def test_a_session_lasts_half_an_hour_from_the_last_time_it_was_used() -> None:
    clock = ManualClock(NOON)
    session = a_session(clock)

    clock.advance(IDLE - SECOND)
    session.refresh(credential_version=1, at=clock.now())
    clock.advance(IDLE - SECOND)
    session.refresh(credential_version=1, at=clock.now())
    clock.advance(IDLE)

    with pytest.raises(SessionEnded):
        session.refresh(credential_version=1, at=clock.now())


def test_a_session_ends_after_twelve_hours_however_busy_it_is() -> None:
    clock = ManualClock(NOON)
    session = a_session(clock)

    while clock.now() + timedelta(minutes=20) < NOON + LIFE:
        clock.advance(timedelta(minutes=20))
        session.refresh(credential_version=1, at=clock.now())

    assert session.expires_at == NOON + LIFE
    clock.set(NOON + LIFE)
    with pytest.raises(SessionEnded):
        session.refresh(credential_version=1, at=clock.now())


def test_a_session_ends_with_the_credentials_it_was_opened_with() -> None:
    session = a_session(ManualClock(NOON))

    with pytest.raises(SessionEnded):
        session.refresh(credential_version=2, at=NOON)


def test_a_session_that_was_signed_out_does_not_go_on() -> None:
    session = a_session(ManualClock(NOON))

    session.end(at=NOON)
    session.end(at=NOON + SECOND)

    assert session.ended_at == NOON
    with pytest.raises(SessionEnded):
        session.refresh(credential_version=1, at=NOON + SECOND)


def test_a_clock_that_steps_back_takes_nothing_away() -> None:
    session = a_session(ManualClock(NOON))

    session.refresh(credential_version=1, at=NOON - timedelta(minutes=5))

    assert session.expires_at == NOON + IDLE


def test_a_secret_has_256_bits_and_only_its_hash_is_kept() -> None:
    secret = new_secret()
    session = Session.opened(secret, staff_id=StaffId(new_id()), credential_version=1, at=NOON)

    assert len(secret) == 43
    assert secret != new_secret()
    assert session.secret_hash == hash_of(secret)
    assert secret.encode() not in session.secret_hash
