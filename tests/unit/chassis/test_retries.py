"""How long a partition waits before it is tried again."""

from aiokafka.structs import TopicPartition

from chassis.bus.retries import SECONDS_MAX, Retries

HERE, THERE = TopicPartition("marks", 0), TopicPartition("marks", 1)


class Stopwatch:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def retries(time: Stopwatch) -> Retries:
    """Without luck: the jitter is always the longest there is."""
    return Retries(monotonic=time, jitter=lambda shortest, longest: longest)


def test_each_failure_waits_twice_as_long_up_to_a_limit() -> None:
    time = Stopwatch()
    waits = retries(time)
    seen = []

    for _ in range(9):
        waits.failed(HERE)
        seen.append(round(waits.seconds_until_next(at_most=99), 3))
        time.seconds += seen[-1]

    assert seen == [0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, SECONDS_MAX, SECONDS_MAX]


def test_what_waits_is_due_when_its_time_has_come_and_not_before() -> None:
    time = Stopwatch()
    waits = retries(time)

    waits.failed(HERE)
    before = (list(waits.due()), waits.waiting())
    time.seconds = 0.4

    assert before == ([], [HERE])
    assert (list(waits.due()), waits.waiting()) == ([HERE], [])


def test_success_begins_anew() -> None:
    waits = retries(Stopwatch())
    for _ in range(5):
        waits.failed(HERE)

    waits.succeeded(HERE)

    assert HERE not in waits
    assert waits.failed(HERE) == 1


def test_what_is_somebody_elses_is_forgotten() -> None:
    waits = retries(Stopwatch())
    waits.failed(HERE)
    waits.failed(THERE)

    waits.keep({THERE})

    assert (HERE in waits, THERE in waits) == (False, True)


def test_however_long_a_partition_waits_the_next_poll_comes_in_time() -> None:
    waits = retries(Stopwatch())
    nothing_waits = waits.seconds_until_next(at_most=0.5)
    for _ in range(9):
        waits.failed(HERE)

    assert (nothing_waits, waits.seconds_until_next(at_most=0.5)) == (0.5, 0.5)
