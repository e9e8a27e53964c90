"""The books: where every account stands, with the proof that they balance, and the journal behind it."""

from collections.abc import Sequence
from itertools import groupby

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from contracts.identity import MONEY
from web.clients import ledger
from web.clients.ledger import Line, TrialBalance
from web.desk import AtDesk, Desk
from web.exports import csv_file, one_batch, passed_on
from web.listing import Listing, listing
from web.menu import Entry, Page, Section

router = APIRouter()

BALANCE_COLUMNS = ("Legal entity", "Number", "Account", "Debit", "Credit", "Currency")


@router.get("/l/{place}/books")
async def balance(desk: AtDesk) -> HTMLResponse:
    """The trial balance of every legal entity whose books this person keeps."""
    return desk.page("pages/books.html", books=await ledger.trial_balance(desk.api), tab="balance")


@router.get("/l/{place}/books.csv")
async def balance_file(desk: AtDesk) -> Response:
    """The trial balances as a file, a row per account."""
    books = await ledger.trial_balance(desk.api)
    rows = [
        (entity.name, account.code, account.name, account.debit, account.credit, account.debit.currency)
        for entity in books.legal_entities
        for account in entity.accounts
    ]
    return await csv_file("trial-balance", BALANCE_COLUMNS, one_batch(rows))


@router.get("/l/{place}/books/journal")
async def journal(desk: AtDesk, request: Request) -> HTMLResponse:
    """Every line, the latest first."""
    books = await ledger.trial_balance(desk.api)
    asked = _asked(desk, request, books)
    found = await ledger.journal(desk.api, sort=asked.sort, cursor=asked.cursor, **_filters(desk, asked))
    entities = {str(entity.id): entity.name for entity in books.legal_entities}
    accounts = {each.code: each.name for entity in books.legal_entities for each in entity.accounts}
    return desk.page(
        "pages/journal.html",
        tab="journal",
        asked=asked,
        found=found,
        lines=debits_first(found.items),
        entities=entities,
        here={str(place.id): place.name for place in desk.places},
        entity_choices=[("", "Every legal entity"), *entities.items()],
        account_choices=[("", "Every account"), *((code, f"{code} {accounts[code]}") for code in sorted(accounts))],
        place_choices=[("", "Every location"), *((place.code, place.name) for place in desk.places)],
    )


@router.get("/l/{place}/books/journal.csv")
async def file(desk: AtDesk, request: Request) -> Response:
    """The same lines as a file, however many there are."""
    asked = _asked(desk, request, await ledger.trial_balance(desk.api))
    answer = await desk.api.file("billing", "/exports/journal.csv", **_filters(desk, asked))
    return passed_on(answer, "journal")


def debits_first(lines: Sequence[Line]) -> list[Line]:
    """The lines of one entry as bookkeepers read them: debits above credits; the order of entries stays."""
    entries = groupby(lines, key=lambda line: line.journal_id)
    return [line for _, entry in entries for line in sorted(entry, key=lambda line: line.debit is None)]


def _asked(desk: Desk, request: Request, books: TrialBalance) -> Listing:
    return listing(
        request,
        sorts=("id", "occurred_on"),
        default="-id",
        legal_entity_id=(str(entity.id) for entity in books.legal_entities),
        account={each.code for entity in books.legal_entities for each in entity.accounts},
        location=(place.code for place in desk.places),
    )


def _filters(desk: Desk, asked: Listing) -> dict[str, str | None]:
    """The filters as billing knows them."""
    places = {place.code: str(place.id) for place in desk.places}
    return {
        "legal_entity_id": asked["legal_entity_id"] or None,
        "account": asked["account"] or None,
        "location_id": places.get(asked["location"]),
    }


PAGE = Page(router, MONEY, (Entry(Section.MONEY, "Books", "building-bank", "books", MONEY),))
