"""Who a message goes to: asked of booking at the moment of sending, forgotten after it (CP-14)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from uuid import UUID

from chassis.context import Context
from chassis.errors import NotFound, Unavailable
from services.notifications.messages.judging import Contact

ASKED_AT_ONCE = 8

Contacts = Mapping[UUID, Contact | None]
"""Patient → contact, None for a patient who is unknown there; one whose answer did not come is missing."""
Ask = Callable[[Context, Iterable[UUID]], Awaitable[Contacts]]


async def ask_booking(context: Context, patient_ids: Iterable[UUID]) -> Contacts:
    """Ask for each patient; raises `Unavailable` only when nobody's contact could be had."""
    ids = sorted(set(patient_ids))
    few_at_once = asyncio.Semaphore(ASKED_AT_ONCE)

    async def ask(patient_id: UUID) -> Contact | None:
        async with few_at_once:
            try:
                return Contact.model_validate(await context.peers.get("booking", f"/patients/{patient_id}/contact"))
            except NotFound:
                return None

    answers = await asyncio.gather(*(ask(each) for each in ids), return_exceptions=True)
    found = {id_: answer for id_, answer in zip(ids, answers, strict=True) if not isinstance(answer, BaseException)}
    _complain(answers, nobody=not found)
    return found


def _complain(answers: Iterable[Contact | BaseException | None], *, nobody: bool) -> None:
    """One patient's failure holds up only that patient's messages; a failure of all is told."""
    for answer in answers:
        if isinstance(answer, BaseException) and (nobody or not isinstance(answer, Unavailable)):
            raise answer
