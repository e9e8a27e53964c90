"""Posting to the books."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert

from chassis.clock import new_id
from chassis.db import Tx
from services.billing.ledger.model import Entry, Journal
from services.billing.ledger.postings import RULE_VERSION, Posting


async def post(tx: Tx, postings: Sequence[Posting]) -> None:
    """Write these into the books; what stands there already, by its journal key, is left as it is (FN-03)."""
    written = {new_id(): posting for posting in postings if posting.moves_money}
    if not written:
        return
    journals = [_journal(journal_id, posting) for journal_id, posting in written.items()]
    new = await tx.scalars(
        upsert(Journal).values(journals).on_conflict_do_nothing(constraint="uq_journal_key").returning(Journal.id)
    )
    entries = [entry for journal_id in new.all() for entry in _entries(journal_id, written[journal_id])]
    if entries:
        await tx.execute(insert(Entry), entries)


def _journal(journal_id: UUID, posting: Posting) -> dict[str, Any]:
    return {
        "id": journal_id,
        "source_id": posting.source_id,
        "posting_rule": posting.rule,
        "rule_version": RULE_VERSION,
        "occurred_on": posting.occurred_on,
        "posted_on": posting.occurred_on,  # no month is closed yet, so nothing is late (FN-04)
    }


def _entries(journal_id: UUID, posting: Posting) -> list[dict[str, Any]]:
    return [
        {
            "journal_id": journal_id,
            "legal_entity_id": line.place.entity,
            "location_id": line.place.location,
            "account": line.account,
            "counterparty_id": line.counterparty,
            "amount": line.minor,
            "currency": posting.currency,
        }
        for line in posting.lines
    ]
