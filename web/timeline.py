"""The timeline for people: what was done, and under it everything that followed from it, in plain words."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from contracts.values import Money
from web import elapsed, labels
from web.clients.audit import Happening
from web.templating import listed, moment, money, plural, short_day
from web.words import STATUSES

Details = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One happening in plain words; `depth` says how far it is from what set it off."""

    text: str
    icon: str
    tone: str
    at: datetime
    depth: int = 0
    actor: str = ""
    type: str = ""
    link: tuple[str, UUID] | None = None
    """What it is about, if it has a page: `("invoices", id)`."""
    details: Details | None = None

    def after(self, start: datetime) -> str:
        """How much later than the start of its story; empty within a second."""
        span = self.at - start
        if span < timedelta(seconds=1):
            return ""
        return f"{int(span.total_seconds())} s later" if span < timedelta(minutes=1) else f"{elapsed.ago(span)} later"


@dataclass(frozen=True, slots=True)
class Story:
    """What somebody did, and what followed."""

    start: Line
    followed: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """The stories of one day, the latest first."""

    title: str
    stories: tuple[Story, ...]


def chapters(
    happenings: Iterable[Happening], *, zone: ZoneInfo, today: date, names: Mapping[str, str]
) -> list[Chapter]:
    """Stories by local day, newest first; inside a story causes stand before their effects."""
    told = [_story(group, zone, names) for group in _by_correlation(happenings)]
    days: defaultdict[date, list[Story]] = defaultdict(list)
    for story in sorted(told, key=lambda story: story.start.at, reverse=True):
        days[story.start.at.date()].append(story)
    return [Chapter(elapsed.relative_day(stories[0].start.at, today), tuple(stories)) for stories in days.values()]


def _by_correlation(happenings: Iterable[Happening]) -> list[list[Happening]]:
    groups: defaultdict[UUID, list[Happening]] = defaultdict(list)
    for each in happenings:
        groups[each.correlation_id].append(each)
    return list(groups.values())


def _story(group: Sequence[Happening], zone: ZoneInfo, names: Mapping[str, str]) -> Story:
    lines = [_line(each, depth, zone, names) for each, depth in _causes_first(group)]
    return Story(lines[0], tuple(lines[1:]))


def _causes_first(group: Sequence[Happening]) -> list[tuple[Happening, int]]:
    """Each happening right under what caused it, brothers in the order of time; none twice, none left out."""
    known = {each.message_id for each in group}
    effects: defaultdict[UUID | None, list[Happening]] = defaultdict(list)
    for each in sorted(group, key=lambda each: (each.at, each.recorded_at)):
        cause = each.causation_id if each.causation_id in known and each.causation_id != each.message_id else None
        effects[cause].append(each)
    found: list[tuple[Happening, int]] = []
    waiting = [(each, 0) for each in reversed(effects.pop(None, []))]
    while waiting:
        each, depth = waiting.pop()
        found.append((each, depth))
        waiting += [(effect, depth + 1) for effect in reversed(effects.pop(each.message_id, []))]
    in_circles = [each for circle in effects.values() for each in circle]
    return found + [(each, 1 if found else 0) for each in in_circles]


def _line(each: Happening, depth: int, zone: ZoneInfo, names: Mapping[str, str]) -> Line:
    saying = SAYINGS.get(each.type)
    text = saying.words(each.details) if saying else each.title
    return Line(
        text=text,
        icon=saying.icon if saying else "info-circle",
        tone=saying.tone if saying else "",
        at=each.at.astimezone(zone),
        depth=min(depth, 2),
        actor=_actor(each.actor, names),
        type=each.type,
        link=_link(each),
        details=each.details,
    )


def _actor(actor: str | None, names: Mapping[str, str]) -> str:
    """Who asked for it; what the system did by itself has nobody."""
    kind, _, who = (actor or "").partition(":")
    return names.get(who, "a member of staff") if kind == "staff" else ""


def _link(each: Happening) -> tuple[str, UUID] | None:
    pages = {"invoice": "invoices", "package": "packages", "message": "messages"}
    return (pages[each.aggregate], each.aggregate_id) if each.aggregate in pages else None


@dataclass(frozen=True, slots=True)
class Saying:
    """How a kind of fact is told."""

    words: Callable[[Details], str]
    icon: str
    tone: str = ""


def _plain(text: str) -> Callable[[Details], str]:
    return lambda _: text


def _amount(details: Details, name: str) -> str:
    try:
        return money(Money.model_validate(details.get(name)))
    except ValidationError:
        return "an amount"


def _wall(details: Details) -> str:
    """When a visit is, as the clocks at its location show it."""
    try:
        return moment(datetime.fromisoformat(str(details.get("local_start"))))
    except ValueError:
        return "a time"


def _day(details: Details, name: str) -> str:
    try:
        return short_day(date.fromisoformat(str(details.get(name))))
    except ValueError:
        return "a day"


def _lines(details: Details) -> str:
    return plural(len(details.get("lines") or ()), "product")


def _used(details: Details) -> str:
    return f"Taken from stock: {_lines(details)}" if details.get("lines") else "Nothing was taken from stock"


def _aftercare(details: Details) -> str:
    count = int(details.get("messages") or 0)
    return f"Aftercare planned: {plural(count, 'message')}" if count else "No aftercare is needed"


def _left(details: Details) -> str:
    return f"{plural(int(details.get('remaining') or 0), 'session')} left"


def _cancelled(details: Details) -> str:
    status = labels.label(str(details.get("status", "cancelled")), STATUSES).text
    return f"{status}: the visit of {_wall(details)}"


def _changed(details: Details) -> str:
    named = [labels.DETAILS.get(each, each.replace("_", " ")) for each in details.get("changed", ())]
    return f"Details changed: {listed(named)}" if named else "Details changed"


def _message(details: Details) -> str:
    return labels.label(str(details.get("template", "message")), labels.TEMPLATES).text


def _unsent(details: Details) -> str:
    reason = labels.SUPPRESSED.get(str(details.get("reason")), "it was no longer needed")
    return f"{_message(details)}: not sent, because {reason}"


def _paid_in(details: Details) -> str:
    method = labels.label(str(details.get("method", "")), labels.METHODS).text.lower()
    return f"Payment received: {_amount(details, 'amount')} by {method}"


SAYINGS = {
    "booking.patient-registered": Saying(_plain("Registered as a patient"), "user-plus", "on"),
    "booking.patient-changed": Saying(_changed, "user-check"),
    "booking.appointment-booked": Saying(lambda d: f"Booked for {_wall(d)}", "calendar-plus", "on"),
    "booking.appointment-confirmed": Saying(lambda d: f"Confirmed: the visit of {_wall(d)}", "check", "on"),
    "booking.appointment-moved": Saying(lambda d: f"Moved to {_wall(d)}", "calendar-event", "on"),
    "booking.appointment-cancelled": Saying(_cancelled, "calendar-off", "bad"),
    "booking.appointment-missed": Saying(lambda d: f"Did not come to the visit of {_wall(d)}", "user-x", "bad"),
    "booking.appointment-reinstated": Saying(lambda d: f"Taken back: the no-show of {_wall(d)}", "arrow-back-up", "on"),
    "booking.appointment-imported": Saying(lambda d: f"Visit of {_wall(d)}, taken over from another system", "upload"),
    "booking.patient-arrived": Saying(_plain("Checked in"), "door", "on"),
    "booking.numbing-started": Saying(_plain("Numbing cream applied"), "hourglass", "on"),
    "booking.treatment-started": Saying(_plain("Treatment started"), "needle", "on"),
    "booking.session-completed": Saying(_plain("Treatment completed and its record signed"), "clipboard-check", "good"),
    "billing.package-sold": Saying(
        lambda d: f"Bought a package: {plural(int(d.get('sessions') or 0), 'session')} for {_amount(d, 'price')}",
        "package",
        "on",
    ),
    "billing.payment-received": Saying(_paid_in, "cash", "good"),
    "billing.entitlement-reserved": Saying(lambda d: f"A prepaid session is kept for the visit; {_left(d)}", "package"),
    "billing.entitlement-released": Saying(lambda d: f"The prepaid session is free again; {_left(d)}", "package"),
    "billing.session-redeemed": Saying(
        lambda d: f"Paid from the package: {_amount(d, 'amount')}; {_left(d)}", "package", "good"
    ),
    "billing.invoice-issued": Saying(lambda d: f"Invoice issued: {_amount(d, 'total')}", "receipt", "warn"),
    "billing.invoice-paid": Saying(lambda d: f"Invoice of {_amount(d, 'total')} paid in full", "receipt", "good"),
    "billing.session-waived": Saying(_plain("Not charged"), "gift"),
    "inventory.stock-consumed": Saying(_used, "vaccine"),
    "inventory.stock-received": Saying(lambda d: f"Delivery received: {_lines(d)}", "truck-delivery", "on"),
    "inventory.stock-low": Saying(_plain("Stock fell below its reorder point"), "alert-triangle", "warn"),
    "inventory.stock-short": Saying(_plain("More was used than the books held"), "alert-circle", "bad"),
    "notifications.aftercare-scheduled": Saying(_aftercare, "heartbeat"),
    "notifications.message-sent": Saying(lambda d: f"{_message(d)}: sent", "send", "good"),
    "notifications.message-failed": Saying(lambda d: f"{_message(d)}: could not be sent", "mail", "bad"),
    "notifications.message-suppressed": Saying(_unsent, "mail"),
    "notifications.recall-scheduled": Saying(lambda d: f"Next visit suggested for {_day(d, 'due_on')}", "refresh"),
    "notifications.recall-due": Saying(lambda d: f"Due since {_day(d, 'due_on')}, nothing booked", "bell", "warn"),
    "notifications.recall-closed": Saying(_plain("The suggested next visit is settled"), "circle-check"),
}
