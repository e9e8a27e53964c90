"""Notifications as a process of its own: `python -m services.notifications (api|worker|both|migrate)`."""

from chassis.process import main
from services.notifications.app import build
from services.notifications.settings import NotificationsSettings

if __name__ == "__main__":
    main(build, NotificationsSettings)
