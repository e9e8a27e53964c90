"""`/live`, `/ready` and `/metrics` of a front end that is a process of its own; everything else is the pages'."""

from collections.abc import Sequence

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.health import Pulse
from chassis.health_api import may_read_metrics
from chassis.problems import problem


class Health:
    """Stands before the pages."""

    def __init__(self, app: ASGIApp, *, pulses: Sequence[Pulse], metrics_token: SecretStr | None) -> None:
        self.app = app
        self._pulses = pulses
        self._metrics_token = metrics_token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._answer(scope) if scope["type"] == "http" else None
        await (answer or self.app)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        match scope["path"]:
            case "/live":
                return JSONResponse({"status": "live"})
            case "/ready":
                return self._ready()
            case "/metrics":
                return self._metrics(Request(scope))
        return None

    def _ready(self) -> Response:
        if stuck := [pulse.name for pulse in self._pulses if pulse.is_stuck]:
            return problem(503, "not_ready", "The pages answer, but something behind them is stuck.", stuck=stuck)
        return JSONResponse({"status": "ready", "loops": [pulse.name for pulse in self._pulses]})

    def _metrics(self, request: Request) -> Response:
        if not may_read_metrics(request, self._metrics_token):
            return problem(403, "forbidden", "Metrics are for whoever watches over this installation.")
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
