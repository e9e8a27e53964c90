import httpx
from pydantic import SecretStr
from starlette.responses import PlainTextResponse

from chassis.health import STUCK_SECONDS, Pulse
from web.health import Health

TOKEN = "a token for whoever watches"


def pages_with_health(*pulses: Pulse, token: str | None = None) -> httpx.AsyncClient:
    app = Health(PlainTextResponse("a page"), pulses=pulses, metrics_token=SecretStr(token) if token else None)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app, client=("198.51.100.7", 1)), base_url="http://web")


async def test_pages_are_answered_behind_health() -> None:
    client = pages_with_health()

    answers = [(await client.get(path)).text for path in ("/", "/live/midtown")]

    assert answers == ["a page", "a page"]


async def test_a_stuck_onlooker_is_named() -> None:
    pulse = Pulse("onlooker")
    client = pages_with_health(pulse)

    well = await client.get("/ready")
    pulse.last_beat -= STUCK_SECONDS + 1
    stuck = await client.get("/ready")

    assert (well.status_code, well.json()["loops"]) == (200, ["onlooker"])
    assert (stuck.status_code, stuck.json()["stuck"]) == (503, ["onlooker"])
    assert (await client.get("/live")).status_code == 200


async def test_metrics_are_for_this_machine_or_for_whoever_brings_the_token() -> None:
    bearer = {"authorization": f"Bearer {TOKEN}"}

    stranger = await pages_with_health().get("/metrics")
    wrong = await pages_with_health(token=TOKEN).get("/metrics", headers={"authorization": "Bearer another"})
    right = await pages_with_health(token=TOKEN).get("/metrics", headers=bearer)

    assert (stranger.status_code, wrong.status_code, right.status_code) == (403, 403, 200)
