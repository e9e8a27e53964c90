"""Billing as a process of its own: `python -m services.billing (api|worker|both|migrate)`."""

from chassis.process import main
from services.billing.app import build
from services.billing.settings import BillingSettings

if __name__ == "__main__":
    main(build, BillingSettings)
