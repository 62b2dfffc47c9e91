"""What lies in ``static``: hand-written style and scripts, and the bundles made from npm packages where they exist."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import Response, request

from zonegraph.web import http
from zonegraph.web.problems import HttpProblemError

FOLDER: Final = Path(__file__).parent / "static"
DIST: Final = "dist"
_YEAR: Final = "public, max-age=31536000, immutable"
_HOUR: Final = "public, max-age=3600"
#: Not left to the machine's own table, which differs between systems.
_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
    ".png": "image/png",
}


@dataclass(frozen=True, slots=True)
class Assets:
    """The files that can be sent, and a stamp that changes whenever one of them does."""

    files: frozenset[str]
    stamp: str

    @classmethod
    def scan(cls, folder: Path = FOLDER) -> Assets:
        """Look once; a server that runs keeps what it saw."""
        digest = hashlib.sha256()
        names = []
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in _TYPES:
                names.append(path.relative_to(folder).as_posix())
                digest.update(names[-1].encode() + path.read_bytes())
        return cls(frozenset(names), digest.hexdigest()[:12])

    def has(self, bundle: str) -> bool:
        """Whether a bundle was made (``graph``, ``editor``, ``map``)."""
        return f"{DIST}/{bundle}.js" in self.files

    def url(self, name: str) -> str:
        """The address of a file; it may be kept for ever."""
        return f"/static/{name}?v={self.stamp}"

    def send(self, name: str) -> Response:
        """A file, compressed where that pays; raises 404 for anything that was not found by `scan`."""
        if name not in self.files:
            raise HttpProblemError(404, "there is no such file", code="unknown-file")
        data = (FOLDER / name).read_bytes()
        tag = hashlib.sha256(data).hexdigest()[:24]
        response = _unmodified(tag) or _body(name, data)
        encoding = response.headers.get("Content-Encoding", "")
        response.headers["ETag"] = http.encoded_tag(tag, encoding)
        # modules import each other without the stamp, so only stamped addresses may be kept for ever
        response.headers["Cache-Control"] = _YEAR if request.args.get("v") == self.stamp else _HOUR
        response.headers["Vary"] = "Accept-Encoding"
        return response


def _unmodified(tag: str) -> Response | None:
    header = request.headers.get("If-None-Match", "")
    return Response(status=304) if f'"{tag}' in header else None


def _body(name: str, data: bytes) -> Response:
    suffix = Path(name).suffix
    kind = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    if not http.wants_gzip(request) or suffix in {".png", ".woff2"} or len(data) < 1024:
        return Response(data, content_type=kind)
    made = FOLDER / (name + ".gz")
    packed = made.read_bytes() if made.is_file() else gzip.compress(data, 6, mtime=0)
    return Response(packed, content_type=kind, headers={"Content-Encoding": "gzip"})
