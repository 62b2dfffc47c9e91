"""``/export/graph.<format>``: every graph export of the command line, sliced by the address."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path

from flask import Response, request

from zonegraph.errors import UsageError
from zonegraph.graph import FORMATS, ExportOptions, Format, export_etag, export_graph, find_format
from zonegraph.resources import data_dir
from zonegraph.store import ReadStore
from zonegraph.web import http
from zonegraph.web.backend import Row, Task, VersionInfo
from zonegraph.web.cache import Entry
from zonegraph.web.negotiate import Kind, offers
from zonegraph.web.pages.addresses import full
from zonegraph.web.pages.reader import read_rows
from zonegraph.web.problems import HttpProblemError
from zonegraph.web.web import Web, current_web

_RENAMED = {"graph.csv": "csv", "json": "cyjs", "ttl": "full", "neo4j.zip": "neo4j", "csv.zip": "csv"}


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
    name = _RENAMED.get(form, form)
    dump = next((f for f in offers(Kind.DATASET, html=False) if form in {f.name, f.extension}), None)
    if dump is not None and name not in FORMATS:
        return _moved(f"/data?format={dump.name}")
    chosen = _format(name)
    options = _options(version)
    tag = export_etag(version.digest, chosen.name, options)
    if version.stable and http.not_modified(request, tag, version):
        return http.unmodified(request, tag, version, vary="")
    entry = web.cache.get(tag) if version.stable else None
    if entry is None:
        buffer = io.BytesIO()
        report = export_graph(_store(web, version, chosen), chosen.name, options, buffer)
        media = "application/zip" if chosen.multi else chosen.media_type
        entry = Entry.from_data(media, buffer.getvalue(), report.edges)
        web.cache.put(tag, entry)
    response = http.from_entry(entry, compress=http.wants_gzip(request))
    response.headers["Content-Disposition"] = f'attachment; filename="{chosen.file_name}"'
    return http.with_validators(response, tag, version, vary="") if version.stable else response


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
