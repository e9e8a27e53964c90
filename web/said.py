"""What the server tells a page beside its answer: events for the scripts, by htmx's `HX-Trigger` header."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response


def tell(response: Response, **events: Any) -> Response:
    """Let the page hear these events once the answer is there; `_` in a name is sent as `:`."""
    told: Mapping[str, Any] = {name.replace("_", ":", 1): detail for name, detail in events.items()}
    response.headers["hx-trigger"] = json.dumps(told)
    return response
