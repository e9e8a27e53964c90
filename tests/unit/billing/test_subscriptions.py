import re
from pathlib import Path

from contracts.catalog import CATALOG, heard_by
from services.billing.consumers import SUBSCRIPTIONS
from services.billing.record import Record

README = (Path(__file__).parents[3] / "services" / "billing" / "README.md").read_text(encoding="utf-8")


def told_in_the_readme(row: str) -> set[str]:
    found = re.search(rf"^\| {row} \|(.*)\|$", README, re.MULTILINE)
    return set(re.findall(r"`([^`]+)`", found[1])) if found else set()


def test_billing_hears_exactly_what_the_catalog_says() -> None:
    assert set(SUBSCRIPTIONS) == set(heard_by("billing"))


def test_the_readme_tells_what_billing_hears_and_tells() -> None:
    assert told_in_the_readme("listens") == {fact.type for fact in SUBSCRIPTIONS}
    assert told_in_the_readme("emits") == {entry.fact.type for entry in CATALOG if entry.owner == "billing"}


def test_the_readme_names_every_table() -> None:
    assert told_in_the_readme("owns") == set(Record.metadata.tables)
