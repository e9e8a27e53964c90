"""The catalogue of items, and what a session of each treatment uses, kept by stock keepers in a browser alone."""

import re
from uuid import uuid4

from contracts.identity import Role
from tests.integration.web.conftest import SignIn
from tests.support.front import Guest, words

SERUM = {"name": "Hyaluronic serum", "item_class": "serum", "unit": "0.01ml"}
BOX = {"label-0": "vial of 5 ml", "holds-0": "5", "gtin-0": "9506000134352"}


def key() -> dict[str, str]:
    return {"key": str(uuid4())}


async def added(keeper: Guest, **fields: str) -> str:
    """The id of an item that was just added."""
    answer = await keeper.post("stock/items/new", {**SERUM, **fields, **key()})
    assert answer.status_code == 303, words(answer.text)
    found = re.search(r"added=([0-9a-f-]+)", answer.headers["location"])
    assert found
    return found[1]


async def looked_at(keeper: Guest, treatment: str) -> str:
    found = re.search('name="looked_at" value="([^"]*)"', (await keeper.get(f"stock/materials/{treatment}")).text)
    assert found
    return found[1]


async def test_an_item_is_added_with_its_packs_and_can_be_received(sign_in: SignIn) -> None:
    keeper = await sign_in(Role.STOCK_KEEPER)

    item_id = await added(keeper, **BOX)
    again = await keeper.post("stock/items/new", {**SERUM, **key()})

    assert again.status_code == 422
    assert "Another item has this code already." in words(again.text)
    page = await keeper.read("stock/items", added=item_id)
    assert "The item is added." in page
    assert "Hyaluronic serum hyaluronic-serum Serums vial of 5 ml" in page
    assert 'value="5.00"' in (await keeper.get(f"stock/items/{item_id}")).text
    assert "Hyaluronic serum" in (await keeper.get("stock/receive")).text


async def test_what_is_wrong_with_an_item_stands_at_the_field(sign_in: SignIn) -> None:
    keeper = await sign_in(Role.STOCK_KEEPER)
    packs = {"label-0": "box", "holds-0": "some", "label-1": "box", "holds-1": "2", "gtin-2": "1"}

    empty = words((await keeper.post("stock/items/new", {**SERUM, **packs, "name": "", **key()})).text)
    poured = await keeper.post("stock/items/new", {**SERUM, "item_class": "cartridge", **key()})
    mistyped = await keeper.post("stock/items/new", {**SERUM, **BOX, "gtin-0": "9506000134353", **key()})

    for said in (
        "Enter what people call it",
        "Enter a number above zero.",
        "Another pack of this item is called so.",
        "Enter what it is called, such as box of 20.",
    ):
        assert said in empty, said
    assert "What is used once and thrown away is counted in pieces." in words(poured.text)
    assert re.search(r'id="gtin-0-note">.*check digit', mistyped.text), words(mistyped.text)


async def test_an_item_is_changed_by_one_at_a_time_and_taken_out_of_use(sign_in: SignIn) -> None:
    keeper = await sign_in(Role.STOCK_KEEPER)
    path = f"stock/items/{await added(keeper, name='Peptide serum')}"
    form = {"name": "Serum, 5 ml", **BOX, "gtin-0": "", "version": "1", "does": "save"}

    saved = await keeper.post(path, {**form, **key()})
    late = await keeper.post(path, {**form, "name": "Serum", **key()})
    retired = await keeper.post(path, {**form, "version": "2", "does": "retire", **key()})
    out = await keeper.read("stock/items")
    restored = await keeper.post(path, {**form, "version": "3", "does": "restore", **key()})

    assert [each.status_code for each in (saved, late, retired, restored)] == [303, 422, 303, 303], words(saved.text)
    assert "Somebody else changed this item meanwhile." in words(late.text)
    assert "Serum, 5 ml No longer used" in out
    assert "No longer used" not in await keeper.read("stock/items")


async def test_a_session_uses_what_was_said_and_nobody_is_overwritten(sign_in: SignIn) -> None:
    keeper = await sign_in(Role.STOCK_KEEPER)
    serum, seen = await added(keeper, name="Growth serum"), await looked_at(keeper, "pen-face")
    form = {"looked_at": seen, "item-0": serum, "quantity-0": "2.5"}

    saved = await keeper.post("stock/materials/pen-face", {**form, **key()})
    late = await keeper.post("stock/materials/pen-face", {**form, "quantity-0": "3", **key()})
    now = re.search('name="looked_at" value="([^"]*)"', late.text)
    assert now
    insisted = await keeper.post("stock/materials/pen-face", {**form, "looked_at": now[1], "quantity-0": "3", **key()})

    assert [each.status_code for each in (saved, late, insisted)] == [303, 422, 303], words(saved.text)
    assert "Now a session uses: Growth serum 2.50 ml." in words(late.text)
    assert "pen-face 3.00 ml Growth serum" in await keeper.read("stock/materials")
    assert [serum_row[2:] for serum_row in await keeper.rows("stock/materials.csv", q="growth")][1:] == [
        ["Growth serum", "growth-serum", "3.00", "ml"]
    ]


async def test_what_is_wrong_with_what_a_session_uses_stands_at_the_field(sign_in: SignIn) -> None:
    keeper = await sign_in(Role.STOCK_KEEPER)
    serum = await added(keeper, name="Vitamin serum")
    form = {"looked_at": await looked_at(keeper, "pen-face"), "item-0": serum, "quantity-0": "1"}

    twice = await keeper.post(
        "stock/materials/pen-face",
        {**form, "item-1": serum, "quantity-1": "1", "quantity-2": "4", "item-3": serum, **key()},
    )
    missing = await keeper.get("stock/materials/no-such")

    assert twice.status_code == 422
    for said in (
        "This item stands above already.",
        "Choose an item, or empty this line.",
        "Enter a number above zero.",
    ):
        assert said in words(twice.text), said
    assert missing.status_code == 404


async def test_who_does_not_keep_stock_reads_what_sessions_use(sign_in: SignIn) -> None:
    practitioner = await sign_in(Role.PRACTITIONER)

    page = await practitioner.get("stock/materials")

    assert "pen-face" in words(page.text)
    assert "stock/materials/pen-face" not in page.text
    assert "stock/items/new" not in (await practitioner.get("stock/items")).text
