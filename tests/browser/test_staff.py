"""Somebody new is added, signs in with their first password, and changes it."""

from uuid import uuid4

from playwright.async_api import expect

from tests.support.site import Site
from tests.support.window import PLACE, OpenWindow, sign_in

OWN = "four words nobody knows"


async def test_somebody_is_added_signs_in_and_changes_their_password(window: OpenWindow, site: Site) -> None:
    email = f"{uuid4().hex}@example.com"
    manager = await window()
    await sign_in(manager, site.account("manager"), to=f"/l/{PLACE}/staff/new")
    await manager.get_by_label("Name", exact=True).fill("Bo Lindqvist")
    await manager.get_by_label("E-mail").fill(email)
    first = await manager.get_by_label("First password").input_value()
    await manager.get_by_role("button", name="Add them").click()
    await expect(manager.get_by_role("status").filter(has_text="They are added.")).to_be_visible()

    theirs = await window()
    await theirs.goto("/sign-in")
    await theirs.get_by_label("E-mail").fill(email)
    await theirs.get_by_label("Password", exact=True).fill(first)
    await theirs.get_by_role("button", name="Sign in", exact=True).click()
    await theirs.get_by_role("button", name="Bo Lindqvist, your account").click()
    await theirs.get_by_role("link", name="Change my password").click()
    await theirs.get_by_label("Password you have now").fill(first)
    await theirs.get_by_label("New password", exact=True).fill(OWN)
    await theirs.get_by_label("New password, once more").fill(OWN)
    await theirs.get_by_role("button", name="Change password").click()

    await expect(theirs.get_by_role("status").filter(has_text="You stay signed in here")).to_be_visible()
    await theirs.goto(f"/l/{PLACE}/patients")
    await expect(theirs.get_by_role("heading", name="Patients")).to_be_visible()
