"""Linked data: 303 from things to documents, documents in every form, successors and withdrawals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox
from flask import Blueprint, Response, g, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from zonegraph.names import BASE, DCTERMS, GRAPH_ONTOLOGY, OWL, RDF, RDFS, ZG, ZGC, ZGG, ZGI
from zonegraph.store import RDF_FORMATS, dump_quads
from zonegraph.web import describe, http, jsonld
from zonegraph.web.backend import Task, VersionInfo, select
from zonegraph.web.cache import Entry, fingerprint
from zonegraph.web.negotiate import Format, Kind, by_name, choose, format_named, offers
from zonegraph.web.problems import HttpProblemError, bad_request
from zonegraph.web.protocol import is_iri
from zonegraph.web.querylog import Record
from zonegraph.web.web import Web, current_web

#: Endings of documents; the first is the one that HTML links to.
ENDINGS: Final = {"ttl": "turtle", "jsonld": "jsonld", "nt": "ntriples", "rdf": "rdfxml", "html": "html"}
_NO_IRI: Final = re.compile(r"[\x00-\x20<>\"{}|\\^`\x7f]")
_SAFE: Final = "/:@!$&'()*+,;=~-._%"
_CONTEXT_TYPE: Final = "application/ld+json"


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides how a thing is answered."""

    iri: str
    types: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()
    withdrawn: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One document: where it lies, what it is about, and which page of its claims."""

    address: str
    iri: str
    number: int = 1


def blueprint(_: Web) -> Blueprint:
    """``/id/…``, ``/doc/…``, ``/ontology``, ``/code/…``, ``/context.jsonld``."""
    views = Blueprint("linked", __name__)
    views.add_url_rule("/id/<path:path>", view_func=thing)
    views.add_url_rule("/doc/<path:path>", view_func=document)
    views.add_url_rule("/code/<path:path>", view_func=code)
    views.add_url_rule("/graph/<path:path>", view_func=graph)
    views.add_url_rule("/ontology", view_func=ontology)
    views.add_url_rule("/ontology.<ending>", view_func=ontology)
    views.add_url_rule("/ontology/<version>", view_func=ontology)
    views.add_url_rule("/context.jsonld", view_func=context)
    return views


def context() -> Response:
    """The JSON-LD context of all documents."""
    return Response(jsonld.context(), content_type=_CONTEXT_TYPE, headers={"Cache-Control": "public, max-age=3600"})


def graph(path: str) -> BaseResponse:
    """The IRI of a named graph leads to its content."""
    return redirect(f"/data?graph={quote(ZGG + path, safe='')}", 303)


def thing(path: str) -> Response:
    """A thing cannot be sent; its document can (303)."""
    web = current_web()
    facts = _facts(web, web.backend.version(), ZGI, path)
    address = f"{http.base_url(web.config)}/doc/{quote(facts.iri[len(ZGI) :], safe=_SAFE)}"
    links = [f'<{address}>; rel="describedby"', *_successor_links(facts)]
    return Response(status=303, headers={"Location": address, "Link": ", ".join(links), "Cache-Control": http.NO_CACHE})


def document(path: str) -> Response:
    """The document about a thing."""
    return _respond(current_web(), "doc", ZGI, path)


def code(path: str) -> Response:
    """A code or a code list."""
    return _respond(current_web(), "code", ZGC, path)


def _respond(web: Web, route: str, namespace: str, path: str) -> Response:
    stem, form, fixed = _form(path)
    version = web.backend.version()
    facts = _facts(web, version, namespace, stem)
    address = f"{http.base_url(web.config)}/{route}/{quote(facts.iri[len(namespace) :], safe=_SAFE)}"
    page = Page(address, facts.iri, _page_number())
    tag = fingerprint(version.digest, "doc", page.iri, page.number, address, form.name, form.media_type)
    response = _conditional(web, page, facts, form, version, tag)
    response.headers["Link"] = ", ".join(_links(web, page, facts, version))
    if not fixed:
        response.headers["Content-Location"] = f"{address}.{_ending(form)}"
    return response


def _conditional(web: Web, page: Page, facts: Facts, form: Format, version: VersionInfo, tag: str) -> Response:
    if form.name == "html" and "document" in web.views:
        return web.views["document"](page.iri, facts.successors)
    if version.stable and http.not_modified(request, tag, version):
        return http.unmodified(request, tag, version)
    entry = web.cache.get(tag) if version.stable else None
    if entry is None:
        g.record = Record.begin(f"describe {page.iri}")
        entry = _made(web, page, facts, form, version)
        g.record.rows, g.record.version = entry.rows, version.id
        web.cache.put(tag, entry)
    response = http.from_entry(entry, compress=http.wants_gzip(request))
    return http.with_validators(response, tag, version) if version.stable else response


def _page_number() -> int:
    value = request.args.get("page", "1")
    if not re.fullmatch(r"[1-9]\d{0,5}", value, re.ASCII):
        raise bad_request("page is not a number from 1", code="page")
    return int(value)


def _form(path: str) -> tuple[str, Format, bool]:
    """The path without a known ending, the format, and whether the ending fixed it."""
    stem, dot, ending = path.rpartition(".")
    if dot and stem and ending in ENDINGS:
        return stem, format_named(ENDINGS[ending]), True
    return path, _negotiated(), False


def _negotiated() -> Format:
    available = [form for form in offers(Kind.GRAPH) if form.name in ENDINGS.values()]
    wanted = request.args.get("format")
    return by_name(wanted, available) if wanted else choose(request.headers.get("Accept"), available)


def _ending(form: Format) -> str:
    return next(ending for ending, name in ENDINGS.items() if name == form.name)


def _facts(web: Web, version: VersionInfo, namespace: str, path: str) -> Facts:
    """What is known of an address; raises 404 for nothing and 410 for what was withdrawn without a successor."""
    known: dict[tuple[str, str], Facts] = web.state.setdefault("facts", {})
    key = (version.id, namespace + path)
    facts = known.get(key) if version.stable else None
    if facts is None:
        facts = _read_facts(web, version, namespace, path)
        if len(known) > 10_000:
            known.clear()
        known[key] = facts
    if facts.withdrawn and not facts.successors:
        raise HttpProblemError(410, f"{facts.iri} was withdrawn", code="gone")
    return facts


def _read_facts(web: Web, version: VersionInfo, namespace: str, path: str) -> Facts:
    candidates = _candidates(namespace, path)
    rows = select(web.backend, describe.facts_query(candidates), web.limits(), version=version) if candidates else []
    found = sorted({row["iri"].value for row in rows if isinstance(row["iri"], ox.NamedNode)})
    if not found and namespace == ZGI and web.backend.knew(version, candidates):
        raise HttpProblemError(410, f"{candidates[0]} was described in an earlier version", code="gone")
    if not found:
        raise HttpProblemError(404, f"nothing is known of {namespace}{path}"[:500], code="unknown-thing")
    iri = found[0]
    values = [(row["p"], row["o"]) for row in rows if "p" in row and row["iri"] == ox.NamedNode(iri)]

    def of(predicate: str) -> list[str]:
        return [o.value for p, o in values if p == ox.NamedNode(predicate) and isinstance(o, ox.NamedNode | ox.Literal)]

    labels = of(RDFS + "label")
    return Facts(
        iri,
        tuple(of(RDF + "type")),
        tuple(of(DCTERMS + "isReplacedBy")),
        withdrawn="true" in of(OWL + "deprecated"),
        label=labels[0] if labels else "",
    )


def _candidates(namespace: str, path: str) -> list[str]:
    """The IRIs an address may mean: as decoded, and with its percent-encoding kept."""
    encoded = quote(path, safe=_SAFE)
    return [namespace + p for p in dict.fromkeys((path, encoded)) if is_iri(namespace + p)]


def _made(web: Web, page: Page, facts: Facts, form: Format, version: VersionInfo) -> Entry:
    text = describe.description_query(page.iri, page.number)
    task = Task("query", web.limits(), text=text, format="ntriples", key=text)
    found = web.backend.run(task, version, http.cancel_of(request))
    triples = [quad.triple for quad in ox.parse(found.body.data(), format=ox.RdfFormat.N_TRIPLES)]
    found.body.close()
    return Entry.from_data(form.content_type, _serialised(web, page, facts, form, triples), len(triples))


def _serialised(web: Web, page: Page, facts: Facts, form: Format, triples: list[ox.Triple]) -> bytes:
    if form.name == "html":
        title = facts.label or page.iri
        text = web.renderers["entity"](page.iri, title, triples, replaced_by=facts.successors)
        return text.encode("utf-8")
    if form.name == "jsonld":
        return jsonld.document(triples)
    quads = [ox.Quad(t.subject, t.predicate, t.object) for t in triples]
    return dump_quads(quads, RDF_FORMATS[form.name])


def _links(web: Web, page: Page, facts: Facts, version: VersionInfo) -> Iterator[str]:
    """Typed links (RFC 8288), among them what FAIR signposting asks for."""
    yield f'<{page.iri}>; rel="cite-as"'
    yield f'<{page.address}>; rel="canonical"'
    for ending, name in ENDINGS.items():
        media_type = format_named(name).media_type
        yield f'<{page.address}.{ending}>; rel="alternate"; type="{media_type}"'
        if name != "html":
            yield f'<{page.address}.{ending}>; rel="describedby"; type="{media_type}"'
    yield f'<{web.config.license}>; rel="license"'
    for kind in facts.types[:10]:
        if not _NO_IRI.search(kind):
            yield f'<{quote(kind, safe=_SAFE + "#?")}>; rel="type"'
    yield f'<{http.base_url(web.config)}/.well-known/void#dataset>; rel="collection"'
    yield from _successor_links(facts)
    yield from _page_links(web, page, version)


def _successor_links(facts: Facts) -> Iterator[str]:
    for successor in facts.successors:
        if not _NO_IRI.search(successor):
            yield f'<{quote(successor, safe=_SAFE + "#?")}>; rel="successor-version"'


def _page_links(web: Web, page: Page, version: VersionInfo) -> Iterator[str]:
    known: dict[tuple[str, str], int] = web.state.setdefault("claims", {})
    key = (version.id, page.iri)
    if key not in known:
        if len(known) > 10_000:
            known.clear()
        rows = select(web.backend, describe.count_query(page.iri), web.limits(), version=version)
        count = rows[0]["n"] if rows else None
        known[key] = int(count.value) if isinstance(count, ox.Literal) else 0
    if page.number > 1:
        yield f'<{page.address}?page={page.number - 1}>; rel="prev"'
    if known[key] > page.number * describe.PAGE:
        yield f'<{page.address}?page={page.number + 1}>; rel="next"'


def ontology(ending: str = "", version: str = "") -> Response:
    """The vocabulary, as one document for all of its terms, under its own address and that of its version."""
    web = current_web()
    state = web.backend.version()
    if ending and ending not in ENDINGS:
        raise HttpProblemError(404, "no such form of the vocabulary", code="unknown-thing")
    _check_ontology_version(web, state, version)
    form = format_named(ENDINGS[ending]) if ending else _negotiated()
    address = f"{http.base_url(web.config)}/ontology"
    if form.name == "html" and "ontology" in web.views:
        return web.views["ontology"]()
    tag = fingerprint(state.digest, "ontology", form.name, form.media_type)
    if state.stable and http.not_modified(request, tag, state):
        return http.unmodified(request, tag, state)
    name = "turtle" if form.name == "html" else form.name
    found = web.backend.run(Task("graph", web.limits(), format=name, graph=GRAPH_ONTOLOGY), state)
    data = found.body.data()
    found.body.close()
    if form.name == "html":
        data = web.renderers["ontology"](data.decode("utf-8")).encode("utf-8")
    response = http.from_entry(Entry.from_data(form.content_type, data, found.rows), compress=http.wants_gzip(request))
    links = [f'<{address}.{e}>; rel="alternate"; type="{format_named(n).media_type}"' for e, n in ENDINGS.items()]
    response.headers["Link"] = ", ".join([f'<{address}>; rel="canonical"', *links])
    response.headers["Content-Location"] = f"{address}.{_ending(form)}"
    return http.with_validators(response, tag, state) if state.stable else response


def _check_ontology_version(web: Web, state: VersionInfo, version: str) -> None:
    if not version:
        return
    node = ox.NamedNode(ZG.rstrip("#"))
    text = f"SELECT ?v {{ GRAPH <{GRAPH_ONTOLOGY}> {{ $node <{OWL}versionInfo>|<{OWL}versionIRI> ?v }} }}"
    rows = select(web.backend, text, web.limits(), {"node": node}, version=state)
    names = {row["v"].value for row in rows if isinstance(row["v"], ox.NamedNode | ox.Literal)}
    if version not in names and f"{BASE}ontology/{version}" not in names:
        raise HttpProblemError(404, f"there is no version {version} of the vocabulary"[:300], code="unknown-thing")
