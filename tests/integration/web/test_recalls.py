"""From the list of who should come again to the booking form, which offers what the recall suggests."""

import re
from datetime import date, timedelta

from contracts.identity import Role
from tests.integration.web.conftest import SignIn
from tests.support.everyone import Chain


async def test_a_recall_is_booked_for_its_treatment_on_its_day(chain: Chain, sign_in: SignIn) -> None:
    desk = await sign_in(Role.FRONT_DESK)
    recalls = await chain.get("notifications", "/recalls", location_id=str(chain.clinic.id))
    recall = next(each for each in recalls["items"] if each["state"] != "closed")

    page = (await desk.get("recalls", state="all")).text
    [link] = re.findall(rf'hx-get="(/l/soho/book\?patient_id={recall["patient_id"]}[^"]*)"', page)
    form = (await desk.get(link.replace("&amp;", "&"))).text

    assert chosen(form, "book-treatment") == recall["treatment"] == "pen-face"
    assert day_of(form) == recall["due_on"]
    assert f'name="patient_id" value="{recall["patient_id"]}"' in form


async def test_a_day_that_is_past_is_not_suggested(chain: Chain, sign_in: SignIn) -> None:
    desk = await sign_in(Role.FRONT_DESK)
    today = chain.house.clock.now().date()

    days = [
        day_of((await desk.get("book", treatment="pen-face", on=str(today + timedelta(days=ahead)))).text)
        for ahead in (-40, 0, 40)
    ]

    assert [(date.fromisoformat(day) - today).days for day in days] == [0, 0, 40]


def day_of(form: str) -> str:
    found = re.search(r'<input[^>]*id="book-day"[^>]*>', form)
    assert found is not None
    return found[0].partition('value="')[2].partition('"')[0]


def chosen(form: str, list_id: str) -> str:
    options = form.partition(f'id="{list_id}"')[2].partition("</select>")[0]
    found = re.search(r'value="([^"]*)" selected', options)
    assert found is not None
    return found[1]
