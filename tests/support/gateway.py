"""The gateway's image alone, with somebody behind it who answers with what reached him."""

import ssl
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.support.containers import ROOT_CERTIFICATE, VERSION, Containers, free_port
from tests.support.waiting import soon

ECHO = """
import http.server, json

class Echo(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        told = {"path": self.path, "headers": {name.lower(): value for name, value in self.headers.items()}}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

http.server.ThreadingHTTPServer(("0.0.0.0", 8000), Echo).serve_forever()
"""
NAME = "needlepoint-test-alone"


class LoneGateway:
    """A context manager; `get` and `post` go through it."""

    def __init__(self, containers: Containers, folder: Path) -> None:
        self._containers = containers
        self._folder = folder
        self.port = free_port()

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            _remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()
        _remove()

    def _start(self) -> None:
        run = self._containers.docker
        run("network", "create", NAME)
        behind = ["--network-alias", "web", "--network-alias", "booking", "--entrypoint", "python"]
        run("run", "--detach", "--name", f"{NAME}-echo", "--network", NAME, *behind, _image("tools"), "-c", ECHO)
        ports = ["--publish", f"127.0.0.1:{self.port}:8443"]
        run("run", "--detach", "--name", f"{NAME}-gateway", "--network", NAME, *ports, _image("gateway"))
        self._client = self._open()
        soon(lambda: self.get("/").status_code == httpx.codes.OK)

    def _open(self) -> httpx.Client:
        certificate = self._folder / "root.crt"

        def made() -> bool:
            asked = ["docker", "exec", f"{NAME}-gateway", "cat", ROOT_CERTIFICATE]
            certificate.write_bytes(subprocess.run(asked, capture_output=True, check=False).stdout)
            return certificate.stat().st_size > 0

        soon(made)
        believed = ssl.create_default_context(cafile=certificate)
        return httpx.Client(base_url=f"https://localhost:{self.port}", verify=believed, timeout=30)

    def get(self, path: str, **how: Any) -> httpx.Response:
        return self._client.get(path, **how)

    def post(self, path: str, **how: Any) -> httpx.Response:
        return self._client.post(path, **how)

    def get_while(self, happens: Callable[[], None], path: str) -> httpx.Response:
        """Ask first, then let it happen, then see the answer."""
        seen: list[httpx.Response] = []
        asking = threading.Thread(target=lambda: seen.append(self.get(path)))
        asking.start()
        happens()
        asking.join()
        return seen[0]

    def pause(self) -> None:
        """Nobody is behind the gateway from now on."""
        self._containers.docker("stop", "--time", "0", f"{NAME}-echo")

    def resume(self) -> None:
        self._containers.docker("start", f"{NAME}-echo")
        soon(lambda: self.get("/").status_code == httpx.codes.OK)

    def log(self) -> str:
        said = subprocess.run(["docker", "logs", f"{NAME}-gateway"], capture_output=True, text=True, check=True)
        return said.stdout + said.stderr


def _remove() -> None:
    for command in (["rm", "--force", f"{NAME}-gateway", f"{NAME}-echo"], ["network", "rm", NAME]):
        subprocess.run(["docker", *command], capture_output=True, check=False)


def _image(name: str) -> str:
    return f"needlepoint/{name}:{VERSION}"
