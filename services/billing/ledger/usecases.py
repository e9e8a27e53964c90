"""Posting to the books."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.clock import new_id
from chassis.compiled import Statement
from chassis.db import Tx
from chassis.many import Many
from services.billing.ledger.model import Entry, Journal
from services.billing.ledger.postings import RULE_VERSION, Posting

_JOURNALS = Many(Journal, "id", "source_id", "posting_rule", "rule_version", "occurred_on", "posted_on")
_NEW_JOURNALS = Statement(
    _JOURNALS.insert().on_conflict_do_nothing(constraint="uq_journal_key").returning(_JOURNALS.table.c.id)
)
_ENTRIES = Many(
    Entry, "journal_id", "legal_entity_id", "location_id", "account", "counterparty_id", "amount", "currency"
)
_NEW_ENTRIES = Statement(_ENTRIES.insert())


async def post(tx: Tx, postings: Sequence[Posting]) -> None:
    """Write these into the books; what stands there already, by its journal key, is left as it is (FN-03)."""
    written = {new_id(): posting for posting in postings if posting.moves_money}
    if not written:
        return
    journals = [_journal(journal_id, posting) for journal_id, posting in written.items()]
    new = await _NEW_JOURNALS(tx, **_JOURNALS.of(journals))
    entries = [entry for journal in new for entry in _entries(journal.id, written[journal.id])]
    if entries:
        await _NEW_ENTRIES(tx, **_ENTRIES.of(entries))


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
