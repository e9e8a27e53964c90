"""Two stock keepers change the same thing: the second one is told, and nothing is overwritten."""

from tests.integration.conftest import MoveIn
from tests.integration.inventory.test_shelf_api import A_BOX, A_CARTRIDGE, BOX_GTIN, a_desk
from tests.support.inventory import PEN

CASE_GTIN = "19506000134359"


async def test_who_revises_an_item_second_is_told_of_the_first(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    added = (await desk.keeper.post("/items", json=A_CARTRIDGE)).json()
    path, seen = f"/items/{added['id']}", {"version": added["version"]}

    first = await desk.keeper.put(path, json={**seen, "name": "Cartridge 12", "packs": [A_BOX]})
    second = await desk.keeper.put(path, json={**seen, "name": "Twelve pins"})
    now = (await desk.practitioner.get(path)).json()
    third = await desk.keeper.put(path, json={"version": now["version"], "name": "Twelve pins"})

    assert (added["version"], first.json()["version"]) == (1, 2)
    assert (second.status_code, second.json()["code"], second.json()["version"]) == (409, "item_revised", 2)
    assert (now["name"], len(now["packs"])) == ("Cartridge 12", 1)
    assert (third.status_code, third.json()["name"]) == (200, "Twelve pins")


async def test_a_gtin_goes_to_another_pack_of_its_item_in_one_go(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    case = {"label": "case", "quantity": 200, "gtin": CASE_GTIN}
    added = (await desk.keeper.post("/items", json={**A_CARTRIDGE, "packs": [A_BOX, case]})).json()
    path = f"/items/{added['id']}"

    renamed = await desk.keeper.put(path, json={"name": "Cartridge", "packs": [{**A_BOX, "label": "box"}, case]})
    swapped = [{**A_BOX, "label": "box", "gtin": CASE_GTIN}, {**case, "gtin": BOX_GTIN}]
    changed = await desk.keeper.put(path, json={"name": "Cartridge", "packs": swapped})

    assert renamed.status_code == 200, renamed.text
    assert [each["label"] for each in renamed.json()["packs"]] == ["box", "case"]
    assert changed.status_code == 200, changed.text
    assert [each["gtin"] for each in changed.json()["packs"]] == [CASE_GTIN, BOX_GTIN]


async def test_who_changes_what_a_treatment_uses_second_is_told_of_the_first(move_in: MoveIn) -> None:
    desk = await a_desk(move_in)
    item = str(await desk.inventory.has_item())
    one, two = ({"item_id": item, "quantity": quantity} for quantity in (1, 2))
    path = f"/boms/{PEN}"

    first = await desk.keeper.put(path, json={"lines": [one], "replaces": []})
    late = await desk.keeper.put(path, json={"lines": [two], "replaces": []})
    second = await desk.keeper.put(path, json={"lines": [two], "replaces": [one]})

    assert (first.status_code, second.status_code) == (200, 200), first.text
    assert (late.status_code, late.json()["code"]) == (409, "materials_changed")
    assert [line["quantity"] for line in (await desk.practitioner.get(path)).json()["lines"]] == [2]
