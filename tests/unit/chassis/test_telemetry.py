"""Counters that alerts are made of."""

from prometheus_client import REGISTRY

from chassis import telemetry


def test_trouble_is_counted_from_zero_so_that_the_first_time_is_seen() -> None:
    telemetry.listens("weather")
    telemetry.keeps("weather", "look_up")

    for trouble in ("consumer_retries", "consumer_rebalances", "listener_rebuilds"):
        assert REGISTRY.get_sample_value(f"needlepoint_{trouble}_total", {"service": "weather"}) == 0
    failed = {"service": "weather", "timer": "look_up", "outcome": "failed"}
    assert REGISTRY.get_sample_value("needlepoint_timer_runs_total", failed) == 0
