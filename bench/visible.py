"""Row `visible`: from the request that completes a visit to the commit of its money, its stock and its messages.

Once inside one process, as `make up` runs it; once with booking as an api and a worker, and a worker for each of
those who follow, over a real Kafka.
"""

from collections.abc import Sequence

from bench.brokers import broker
from bench.caller import Caller
from bench.clinics import open_clinics
from bench.completing import DESKS, Chain, prepared
from bench.finding import Finding, Kind, Series, Target, Unit
from bench.ground import Ground, ground
from bench.row import Bench, Row, percentile
from bench.site import whole
from chassis.bus.kafka import KafkaSettings
from cli.topics import wanted

FOLLOWERS = ("billing", "inventory", "notifications", "audit")


async def measure(bench: Bench) -> Sequence[Finding]:
    found = await _measured(bench, await _inside_one_process(bench), "in one process")
    settings = await broker(bench, [topic.name for topic in wanted()])
    if settings is None:
        return found
    chain = await _over_kafka(ground(bench, track_commit_timestamp="on"), settings)
    return [*found, *await _measured(bench, chain, "over Kafka")]


ROW = Row("visible", measure)


async def _measured(bench: Bench, chain: Chain, where: str) -> list[Finding]:
    bench.tell(f"completing visits {where}")
    await chain.at_a_pace(bench.sized(2, 20, 60))  # nobody has asked these processes for anything yet
    at_a_pace = [await chain.at_a_pace(bench.sized(5, 60, 200)) for _ in range(bench.rounds)]
    at_once = [await chain.at_once(bench.sized(5, 300, 1_000)) for _ in range(bench.rounds)]
    what = f"money, stock and messages visible {where}, 20 sessions a second"
    return [
        _finding(f"{what}: median", at_a_pace, per_cent=50, most=15),
        _finding("the same: 99th of 100", at_a_pace, per_cent=99, most=100),
        Finding(
            what=f"sessions completed by {DESKS} desks {where}, until the last effect is visible",
            ours=Series(unit=Unit.PER_SECOND, rounds=tuple(at_once)),
            target=Target(kind=Kind.FIGURE, least=800),
        ),
    ]


def _finding(what: str, rounds: Sequence[Sequence[float]], *, per_cent: float, most: float) -> Finding:
    found = tuple(percentile(each, per_cent) for each in rounds)
    return Finding(
        what=what, ours=Series(unit=Unit.MILLISECONDS, rounds=found), target=Target(kind=Kind.FIGURE, most=most)
    )


async def _inside_one_process(bench: Bench) -> Chain:
    stands = await whole(bench, notes_commits=True)
    bench.tell("opening the clinic")
    [clinic] = await open_clinics(stands.database("booking"), 1, patients=bench.sized(10, 200, 1_000))
    databases = {name: await stands.bare(name) for name in ("booking", *FOLLOWERS)}
    await prepared(clinic, databases, billing=stands.database("billing"), inventory=stands.database("inventory"))

    async def desk() -> Caller:
        return await Caller.to(f"{stands.url}/api/booking", authorization=f"Bearer {await stands.token()}")

    return Chain(clinic, databases, desk)


async def _over_kafka(stands: Ground, settings: KafkaSettings) -> Chain:
    bench = stands.bench
    services = {name: await stands.migrated(name) for name in ("booking", *FOLLOWERS)}
    bench.tell("opening the clinic")
    [clinic] = await open_clinics(stands.database(services["booking"]), 1, patients=bench.sized(10, 200, 1_000))
    api = await stands.served(services["booking"])
    for service in services.values():
        await stands.served(service, "worker", kafka=settings)
    databases = {name: await stands.bare(service) for name, service in services.items()}
    billing, inventory = (stands.database(services[name]) for name in ("billing", "inventory"))
    await prepared(clinic, databases, billing=billing, inventory=inventory)

    async def desk() -> Caller:
        return await Caller.to(api.url, authorization=f"Bearer {stands.token('practitioner')}")

    return Chain(clinic, databases, desk)
