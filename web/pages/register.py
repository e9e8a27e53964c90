"""All pages, in the order in which the sidebar shows them: a new page is a module here and a line below."""

from web.menu import Page
from web.pages import (
    booking,
    books,
    breaks,
    day,
    home,
    invoices,
    live,
    messages,
    packages,
    parked,
    patient,
    patients,
    record,
    sale,
    search,
    signout,
    visit,
)

PAGES: tuple[Page, ...] = (
    home.PAGE,
    day.PAGE,
    booking.PAGE,
    visit.PAGE,
    record.PAGE,
    patients.PAGE,
    patient.PAGE,
    sale.PAGE,
    packages.PAGE,
    invoices.PAGE,
    books.PAGE,
    messages.PAGE,
    breaks.PAGE,
    parked.PAGE,
    search.PAGE,
    live.PAGE,
    signout.PAGE,
)
