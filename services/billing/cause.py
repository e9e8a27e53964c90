"""Why something is done: when, and after which fact."""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from chassis.db import Tx
from chassis.inbox import following
from chassis.outbox import emit
from contracts.envelope import Envelope, Fact


@dataclass(frozen=True, slots=True)
class Cause:
    """What is done for several facts at once still names, for each of its own facts, the one that led to it."""

    at: datetime
    envelope: Envelope | None = None
    """None at an HTTP or clock door: its trail is bound already."""

    def tell(self, tx: Tx, *facts: Fact) -> None:
        with following(self.envelope) if self.envelope else nullcontext():
            emit(tx, *facts)
