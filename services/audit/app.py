"""The whole audit service on one page.

The timeline keeps every fact; breaks watch for four of them and look up prices in the timeline.
"""

from pathlib import Path

from chassis.service import Service
from services.audit.breaks import api as breaks
from services.audit.breaks.measures import count_open_breaks
from services.audit.consumers import SUBSCRIPTIONS
from services.audit.settings import AuditSettings
from services.audit.timeline import api as timeline
from services.audit.timers import timers


def build(settings: AuditSettings) -> Service:
    return Service(
        name="audit",
        title="Audit",
        settings=settings,
        migrations=Path(__file__).parent / "migrations",
        routers=[timeline.router, timeline.chain_router, breaks.router],
        subscriptions=SUBSCRIPTIONS,
        timers=timers(settings),
        measures=[count_open_breaks],
    )
