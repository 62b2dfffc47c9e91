"""``/export/graph.<format>``: every graph export of the command line, sliced by the address."""

from __future__ import annotations

import contextlib
import io
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Final

from flask import Response, request

from zonegraph.errors import QueryLimitError, UsageError
from zonegraph.graph import FORMATS, ExportOptions, Format, export_etag, export_graph, find_format
from zonegraph.resources import data_dir
from zonegraph.store import ReadStore
from zonegraph.web import http
from zonegraph.web.backend import Body, Cancel, Row, Task, VersionInfo
from zonegraph.web.cache import MAX_ENTRY, Entry
from zonegraph.web.negotiate import Kind, offers
from zonegraph.web.pages.addresses import full
from zonegraph.web.pages.reader import read_rows
from zonegraph.web.problems import ClientGoneError, HttpProblemError, busy
from zonegraph.web.shelf import shelf_of
from zonegraph.web.web import Web, current_web

if TYPE_CHECKING:
    from typing_extensions import Buffer

#: Exports that one server process writes at the same time; others wait for their turn.
_AT_ONCE: Final = 2
_RENAMED: Final = {"graph.csv": "csv", "json": "cyjs", "ttl": "full", "neo4j.zip": "neo4j", "csv.zip": "csv"}


@dataclass(frozen=True, slots=True)
class AskedStore:
    """A store as the exporter needs one, over the endpoint's workers or a remote service."""

    web: Web
    version: VersionInfo

    def select(self, text: str) -> list[Row]:
        """All rows of a SELECT, under the caps of a dump."""
        task = Task("query", self.web.dump_limits(), text=text, prefixes=True, key=text)
        return read_rows(self.web.backend.run(task, self.version, http.cancel_of(request)))


def view(form: str) -> Response:
    """The graph, or a slice of it, in one format; the same address gives the same bytes for the same version."""
    web = current_web()
    version = web.backend.version()
    name = _name(form)
    dump = next((f for f in offers(Kind.DATASET, html=False) if form in {f.name, f.extension}), None)
    if dump is not None and name not in FORMATS:
        return _moved(f"/data?format={dump.name}")
    chosen = _format(name)
    options = _options(version)
    tag = export_etag(version.digest, chosen.name, options)
    if version.stable and http.not_modified(request, tag, version):
        return http.unmodified(request, tag, version, vary="")
    response = _response(web, version, chosen, options, tag)
    response.headers["Content-Disposition"] = f'attachment; filename="{chosen.file_name}"'
    return http.with_validators(response, tag, version, vary="") if version.stable else response


def _name(form: str) -> str:
    """The name of a format that is asked for by name, or by the ending of its files."""
    by_ending = {f.extension: f.name for f in FORMATS.values() if f.extension not in FORMATS and not f.multi}
    return {**by_ending, **_RENAMED}.get(form, form)


def _response(web: Web, version: VersionInfo, chosen: Format, options: ExportOptions, tag: str) -> Response:
    """Small ones from memory, large ones from a file, both kept while their version is served."""
    media = "application/zip" if chosen.multi else chosen.media_type
    compress = http.wants_gzip(request)
    entry = web.cache.get(tag) if version.stable else None
    if entry is None:
        body, edges = _body(web, version, chosen, options, tag)
        if body.length > MAX_ENTRY:
            return http.from_ranged(body, media, tag, compress=compress)
        entry = Entry.from_data(media, body.data(), edges)
        body.close()
        if version.stable:
            web.cache.put(tag, entry)
    if "Range" in request.headers:
        return http.from_ranged(Body(entry.data), media, tag, compress=compress)
    response = http.from_entry(entry, compress=compress)
    response.headers["Accept-Ranges"] = "bytes"
    return response


def _body(web: Web, version: VersionInfo, chosen: Format, options: ExportOptions, tag: str) -> tuple[Body, int]:
    """The export from the shelf where the dumps stand, or written now."""
    shelf = shelf_of(web)
    kept = shelf.get(tag) if version.stable else None
    if kept is not None:
        return kept
    body, edges = _written(web, version, chosen, options)
    if version.stable and body.length > MAX_ENTRY:
        shelf.put(tag, body, edges)
    return body, edges


def _written(web: Web, version: VersionInfo, chosen: Format, options: ExportOptions) -> tuple[Body, int]:
    """The export in a file of its own, and how many edges it has."""
    turn: BoundedSemaphore = web.state.setdefault("exports", BoundedSemaphore(_AT_ONCE))
    if not turn.acquire(timeout=web.config.timeout):
        raise busy("other exports are before this one", seconds=5)
    try:
        file = BoundedFile(web.config.spool, web.config.max_dump_bytes, http.cancel_of(request))
        with contextlib.ExitStack() as stack:
            stack.callback(file.close)
            folder = Path(version.path).parent if version.path else None
            report = export_graph(_store(web, version, chosen), chosen.name, options, file, folder=folder)
            file.flush()
            stack.pop_all()
        return Body(file=file), report.edges
    finally:
        turn.release()


class BoundedFile(io.BufferedRandom):
    """A temporary file that takes only so many bytes, and only while somebody waits for them."""

    def __init__(self, folder: Path | None, limit: int, cancel: Cancel) -> None:
        super().__init__(tempfile.TemporaryFile(dir=folder, buffering=0))  # noqa: SIM115 - closed with this one
        self._limit = limit
        self._cancel = cancel

    def write(self, data: Buffer, /) -> int:
        """Take some bytes; raises `QueryLimitError` for too many, `ClientGoneError` when they are for nobody."""
        if self._cancel.fired:
            raise ClientGoneError("the client left")
        if self.tell() + len(memoryview(data)) > self._limit:
            raise QueryLimitError(
                f"the export is larger than {self._limit} bytes",
                hint="ask for a slice: center and hops, kinds, or max-nodes",
                code="limit-bytes",
            )
        return super().write(data)


def _store(web: Web, version: VersionInfo, chosen: Format) -> AskedStore | ReadStore:
    """What to read from: a format that is no projection wants the quads themselves, which only a store here has."""
    if chosen.needs_graph:
        return AskedStore(web, version)
    if not version.path:
        raise HttpProblemError(501, f"{chosen.name} needs the store itself", hint="use /data", code="not-here")
    return ReadStore.open(Path(version.path))


def _moved(address: str) -> Response:
    return Response(status=303, headers={"Location": address})


def _format(name: str) -> Format:
    try:
        return find_format(name)
    except UsageError as error:
        raise HttpProblemError(404, error.message, hint=error.hint, code="unknown-format") from error


def _options(version: VersionInfo) -> ExportOptions:
    query = {name: value for name, value in request.args.items() if value}
    center = query.get("center", "")
    if center and "://" not in center:
        query["center"] = full(center) or center
    options = ExportOptions.from_query(query, version=version.id)
    # the same folder as the command line, so that both write the same bytes
    return replace(options, profiles=data_dir("queries") / "export")
