"""Kafka door of audit: every fact there is, recorded a batch at a time."""

from dataclasses import dataclass, field

from chassis.db import Tx
from chassis.inbox import Subscriptions, envelope_of
from contracts.catalog import heard_by
from contracts.envelope import Envelope, Fact
from services.audit.breaks import usecases as breaks
from services.audit.timeline import usecases as timeline


async def on_fact(tx: Tx, fact: Fact) -> None:
    tx.gathered(Batch).heard.append((fact, envelope_of(tx)))


SUBSCRIPTIONS: Subscriptions = dict.fromkeys(heard_by("audit"), on_fact)


@dataclass
class Batch:
    """The facts of one transaction."""

    heard: list[tuple[Fact, Envelope]] = field(default_factory=list)

    async def finish(self, tx: Tx) -> None:
        await timeline.record(tx, self.heard)
        await breaks.watch(tx, [fact for fact, _ in self.heard])
