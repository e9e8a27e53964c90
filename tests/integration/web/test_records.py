"""The treatment record: nothing of it is chosen beforehand, and what was signed is read ever after."""

from contracts.identity import Role
from tests.integration.web.conftest import SignIn
from tests.integration.web.test_visits import being_treated
from tests.support.booking import a_record
from tests.support.everyone import Chain, Json
from tests.support.front import words

IN_A_DIALOG = {"hx-request": "true"}


async def test_what_was_signed_is_read_and_there_is_nothing_to_fill_in(chain: Chain, sign_in: SignIn) -> None:
    visit = await signed(chain, notes="Even erythema.")
    nurse = await sign_in(Role.PRACTITIONER)

    page = await nurse.get(f"visits/{visit['id']}/record")
    dialog = await nurse.http.get(f"/l/soho/visits/{visit['id']}/record", headers=IN_A_DIALOG)

    for said in (words(page.text), words(dialog.text)):
        assert "Cheeks Deeper than usual: thick skin 2.25 mm 3" in said
        assert "Reaction of the skin 2: clear redness" in said
        assert "Aftercare advice Given and understood" in said
        assert "Even erythema." in said
        assert "Signed by " in said
        assert "Sign and complete" not in said
    assert "<form" not in dialog.text
    assert "data-prints" in page.text


async def test_a_record_is_found_from_the_drawer_and_from_the_patient(chain: Chain, sign_in: SignIn) -> None:
    visit = await signed(chain)
    nurse, desk = await sign_in(Role.PRACTITIONER), await sign_in(Role.FRONT_DESK)
    record = f"/l/soho/visits/{visit['id']}/record"

    links = [
        record in (await each.http.get(path, headers=headers)).text
        for each in (nurse, desk)
        for path, headers in (
            (f"/l/soho/visits/{visit['id']}", IN_A_DIALOG),
            (f"/l/soho/patients/{visit['patient_id']}", {}),
        )
    ]
    refused = await desk.get(record)

    assert links == [True, True, False, False]
    assert refused.status_code == 403


async def test_whoever_reads_it_sees_who_signed(chain: Chain, sign_in: SignIn) -> None:
    visit = await being_treated(chain)
    nurse, colleague = await sign_in(Role.PRACTITIONER), await sign_in(Role.PRACTITIONER)
    await nurse.post(f"visits/{visit['id']}/record", {**filled_in(visit), "reaction": "0"})

    said = await colleague.read(f"visits/{visit['id']}/record")

    assert "Signed by Ada Sharpe" in said
    assert "Reaction of the skin 0: none" in said


async def test_no_reaction_is_chosen_beforehand_and_none_is_signed(chain: Chain, sign_in: SignIn) -> None:
    visit = await being_treated(chain)
    nurse = await sign_in(Role.PRACTITIONER)

    form = (await nurse.http.get(f"/l/soho/visits/{visit['id']}/record", headers=IN_A_DIALOG)).text
    answer = await nurse.post(f"visits/{visit['id']}/record", filled_in(visit))

    grades = form.partition('role="radiogroup"')[2].partition("</div>")[0]
    assert grades.count('name="reaction"') == 5
    assert "checked" not in grades
    assert answer.status_code == 422
    assert "Choose a grade for the reaction of the skin." in words(answer.text)


async def test_before_it_is_signed_its_address_leads_to_the_visit(chain: Chain, sign_in: SignIn) -> None:
    visit = await being_treated(chain)
    nurse = await sign_in(Role.PRACTITIONER)

    answer = await nurse.get(f"visits/{visit['id']}/record")

    assert answer.headers["location"] == f"/l/soho/visits/{visit['id']}"


async def signed(chain: Chain, **more: str) -> Json:
    """A completed visit."""
    visit = await being_treated(chain)
    deep = {"area": "cheek", "depth_hundredths_mm": 225, "passes": 3, "override_reason": "thick skin"}
    body = a_record(areas=[deep], **more) | {"reaction_grade": 2}
    done: Json = await chain.do("booking", f"/appointments/{visit['id']}/complete", body)
    return done


def filled_in(visit: Json) -> dict[str, str]:
    """The form of a record, but for the reaction of the skin."""
    chosen = {"area": "cheek", "depth": "75", "passes": "2", "reason": "", "aftercare": "on"}
    return {"version": str(visit["version"]), "key": f"record-of-{visit['id']}", **chosen}
