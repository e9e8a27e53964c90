"""Booking as a process of its own: `python -m services.booking (api|worker|both|migrate)`."""

from chassis.process import main
from services.booking.app import build
from services.booking.settings import BookingSettings

if __name__ == "__main__":
    main(build, BookingSettings)
