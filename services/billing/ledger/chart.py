"""The chart of accounts, as far as there is something to post to it."""

from enum import StrEnum


class AccountCode(StrEnum):
    CASH = "1010"
    CLEARING = "1050"
    """Card payments on their way from the terminal's processor to the bank."""
    RECEIVABLES = "1100"
    DUE_FROM = "1510"
    DEFERRED_REVENUE = "2300"
    DUE_TO = "2510"
    SERVICE_REVENUE = "4000"


NAMES = {
    AccountCode.CASH: "Cash drawer",
    AccountCode.CLEARING: "Processor clearing",
    AccountCode.RECEIVABLES: "Receivables",
    AccountCode.DUE_FROM: "Due from related entities",
    AccountCode.DEFERRED_REVENUE: "Deferred revenue",
    AccountCode.DUE_TO: "Due to related entities",
    AccountCode.SERVICE_REVENUE: "Service revenue",
}
