"""All pages, in the order in which the sidebar shows them: a new page is a module here and a line below."""

from web.menu import Page
from web.pages import day, home, live, search, signout

PAGES: tuple[Page, ...] = (
    home.PAGE,
    day.PAGE,
    search.PAGE,
    live.PAGE,
    signout.PAGE,
)
