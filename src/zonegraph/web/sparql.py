"""``/sparql``: from a request to an answer.

parse (protocol) -> guard -> negotiate -> name the answer (ETag) -> 304, cache, or a worker -> one complete response.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Final, Protocol

import pyoxigraph as ox
from flask import Blueprint, Response, g, request

from zonegraph.errors import QuerySyntaxError
from zonegraph.sparql import guard
from zonegraph.sparql.patterns import NOTHING, Reading
from zonegraph.web import discovery, http, update
from zonegraph.web.backend import Answer, Body, Cancel, Limits, Task, VersionInfo, read_table
from zonegraph.web.cache import MAX_ENTRY, Entry, fingerprint
from zonegraph.web.negotiate import Format, Kind, by_name, choose, offers
from zonegraph.web.problems import HttpProblemError, bad_request
from zonegraph.web.protocol import METHODS, Operation, RawRequest, SparqlRequest, method_not_allowed, parse_request
from zonegraph.web.querylog import Record
from zonegraph.web.web import Web, current_web

PAGE_ROWS = 10_000
PAGE_BYTES = 8 * 1024 * 1024
_KINDS = {"SELECT": Kind.BINDINGS, "ASK": Kind.BOOLEAN, "CONSTRUCT": Kind.GRAPH, "DESCRIBE": Kind.GRAPH}
_ANY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "QUERY", "OPTIONS", "TRACE", "CONNECT"]
_ALLOW = ", ".join(METHODS)


#: Where the edge leaves a query that it has begun, in the WSGI environment.
BEGUN: Final = "zonegraph.begun"


@dataclass(frozen=True, slots=True)
class Plan:
    """A checked query: what to run, in which form to send it, and the name of the answer (empty: not nameable)."""

    task: Task
    format: Format
    version: VersionInfo
    tag: str
    text: str
    reading: Reading = NOTHING


class Evaluation(Protocol):
    """A task that a worker has already."""

    def answer(self, cancel: Cancel) -> Answer:
        """Wait for the answer, or raise what went wrong."""
        ...

    def abandon(self) -> None:
        """End it, if nobody has asked for the answer."""
        ...


@dataclass(frozen=True, slots=True)
class Begun:
    """A checked query on its way through a worker, begun by the edge and finished by a view."""

    plan: Plan
    record: Record
    evaluation: Evaluation


def blueprint(_: Web) -> Blueprint:
    """The routes of the endpoint."""
    views = Blueprint("sparql", __name__)
    for path in ("/sparql", "/sparql/"):
        views.add_url_rule(path, view_func=endpoint, methods=_ANY, provide_automatic_options=False)
    return views


def endpoint() -> Response:
    """SPARQL 1.1 Protocol, and the service description where no operation is named."""
    if request.method == "OPTIONS":
        return Response(status=204, headers={"Allow": _ALLOW})
    if request.method not in METHODS:
        raise method_not_allowed(METHODS)
    web = current_web()
    begun = request.environ.get(BEGUN)
    if isinstance(begun, Begun):
        return _taken_over(web, begun)
    asked = parse_request(_raw(web))
    if asked.operation is Operation.DESCRIBE_SERVICE:
        return discovery.service_description(web, asked.format)
    g.record = Record.begin(asked.text)
    if asked.operation is Operation.UPDATE:
        return update.respond(web, asked)
    return answer(web, plan(web, asked, http.base_url(web.config), request.headers.get("Accept")))


def _taken_over(web: Web, begun: Begun) -> Response:
    g.record = record = begun.record
    record.outcome = "ok"
    found = begun.evaluation.answer(http.cancel_of(request))
    return _finished(_shown(web, begun.plan, found), begun.plan)


def _raw(web: Web) -> RawRequest:
    limit = web.config.max_query_bytes
    query_string = request.query_string
    if len(query_string) > 3 * limit:
        raise HttpProblemError(414, "the address is too long", hint="send the query by POST", code="too-long")
    body = _body(web) if request.method in {"POST", "QUERY"} else b""
    return RawRequest(request.method, query_string, request.headers.get("Content-Type", ""), body)


def _body(web: Web) -> bytes:
    # an update may carry data, a query may not
    limit = web.config.max_body_bytes if update.is_authorised(web) else 3 * web.config.max_query_bytes
    request.max_content_length = limit
    if (request.content_length or 0) > limit:
        raise HttpProblemError(413, f"the body is larger than {limit} bytes", code="too-large")
    return http.unpacked(request.get_data(cache=False), limit)


def plan(web: Web, asked: SparqlRequest, root: str, accept: str | None) -> Plan:
    """Check a query and decide how it is answered; evaluates nothing. ``root`` is the address of this server."""
    if len(asked.text.encode("utf-8", "surrogatepass")) > web.config.max_query_bytes:
        raise HttpProblemError(413, f"the query is longer than {web.config.max_query_bytes} bytes", code="too-large")
    facts = guard.inspect(asked.text)
    if facts.is_update:
        raise bad_request("an update sent as a query", hint="send it by POST as update", code="query-syntax")
    guard.refuse_foreign(facts, frozenset(web.config.service_hosts))
    form = _format(asked.format, accept, _KINDS.get(facts.form, Kind.BINDINGS))
    version = web.backend.version()
    base = root + "/sparql"
    task = _task(web, asked, facts, form, base)
    names = [version.digest, facts.normalised, task.default_graphs, task.named_graphs, base, form.name, form.media_type]
    names += [web.variant()] if form.name == "html" else []
    tag = fingerprint(*names) if version.stable and not facts.volatile else ""
    return Plan(task, form, version, tag, asked.text, facts.reading)


@functools.lru_cache(maxsize=256)
def _format(name: str | None, accept: str | None, kind: Kind) -> Format:
    available = offers(kind)
    return by_name(name, available) if name else choose(accept, available)


def _task(web: Web, asked: SparqlRequest, facts: guard.QueryFacts, form: Format, base: str) -> Task:
    named = asked.dataset
    page = "turtle" if facts.form in {"CONSTRUCT", "DESCRIBE"} else "json"
    return Task(
        op="query",
        limits=_page_limits(web.limits(asked.timeout)) if form.name == "html" else web.limits(asked.timeout),
        text=asked.text,
        format=page if form.name == "html" else form.name,
        base=base,
        union=not named and not facts.names_dataset,
        default_graphs=named.default if named else None,
        named_graphs=named.named if named else None,
        key=facts.normalised,
    )


def _page_limits(limits: Limits) -> Limits:
    """A page is made in this process, so it must be small: a larger answer is an error that says so."""
    return replace(limits, rows=min(limits.rows, PAGE_ROWS), bytes=min(limits.bytes, PAGE_BYTES))


def answer(web: Web, planned: Plan) -> Response:
    """The response to a checked query: from the client's copy, from the cache, or from a worker."""
    record: Record = g.record
    record.version, record.format = planned.version.id, planned.format.name
    if planned.tag and http.not_modified(request, planned.tag, planned.version):
        record.outcome = "not-modified"
        return http.unmodified(request, planned.tag, planned.version)
    entry = web.cache.get(planned.tag) if planned.tag else None
    record.outcome = "cached" if entry else "ok"
    if entry is None and request.method == "HEAD":
        return _head(web, planned)
    response = http.from_entry(entry, compress=http.wants_gzip(request)) if entry else _evaluated(web, planned)
    if entry:
        record.rows = entry.rows
    return _finished(response, planned)


def _finished(response: Response, planned: Plan) -> Response:
    if planned.tag and planned.format.name == "html":
        http.with_validators(response, planned.tag, planned.version, vary="Accept, Accept-Language, Cookie")
        # not "public": what the edge keeps is told apart by address and form only, not by language
        response.headers["Cache-Control"] = "no-cache"
        return response
    if planned.tag:
        return http.with_validators(response, planned.tag, planned.version)
    if not planned.version.stable and not response.direct_passthrough and request.method != "HEAD":
        return _named_by_content(response, planned)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept, Accept-Encoding"
    return response


def _named_by_content(response: Response, planned: Plan) -> Response:
    """An answer of unknown version is named by its bytes: a repeat saves the way, not the work."""
    tag = fingerprint(response.get_data().hex(), planned.format.media_type)
    if http.not_modified(request, tag, planned.version):
        return http.unmodified(request, tag, planned.version)
    return http.with_validators(response, tag, planned.version)


def _head(web: Web, planned: Plan) -> Response:
    """The headers that GET would send; the text is checked, not evaluated."""
    task = planned.task
    check = Task("check", task.limits, text=task.text, base=task.base)
    web.backend.run(check, planned.version, http.cancel_of(request)).body.close()
    response = Response(content_type=planned.format.content_type)
    response.automatically_set_content_length = False
    return _finished(response, planned)


def _evaluated(web: Web, planned: Plan) -> Response:
    return _shown(web, planned, web.backend.run(planned.task, planned.version, http.cancel_of(request)))


def _shown(web: Web, planned: Plan, found: Answer) -> Response:
    g.record.rows = found.rows
    if planned.format.name == "html":
        found = _as_page(web, planned, found)
    elif planned.format.kinds and found.kind not in planned.format.kinds:
        found.body.close()
        raise QuerySyntaxError("the query is not what its first words say", hint="write the query form first")
    return _kept(web, planned, found)


def _kept(web: Web, planned: Plan, found: Answer) -> Response:
    """Keep a small answer in the cache; stream a large one from its spool."""
    content_type = planned.format.content_type
    compress = http.wants_gzip(request)
    if found.body.length > MAX_ENTRY:
        return http.from_body(found.body, content_type, compress=compress)
    entry = Entry.from_data(content_type, found.body.data(), found.rows)
    found.body.close()
    if planned.tag:
        web.cache.put(planned.tag, entry)
    return http.from_entry(entry, compress=compress)


def _as_page(web: Web, planned: Plan, found: Answer) -> Answer:
    data = found.body.data()
    found.body.close()
    if found.kind is Kind.GRAPH:
        page = web.renderers["graph"](data.decode("utf-8"), query=planned.text)
    else:
        page = _table_page(web, planned, data, found.rows)
    return Answer(found.kind, Body(page.encode("utf-8")), found.rows, found.seconds)


def _table_page(web: Web, planned: Plan, data: bytes, total: int) -> str:
    results = read_table(data)
    if isinstance(results, ox.QueryBoolean):
        return web.renderers["boolean"](bool(results), query=planned.text)
    names = [variable.value for variable in results.variables]
    rows = [{n: row[n] for n in names if row[n] is not None} for row, _ in zip(results, range(1000), strict=False)]
    return web.renderers["result"](names, rows, query=planned.text, total=total)
