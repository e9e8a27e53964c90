from chassis.health import FAILS_SECONDS, STUCK_SECONDS, Pulse


class Stopwatch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_loop_that_no_longer_beats_is_stuck() -> None:
    time = Stopwatch()
    pulse = Pulse("relay", monotonic=time)

    time.seconds = STUCK_SECONDS + 1

    assert pulse.is_stuck


def test_a_timer_that_runs_every_hour_is_not_stuck_while_it_rests() -> None:
    time = Stopwatch()
    pulse = Pulse("timer forget_old", rests_seconds=3600, monotonic=time)

    time.seconds = 3600 + STUCK_SECONDS - 1

    assert not pulse.is_stuck


def test_a_timer_that_missed_its_hour_is_stuck() -> None:
    time = Stopwatch()
    pulse = Pulse("timer forget_old", rests_seconds=3600, monotonic=time)

    time.seconds = 3600 + STUCK_SECONDS + 1

    assert pulse.is_stuck


def test_a_failed_run_is_no_beat() -> None:
    time = Stopwatch()
    pulse = Pulse("relay", monotonic=time)
    time.seconds = STUCK_SECONDS - 1

    pulse.failed(ValueError())
    time.seconds = STUCK_SECONDS + 1

    assert pulse.is_stuck


def test_failures_that_last_are_told_long_before_a_minute() -> None:
    time = Stopwatch()
    pulse = Pulse("relay", monotonic=time)

    pulse.failed(ConnectionError())
    one_failure = pulse.is_stuck
    time.seconds = FAILS_SECONDS + 1
    pulse.failed(ConnectionError())

    assert (one_failure, pulse.is_stuck) == (False, True)


def test_one_failure_between_two_long_rests_is_a_hiccup() -> None:
    time = Stopwatch()
    pulse = Pulse("timer forget_old", rests_seconds=3600, monotonic=time)

    pulse.failed(ConnectionError())
    time.seconds = FAILS_SECONDS + 1

    assert not pulse.is_stuck


def test_a_beat_after_failures_makes_it_well_again() -> None:
    time = Stopwatch()
    pulse = Pulse("relay", monotonic=time)
    pulse.failed(ConnectionError())
    time.seconds = FAILS_SECONDS + 1
    pulse.failed(ConnectionError())

    pulse.beat()

    assert not pulse.is_stuck


def test_what_waits_to_begin_is_not_well_until_it_has_begun() -> None:
    pulse = Pulse("start", monotonic=Stopwatch())

    pulse.waits()
    before = pulse.is_stuck
    pulse.beat()

    assert (before, pulse.is_stuck) == (True, False)
