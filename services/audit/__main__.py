"""Audit as a process of its own: `python -m services.audit (api|worker|both|migrate)`."""

from chassis.process import main
from services.audit.app import build
from services.audit.settings import AuditSettings

if __name__ == "__main__":
    main(build, AuditSettings)
