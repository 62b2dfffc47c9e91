"""``/data``: SPARQL 1.1 Graph Store HTTP Protocol, indirect and direct, and the dump of the whole dataset."""

from __future__ import annotations

import codecs
import re
import secrets
from dataclasses import dataclass

from flask import Blueprint, Response, g, request
from werkzeug.datastructures import FileStorage

from zonegraph.web import http
from zonegraph.web.backend import Body, GraphChange, Payload, Task, VersionInfo
from zonegraph.web.cache import fingerprint
from zonegraph.web.negotiate import Format, Kind, by_name, choose, format_named, offers, rdf_input
from zonegraph.web.problems import HttpProblemError, bad_request
from zonegraph.web.protocol import absolute_iri, method_not_allowed, parse_content_type, parse_parameters
from zonegraph.web.querylog import Record
from zonegraph.web.shelf import shelf_of
from zonegraph.web.update import writer
from zonegraph.web.web import Web, current_web

METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS")
_ANY = [*METHODS, "PATCH", "QUERY", "TRACE", "CONNECT"]
_ALLOW = ", ".join(METHODS)


@dataclass(frozen=True, slots=True)
class Target:
    """The graph a request is about: an IRI, the default graph (empty), or none named (the whole dataset)."""

    graph: str | None

    @property
    def is_dataset(self) -> bool:
        """Whether no graph is named."""
        return self.graph is None


def blueprint(_: Web) -> Blueprint:
    """The routes of the graph store."""
    views = Blueprint("gsp", __name__)
    for path in ("/data", "/data/", "/data/<path:rest>"):
        views.add_url_rule(path, view_func=graph_store, methods=_ANY, provide_automatic_options=False)
    return views


def graph_store(rest: str = "") -> Response:
    """Read or change one graph."""
    if request.method == "OPTIONS":
        return Response(status=204, headers={"Allow": _ALLOW})
    if request.method not in METHODS:
        raise method_not_allowed(METHODS)
    web = current_web()
    target = identify(web, rest)
    if request.method in {"GET", "HEAD"}:
        return read(web, target)
    return change(web, target)


def identify(web: Web, rest: str) -> Target:
    """Which graph is meant; raises 400 when that is said twice, or not absolutely."""
    parameters = parse_parameters(request.query_string)
    graphs, default = parameters.get("graph", []), "default" in parameters
    if len(graphs) + default + bool(rest) > 1:
        raise bad_request("more than one graph is named", hint="name one", code="two-graphs")
    if graphs:
        return Target(absolute_iri(graphs[0]))
    if default:
        return Target("")
    return Target(absolute_iri(_direct(web)) if rest else None)


def _direct(web: Web) -> str:
    """The address of this request as the graph's IRI, its percent-encoding untouched."""
    raw = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.path)
    path = re.sub(r"^[a-z]+://[^/]*", "", raw.split("?", 1)[0])
    return http.base_url(web.config) + path


def read(web: Web, target: Target) -> Response:
    """GET and HEAD: the graph, or all of them, whole or in part."""
    available = offers(Kind.DATASET if target.is_dataset else Kind.GRAPH, html=False)
    names = parse_parameters(request.query_string).get("format")
    form = by_name(names[0], available) if names else choose(request.headers.get("Accept"), available)
    version = web.backend.version()
    tag = tag_of(version, target, form)
    g.record = Record.begin(f"{request.method} {target.graph}")
    g.record.version, g.record.format = version.id, form.name
    if version.stable and http.not_modified(request, tag, version):
        g.record.outcome = "not-modified"
        return http.unmodified(request, tag, version)
    body, g.record.rows = _read(web, target, form, version, tag)
    response = http.from_ranged(body, form.content_type, tag, compress=http.wants_gzip(request))
    return http.with_validators(response, tag, version) if version.stable else response


def _read(web: Web, target: Target, form: Format, version: VersionInfo, tag: str) -> tuple[Body, int]:
    """The graph from the shelf, or from a worker."""
    shelf = shelf_of(web)
    kept = shelf.get(tag) if version.stable else None
    if kept is not None:
        g.record.outcome = "cached"
        return kept
    task = Task(
        op="dataset" if target.is_dataset else "graph",
        limits=web.dump_limits(),
        format=form.name,
        graph=target.graph or "",
        key=f"dump {target.graph}",
    )
    found = web.backend.run(task, version, http.cancel_of(request))
    if version.stable:
        shelf.put(tag, found.body, found.rows)
    return found.body, found.rows


def tag_of(version: VersionInfo, target: Target, form: Format) -> str:
    """The entity tag of a graph in one form."""
    return fingerprint(version.digest, "graph", target.graph, form.name, form.media_type)


def change(web: Web, target: Target) -> Response:
    """PUT, POST and DELETE."""
    apply = writer(web)
    g.record = Record.begin(f"{request.method} {target.graph}")
    fresh = target.is_dataset and request.method == "POST"
    if target.is_dataset and not fresh:
        raise bad_request("no graph is named", hint="add ?graph=IRI or ?default", code="no-graph-named")
    graph = f"{http.base_url(web.config)}/data/{secrets.token_hex(16)}" if fresh else target.graph or ""
    expected = _condition(web, Target(graph))
    payloads = () if request.method == "DELETE" else _payloads(web)
    base = graph or http.base_url(web.config) + "/data"
    version, existed = apply.graph_store(GraphChange(request.method.lower(), graph, base, payloads, expected))
    g.record.outcome, g.record.version = "updated", version.id
    if existed:
        return Response(status=204)
    return Response(status=201, headers={"Location": graph})


def _condition(web: Web, target: Target) -> str | None:
    """Check If-Match and If-None-Match (RFC 9110 section 13); returns the version they hold for, if any."""
    wanted, unwanted = request.headers.get("If-Match"), request.headers.get("If-None-Match")
    if wanted is None and unwanted is None:
        return None
    version = web.backend.version()
    exists = not target.graph or target.graph in version.graphs
    tags = {tag_of(version, target, form) for form in offers(Kind.GRAPH, html=False)} if exists else set()
    tags |= {f"{tag}-gz" for tag in tags}
    lost = wanted is not None and not _names(wanted, http.strong_tags(wanted) & tags, exists=exists)
    if lost or (unwanted is not None and _names(unwanted, http.weak_tags(unwanted) & tags, exists=exists)):
        raise HttpProblemError(412, "the graph is not in the state you expect", code="precondition")
    return version.id


def _names(header: str, tags: set[str], *, exists: bool) -> bool:
    return exists if header.strip() == "*" else bool(tags)


def _payloads(web: Web) -> tuple[Payload, ...]:
    media_type, details = parse_content_type(request.headers.get("Content-Type", ""))
    request.max_content_length = web.config.max_body_bytes
    if media_type == "multipart/form-data":
        request.max_form_memory_size = web.config.max_body_bytes
        return tuple(_part(file.content_type or "", file.filename or "", file.read()) for file in _files())
    if details.get("charset", "utf-8") not in {"utf-8", "utf8"}:
        raise HttpProblemError(415, "the body must be UTF-8", code="not-utf8")
    return (_part(media_type, "", http.unpacked(request.get_data(cache=False), web.config.max_body_bytes)),)


def _files() -> list[FileStorage]:
    files = [file for name in request.files for file in request.files.getlist(name)]
    if not files:
        raise bad_request("the form holds no file", hint="send each document as a file", code="no-file")
    return files


def _part(content_type: str, filename: str, data: bytes) -> Payload:
    media_type, _ = parse_content_type(content_type)
    form = rdf_input(media_type) or _by_ending(media_type, filename)
    if form is None:
        known = ", ".join(f.media_type for f in offers(Kind.GRAPH, html=False))
        raise HttpProblemError(
            415, f"{media_type or 'no media type'} is not RDF", hint=f"send {known}", code="media-type"
        )
    return Payload(data.removeprefix(codecs.BOM_UTF8), form.name)


def _by_ending(media_type: str, filename: str) -> Format | None:
    """Browsers send files of unknown type as bytes: their names tell."""
    if media_type not in {"", "application/octet-stream", "text/plain"} or "." not in filename:
        return None
    ending = filename.rsplit(".", 1)[1].lower()
    name = next((f.name for f in offers(Kind.GRAPH, html=False) if f.extension == ending), None)
    return format_named(name) if name else None
