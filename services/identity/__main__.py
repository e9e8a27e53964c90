"""Identity as a process of its own: `python -m services.identity (api|worker|both|migrate)`."""

from chassis.process import main
from services.identity.app import build
from services.identity.settings import IdentitySettings

if __name__ == "__main__":
    main(build, IdentitySettings)
