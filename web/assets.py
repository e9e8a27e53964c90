"""Style sheets, scripts, fonts and icons: read once, named by what is in them, kept by browsers for a year."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from markupsafe import Markup
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

STATIC = Path(__file__).parent / "static"
PREFIX = "/static/"
FOREVER = "public, max-age=31536000, immutable"
SERVED = ("css", "js", "vendor", "img")
TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    content: bytes
    media_type: str

    @cached_property
    def packed(self) -> bytes | None:
        """Squeezed once; None for what is squeezed already, such as a font."""
        return None if self.media_type == TYPES[".woff2"] else gzip.compress(self.content, 9, mtime=0)


class Assets:
    """All files under one name, the hash of them all: relative addresses and imports between them stay true."""

    def __init__(self, root: Path = STATIC) -> None:
        self._root = root
        self._files = {
            str(path.relative_to(root)): _read(path)
            for folder in SERVED
            for path in sorted((root / folder).rglob("*"))
            if path.is_file()
        }
        digest = hashlib.sha256()
        for name, asset in self._files.items():
            digest.update(name.encode() + asset.content)
        self.build = digest.hexdigest()[:12]
        self.icon = lru_cache(maxsize=None)(self._icon)

    def url(self, name: str) -> str:
        """The address of a file, such as `css/base.css`; a name that is not there is a mistake of ours."""
        if name not in self._files:
            raise LookupError(f"no such asset: {name} (`make assets` copies what comes from npm)")
        return f"{PREFIX}{self.build}/{name}"

    def response(self, path: str, headers: Headers) -> Response:
        """The file, for a year when asked for by its present name, else for now."""
        build, _, name = path.removeprefix(PREFIX).partition("/")
        asset = self._files.get(name)
        if asset is None:
            return PlainTextResponse("There is no such file.", 404)
        caching = FOREVER if build == self.build else "no-cache"
        told = {"cache-control": caching, "vary": "accept-encoding", "x-content-type-options": "nosniff"}
        if asset.packed is not None and "gzip" in headers.get("accept-encoding", ""):
            return Response(asset.packed, headers={**told, "content-encoding": "gzip"}, media_type=asset.media_type)
        return Response(asset.content, headers=told, media_type=asset.media_type)

    def _icon(self, name: str, classes: str = "") -> Markup:
        """A Tabler icon as inline SVG: it takes the colour of the text and needs no request."""
        raw = (self._root / "icons" / f"{name}.svg").read_text(encoding="utf-8")
        drawing = " ".join(raw[raw.index(">", raw.index("<svg")) + 1 : raw.index("</svg>")].split())
        return Markup('<svg class="icon {}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>').format(
            classes,
            Markup(drawing),  # noqa: S704 - a file of ours, not anybody's input
        )


class AssetsFirst:
    """Answers for files before anything else looks at the request; everything else passes."""

    def __init__(self, app: ASGIApp, *, assets: Assets) -> None:
        self.app = app
        self.assets = assets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX) and scope["method"] in ("GET", "HEAD"):
            response = self.assets.response(scope["path"], Headers(scope=scope))
            await response(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _read(path: Path) -> Asset:
    kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(path.read_bytes(), kind)
