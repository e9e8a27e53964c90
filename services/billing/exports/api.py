"""HTTP door to files: the same lists as on the pages, whole, for a spreadsheet."""

from typing import Annotated

from fastapi import Query

from chassis.auth import Scope, require
from chassis.errors import NotFound
from chassis.export import CSVResponse, csv_file
from chassis.http import Db, refuses, router
from contracts.identity import MONEY
from contracts.values import LocationId
from services.billing.exports import queries
from services.billing.invoices.model import Invoice
from services.billing.ledger.api import JournalFilter
from services.billing.ledger.queries import journal_file
from services.billing.packages.model import Package

api = router("/exports", tag="files")
Auditing = Annotated[Scope, require(*MONEY)]


@api.get("/packages.csv", response_class=CSVResponse, responses=refuses(NotFound))
async def packages_file(db: Db, scope: Auditing, location_id: LocationId | None = None) -> CSVResponse:
    """All packages, oldest first."""
    rows = queries.packages(scope)
    if location_id:
        scope.must_cover(location_id)
        rows = rows.where(Package.location_id == location_id)
    return csv_file(db, rows, name="packages")


@api.get("/invoices.csv", response_class=CSVResponse, responses=refuses(NotFound))
async def invoices_file(db: Db, scope: Auditing, location_id: LocationId | None = None) -> CSVResponse:
    """All invoices, oldest first."""
    rows = queries.invoices(scope)
    if location_id:
        scope.must_cover(location_id)
        rows = rows.where(Invoice.location_id == location_id)
    return csv_file(db, rows, name="invoices")


@api.get("/journal.csv", response_class=CSVResponse, responses=refuses(NotFound))
async def journal(asked: Annotated[JournalFilter, Query()], db: Db, scope: Auditing) -> CSVResponse:
    """All lines of the journal, in the order in which they were written."""
    if asked.location_id:
        scope.must_cover(asked.location_id)
    return csv_file(db, journal_file(scope, asked.filter), name="journal")
