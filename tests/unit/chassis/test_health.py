from chassis.health import STUCK_SECONDS, Pulse


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
