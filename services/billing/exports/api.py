"""HTTP door to files: the same lists as on the pages, whole, for a spreadsheet."""

from typing import Annotated

from fastapi import Query

from chassis.auth import Scope, require
from chassis.errors import NotFound
from chassis.export import CSVResponse, csv_file
from chassis.http import Db, Now, refuses, router
from contracts.identity import MONEY
from services.billing.exports import queries
from services.billing.invoices.api import InvoiceFilter
from services.billing.ledger.api import JournalFilter
from services.billing.ledger.queries import journal_file
from services.billing.packages.api import PackageFilter

api = router("/exports", tag="files")
Auditing = Annotated[Scope, require(*MONEY)]


@api.get("/packages.csv", response_class=CSVResponse, responses=refuses(NotFound))
async def packages_file(asked: Annotated[PackageFilter, Query()], db: Db, clock: Now, scope: Auditing) -> CSVResponse:
    """The packages of this filter, oldest first."""
    return csv_file(db, asked.narrow(queries.packages(), scope, now=clock.now()), name="packages")


@api.get("/invoices.csv", response_class=CSVResponse, responses=refuses(NotFound))
async def invoices_file(asked: Annotated[InvoiceFilter, Query()], db: Db, scope: Auditing) -> CSVResponse:
    """The invoices of this filter, oldest first."""
    return csv_file(db, asked.narrow(queries.invoices(), scope), name="invoices")


@api.get("/journal.csv", response_class=CSVResponse, responses=refuses(NotFound))
async def journal_lines_file(asked: Annotated[JournalFilter, Query()], db: Db, scope: Auditing) -> CSVResponse:
    """The lines of this filter, in the order in which they were written."""
    if asked.location_id:
        scope.must_cover(asked.location_id)
    return csv_file(db, journal_file(scope, asked.filter), name="journal")
