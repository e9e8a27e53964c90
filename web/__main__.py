"""The front end as a process of its own: `python -m web`. Open pages stay up to date by listening to the facts."""

import asyncio
import sys
from functools import partial

from chassis import log
from chassis.bus.kafka import KafkaSettings
from chassis.bus.onlooking import Onlooker
from chassis.process import options, run
from chassis.server import serving
from chassis.settings import UnusableSettings, read
from web import app as web
from web.health import Health
from web.live import Live
from web.settings import WebSettings


def main() -> None:
    """Run the front end until it is told to stop."""
    given = vars(options().parse_args())
    try:
        settings, kafka = read(WebSettings, **given), read(KafkaSettings)
        log.configure(level=settings.log_level, file=sys.stdout)
        run(_run(settings, kafka))
    except UnusableSettings as error:
        sys.exit(str(error))


async def _run(settings: WebSettings, kafka: KafkaSettings) -> None:
    live = Live()
    pages = web.create(settings, live=live)
    onlooker = Onlooker(kafka, hear=partial(web.hear, pages))
    app = Health(pages, pulses=[onlooker.pulse], metrics_token=settings.metrics_token)
    async with serving(app, settings, name="web", role="api") as told:
        listening = asyncio.create_task(onlooker.run())
        listening.add_done_callback(lambda _: told.set())
        await told.wait()
        live.close()  # browsers come back by themselves, to whoever answers then
        onlooker.stop()
        await listening
    await web.close(pages)


if __name__ == "__main__":
    main()
