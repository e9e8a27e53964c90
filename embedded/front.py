"""The one door of the embedded mode: `/api/<service>/…` to that service, health, and everything else to the web."""

from collections.abc import Mapping

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.errors import Unavailable
from chassis.health_api import readiness
from chassis.problems import problem
from chassis.run import Running

_API = "/api/"


class Front:
    """Sends each request to the application that answers it, in this process."""

    def __init__(self, running: Mapping[str, Running], web: ASGIApp) -> None:
        self._running = running
        self._web = web

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._web(scope, receive, send)
            return
        await self._app_for(scope)(scope, receive, send)

    def _app_for(self, scope: Scope) -> ASGIApp:
        path: str = scope["path"]
        if path.startswith(_API):
            return self._service(path.removeprefix(_API).partition("/")[0], scope)
        if path == "/live":
            return JSONResponse({"status": "live"})
        if path == "/ready":
            return self._ready
        return self._web

    def _service(self, name: str, scope: Scope) -> ASGIApp:
        """Its application sees its own paths below `root_path`, as behind any gateway (ASGI)."""
        running = self._running.get(name)
        if running is None:
            return problem(404, "not_found", f"There is no service of this name; there are {', '.join(self._running)}.")
        scope["root_path"] = f"{scope.get('root_path', '')}{_API}{name}"
        return running.app

    async def _ready(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ready when every service is."""
        stuck: dict[str, list[str]] = {}
        for name, running in self._running.items():
            try:
                await readiness(running.context, running.app.state.pulses)
            except Unavailable as error:
                stuck[name] = error.fields["stuck"]
        answer = JSONResponse({"status": "ready", "services": list(self._running)})
        if stuck:
            answer = problem(503, "not_ready", "Not every service can work just now.", stuck=stuck)
        await answer(scope, receive, send)
