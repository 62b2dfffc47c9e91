"""HTTP helpers of the views: addresses, conditions, compression, complete responses."""

from __future__ import annotations

import functools
import gzip
import io
import itertools
import re
import secrets
import tempfile
import time
import zlib
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import BinaryIO, Final, cast

from flask import Request, Response, request
from werkzeug.http import parse_accept_header

from zonegraph.web.backend import Body, Cancel, VersionInfo
from zonegraph.web.cache import MIN_GZIP, Entry
from zonegraph.web.config import Config
from zonegraph.web.problems import HttpProblemError, bad_request

_HOST = re.compile(r"(?:[A-Za-z0-9.\-_]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?", re.ASCII)
NO_CACHE = "public, no-cache"


_PROCESS: Final = secrets.token_hex(4)
_NUMBERS: Final = itertools.count(secrets.randbits(24))


def new_request_id() -> str:
    """Names one request in answers and logs: random for the process, counted within it."""
    return f"{_PROCESS}{next(_NUMBERS) & 0xFFFFFFFF:08x}"


def base_url(config: Config) -> str:
    """``https://host`` as the client sees this server, without a slash at the end."""
    if config.public_url:
        return config.public_url.rstrip("/")
    return address_of(request.scheme, request.host)


def address_of(scheme: str, host: str) -> str:
    """``https://host``; raises 400 for a Host header that is none."""
    if not _HOST.fullmatch(host):
        raise bad_request("the Host header is not a host", code="host")
    return f"{scheme}://{host}"


def cancel_of(req: Request) -> Cancel:
    """The token that fires when this client leaves; one that never fires outside a real server."""
    found = req.environ.get("zonegraph.cancel")
    return found if isinstance(found, Cancel) else Cancel()


def last_modified(version: VersionInfo) -> datetime | None:
    """When the version was made; None within its first second, when the header's resolution could deceive."""
    made = _made(version.created)
    return made[1] if made is not None and time.time() - made[0] > 1 else None


@functools.lru_cache(maxsize=16)
def _made(created: str) -> tuple[float, datetime] | None:
    """Seconds of the epoch, and the moment in whole seconds; None for what is no date."""
    try:
        made = datetime.fromisoformat(created).astimezone(UTC)
    except ValueError:
        return None
    return made.timestamp(), made.replace(microsecond=0)


@functools.lru_cache(maxsize=16)
def http_date(moment: datetime) -> str:
    """The form of RFC 9110 section 5.6.7."""
    return format_datetime(moment, usegmt=True)


def wants_gzip(req: Request) -> bool:
    """Whether gzip is accepted (RFC 9110 section 12.5.3)."""
    return takes_gzip(req.headers.get("Accept-Encoding"))


@functools.lru_cache(maxsize=256)
def takes_gzip(header: str | None) -> bool:
    """Whether an Accept-Encoding header accepts gzip."""
    return header is not None and parse_accept_header(header)["gzip"] > 0


def unpacked(data: bytes, limit: int) -> bytes:
    """A request's body without its Content-Encoding, which may be gzip; raises 413 where it becomes too large."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "identity":
        return data
    if encoding not in {"gzip", "x-gzip"}:
        raise HttpProblemError(415, f"the encoding {encoding} is not known", hint="gzip or none", code="encoding")
    try:
        plain = _unzipped(data, limit + 1)
    except EOFError:
        raise bad_request("the gzip body ends early", code="encoding") from None
    except (OSError, zlib.error) as error:
        raise bad_request(f"the body is not gzip: {error}", code="encoding") from None
    if len(plain) > limit:
        raise HttpProblemError(413, f"the body unpacks to more than {limit} bytes", code="too-large")
    return plain


def _unzipped(data: bytes, size: int) -> bytes:
    """The first bytes of a gzip file, which may have several members (RFC 1952 section 2.2)."""
    if not data:
        raise EOFError
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
        return packed.read(size)


def encoded_tag(tag: str, encoding: str) -> str:
    """The strong entity tag of one encoding of a representation."""
    return f'"{tag}-gz"' if encoding == "gzip" else f'"{tag}"'


def strong_tags(header: str) -> set[str]:
    """The tags in an If-Match header that may count: not the weak ones (RFC 9110 section 13.1.1)."""
    return set(re.findall(r'(?<!W/)"([^"]*)"(?=\s*(?:,|$))', header))


def weak_tags(header: str) -> set[str]:
    """The tags in an If-None-Match header, weak or not."""
    return set(re.findall(r'(?:W/)?"([^"]*)"', header))


def not_modified(req: Request, tag: str, version: VersionInfo) -> bool:
    """Whether the client's copy is still right (RFC 9110 section 13.2.2)."""
    if "If-None-Match" in req.headers:
        return bool(weak_tags(req.headers["If-None-Match"]) & {tag, f"{tag}-gz"})
    if "If-Modified-Since" in req.headers:
        made = last_modified(version)
        # equality, since a rollback makes an older version the current one
        return made is not None and req.if_modified_since == made
    return False


def with_validators(response: Response, tag: str, version: VersionInfo, *, vary: str = "Accept") -> Response:
    """Set ETag (of the encoding sent), Last-Modified, Cache-Control and Vary."""
    if version.stable or tag:
        encoding = response.headers.get("Content-Encoding", "")
        response.headers["ETag"] = encoded_tag(tag, encoding)
    made = last_modified(version) if version.stable else None
    if made is not None:
        response.headers["Last-Modified"] = http_date(made)
    response.headers["Cache-Control"] = NO_CACHE
    response.headers["Vary"] = f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"
    return response


def unmodified(req: Request, tag: str, version: VersionInfo, *, vary: str = "Accept") -> Response:
    """304, with the tag of the encoding that the client would get."""
    response = Response(status=304)
    response.headers.pop("Content-Type", None)
    with_validators(response, tag, version, vary=vary)
    header = req.headers.get("If-None-Match", "")
    if f"{tag}-gz" in header:
        response.headers["ETag"] = encoded_tag(tag, "gzip")
    return response


def from_entry(entry: Entry, *, compress: bool) -> Response:
    """A kept answer as a response."""
    packed = compress and bool(entry.compressed)
    response = Response(entry.compressed if packed else entry.data, content_type=entry.content_type)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


def from_body(body: Body, content_type: str, *, compress: bool) -> Response:
    """A spooled answer as a response that carries its length, compressed into a second spool if wanted."""
    if compress and body.length >= MIN_GZIP:
        packed = _compressed(body)
        body.close()
        response = _streamed(packed, content_type)
        response.headers["Content-Encoding"] = "gzip"
        return response
    return _streamed(body, content_type)


def _streamed(body: Body, content_type: str, start: int = 0, end: int | None = None) -> Response:
    response = Response(body.chunks(start, end), content_type=content_type, direct_passthrough=True)
    response.headers["Content-Length"] = str((body.length if end is None else end) - start)
    response.call_on_close(body.close)
    return response


def _compressed(body: Body) -> Body:
    file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - closed with the body
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, mtime=0) as packer:
        for chunk in body.chunks():
            packer.write(chunk)
    file.flush()
    return Body(file=file)


def parse_range(header: str, length: int) -> tuple[int, int] | None:
    """The one range asked for as (start, end), end exclusive; None to send everything; raises 416."""
    # a number of more digits is no place in any body, and slow to read
    match = re.fullmatch(r"bytes=(\d{0,100})-(\d{0,100})", header.strip(), re.ASCII | re.IGNORECASE)
    if match is None or not (match[1] or match[2]):
        return None
    first, last = match[1], match[2]
    if not first:
        start, end = max(0, length - int(last)), length
    else:
        start, end = int(first), min(length, int(last) + 1) if last else length
    if first and last and int(last) < int(first):
        return None
    if start >= length or start >= end:
        raise HttpProblemError(
            416, "the range lies outside", code="range", headers={"Content-Range": f"bytes */{length}"}
        )
    return start, end


def from_ranged(body: Body, content_type: str, tag: str, *, compress: bool) -> Response:
    """An answer of which the client may fetch a part (RFC 9110 section 14)."""
    header = request.headers.get("Range", "")
    condition = request.headers.get("If-Range")
    if not header or request.method != "GET" or (condition is not None and condition.strip() != f'"{tag}"'):
        response = from_body(body, content_type, compress=compress)
        response.headers["Accept-Ranges"] = "bytes"
        return response
    try:
        span = parse_range(header, body.length)
    except HttpProblemError:
        body.close()
        raise
    if span is None:
        return from_body(body, content_type, compress=compress)
    response = _streamed(body, content_type, *span)
    response.status_code = 206
    response.headers["Content-Range"] = f"bytes {span[0]}-{span[1] - 1}/{body.length}"
    response.headers["Accept-Ranges"] = "bytes"
    return response
