"""Asks the process in this container whether it can work: exit code 0 when `/ready` answers 200.

A container has no ::1, hence the address; no proxy and no library of ours, because it runs every few seconds.
"""

import http.client
import sys

PORT = 8000
TIMEOUT_SECONDS = 3


def is_ready() -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not is_ready())
