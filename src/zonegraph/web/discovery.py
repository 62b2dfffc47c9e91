"""Discovery: service description, VoID, DCAT, prefixes and example queries as one graph, made once per version."""

from __future__ import annotations

import functools
import itertools
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

import pyoxigraph as ox
from flask import Blueprint, Response, g, request

from zonegraph.discovery import DATASET, NODES, VOID_NAME, statistics
from zonegraph.errors import ZonegraphError
from zonegraph.names import GRAPH_ONTOLOGY, PREFIXES, RDF, RDFS, SH, XSD, ZG, ZGI
from zonegraph.questions import Question, load_questions
from zonegraph.resources import data_dir
from zonegraph.sparql import guard
from zonegraph.store import RDF_FORMATS, dump_quads
from zonegraph.web import http, openapi
from zonegraph.web.backend import Backend, Limits, VersionInfo, select
from zonegraph.web.cache import Entry, fingerprint
from zonegraph.web.negotiate import Format, Kind, by_name, choose, offers
from zonegraph.web.querylog import Record
from zonegraph.web.web import Web, current_web

SD: Final = PREFIXES["sd"]
VOID: Final = PREFIXES["void"]
DCAT: Final = PREFIXES["dcat"]
DCTERMS: Final = PREFIXES["dcterms"]
FORMAT_IRIS: Final = "http://www.w3.org/ns/formats/"
_RESULTS: Final = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
    "Turtle", "N-Triples", "RDF_XML", "JSON-LD", "N3",
)  # fmt: skip
_INPUTS: Final = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD", "N3")
GEOSPARQL: Final = (
    "area", "asGeoJSON", "centroid", "convexHull", "coordinateDimension", "difference", "dimension", "distance",
    "ehContains", "ehCoveredBy", "ehCovers", "ehDisjoint", "ehEquals", "ehInside", "ehMeet", "ehOverlap",
    "envelope", "getSRID", "intersection", "isEmpty", "isSimple", "length", "perimeter", "rcc8dc", "rcc8ec",
    "rcc8eq", "rcc8ntpp", "rcc8ntppi", "rcc8po", "rcc8tpp", "rcc8tppi", "relate", "sfContains", "sfCrosses",
    "sfDisjoint", "sfEquals", "sfIntersects", "sfOverlaps", "sfTouches", "sfWithin", "spatialDimension",
    "symDifference", "union",
)  # fmt: skip
_TITLE: Final = (
    f"SELECT ?title {{ GRAPH <{GRAPH_ONTOLOGY}> {{ <{ZG.rstrip('#')}> ?p ?title "
    f"VALUES ?p {{ <{DCTERMS}title> <{RDFS}label> }} }} }} ORDER BY ?title"
)
#: The description waits so long for statistics that are not ready yet.
STATISTICS_SECONDS: Final = 5.0
#: Prefixes of the descriptions: the product's own, and one for the nodes.
_SHORT: Final = {**PREFIXES, "this": NODES}
KEEP: Final = {"Cache-Control": http.NO_CACHE}


def blueprint(_: Web) -> Blueprint:
    """The routes of discovery besides ``/sparql`` itself."""
    views = Blueprint("discovery", __name__)
    views.add_url_rule("/.well-known/void", view_func=well_known)
    views.add_url_rule("/openapi.json", view_func=api_description)
    return views


def service_description(web: Web, format_name: str | None) -> Response:
    """SPARQL 1.1 Service Description; browsers get the query page."""
    available = offers(Kind.GRAPH)
    form = by_name(format_name, available) if format_name else choose(request.headers.get("Accept"), available)
    if form.name == "html" and "query" in web.views:
        return web.views["query"]()
    if form.name == "html":
        page = web.renderers["query"](f"{http.base_url(web.config)}/sparql")
        return Response(page, content_type=form.content_type, headers={"Vary": "Accept"})
    return described(web, form, "service")


def well_known() -> Response:
    """The dataset with its partitions, at the address that RFC 5785 and the VoID note give it."""
    web = current_web()
    names = request.args.get("format")
    available = offers(Kind.GRAPH, html=False)
    form = by_name(names, available) if names else choose(request.headers.get("Accept"), available)
    return described(web, form, "dataset")


def api_description() -> Response:
    """OpenAPI 3.1."""
    web = current_web()
    body = openapi.document(http.base_url(web.config), writable=web.backend.writer is not None)
    return Response(body, content_type="application/json", headers=KEEP)


def described(web: Web, form: Format, part: str) -> Response:
    """One of the two descriptions in one format, from the cache or made now."""
    version = web.backend.version()
    base = http.base_url(web.config)
    tag = fingerprint(version.digest, version.id, part, base, form.name)
    if version.stable and http.not_modified(request, tag, version):
        return http.unmodified(request, tag, version)
    entry = web.cache.get(tag)
    if entry is None:
        g.record = Record.begin(f"description of the {part}")
        counted = statistics_of(web).get(version) if part == "dataset" else []
        triples = _dataset(web, version, base) if part == "dataset" else _service_part(web, version, base)
        entry = _made([*triples, *(counted or [])], form)
        if counted is None:
            return _unfinished(entry)
        web.cache.put(tag, entry)
    response = http.from_entry(entry, compress=http.wants_gzip(request))
    return http.with_validators(response, tag, version) if version.stable else response


def _unfinished(entry: Entry) -> Response:
    """The description without the partitions that are still being counted: right, and not to be kept."""
    response = http.from_entry(entry, compress=http.wants_gzip(request))
    response.headers["Cache-Control"] = "no-store"
    return response


def _service_part(web: Web, version: VersionInfo, base: str) -> Iterator[ox.Triple]:
    yield from _service(web, base)
    yield from _dataset(web, version, base)
    yield from _prefixes(base)
    yield from _examples(base)


def _made(triples: list[ox.Triple], form: Format) -> Entry:
    quads = [ox.Quad(t.subject, t.predicate, t.object) for t in triples]
    dump = RDF_FORMATS.get(form.name)
    engine = ox.RdfFormat.N3
    data = dump_quads(quads, dump, _SHORT) if dump else ox.serialize(triples, format=engine, prefixes=PREFIXES) or b""
    return Entry.from_data(form.content_type, data, len(triples))


def _iri(subject: str, predicate: str, value: str) -> ox.Triple:
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), ox.NamedNode(value))


def _text(subject: str, predicate: str, value: str, datatype: str = "") -> ox.Triple:
    literal = ox.Literal(value, datatype=ox.NamedNode(XSD + datatype)) if datatype else ox.Literal(value)
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), literal)


def _service(web: Web, base: str) -> Iterator[ox.Triple]:
    service, endpoint = f"{base}/sparql", f"{base}/sparql"
    writable = web.backend.writer is not None
    yield _iri(service, RDF + "type", SD + "Service")
    yield _iri(service, RDF + "type", DCAT + "DataService")
    yield _iri(service, SD + "endpoint", endpoint)
    yield _iri(service, DCAT + "endpointURL", endpoint)
    yield _iri(service, DCAT + "endpointDescription", f"{base}/openapi.json")
    for language in ("SPARQL10Query", "SPARQL11Query", "SPARQLQuery", *(["SPARQL11Update"] * writable)):
        yield _iri(service, SD + "supportedLanguage", SD + language)
    for number in ("1.1", "1.2"):
        yield _text(service, SD + "supportedVersion", number)
    for name in _RESULTS:
        yield _iri(service, SD + "resultFormat", FORMAT_IRIS + name)
    for name in _INPUTS if writable else ():
        yield _iri(service, SD + "inputFormat", FORMAT_IRIS + name)
    for feature in ("UnionDefaultGraph", "EmptyGraphs", *(["BasicFederatedQuery"] * bool(web.config.service_hosts))):
        yield _iri(service, SD + "feature", SD + feature)
    yield _iri(service, SD + "defaultEntailmentRegime", "http://www.w3.org/ns/entailment/Simple")
    yield from _functions(service) if web.config.remote is None else ()
    yield _iri(service, SD + "defaultDataset", DATASET)
    yield _iri(service, DCAT + "servesDataset", DATASET)


def _functions(service: str) -> Iterator[ox.Triple]:
    for name in GEOSPARQL:
        function = PREFIXES["geof"] + name
        yield _iri(service, SD + "extensionFunction", function)
        yield _iri(function, RDF + "type", SD + "Function")


def _dataset(web: Web, version: VersionInfo, base: str) -> Iterator[ox.Triple]:
    dataset = DATASET
    for kind in (SD + "Dataset", VOID + "Dataset", DCAT + "Dataset"):
        yield _iri(dataset, RDF + "type", kind)
    for title in _titles(web, version):
        yield ox.Triple(ox.NamedNode(dataset), ox.NamedNode(DCTERMS + "title"), title)
    yield _iri(dataset, DCTERMS + "license", web.config.license)
    if version.stable:
        yield _text(dataset, DCTERMS + "identifier", version.id)
        yield _text(dataset, DCTERMS + "modified", version.created, "dateTime")
    yield _iri(dataset, VOID + "sparqlEndpoint", f"{base}/sparql")
    yield _text(dataset, VOID + "uriSpace", ZGI)
    yield _iri(dataset, VOID + "vocabulary", ZG)
    yield _iri(dataset, VOID + "openSearchDescription", f"{base}/openapi.json")
    yield from _graphs(version, dataset, base)
    yield from _distributions(dataset, base)


def _graphs(version: VersionInfo, dataset: str, base: str) -> Iterator[ox.Triple]:
    default = NODES + "default"
    yield _iri(dataset, SD + "defaultGraph", default)
    yield _iri(default, RDF + "type", SD + "Graph")
    yield _iri(default, RDF + "type", VOID + "Dataset")
    yield _text(default, VOID + "triples", str(version.quads), "integer")
    for number, (name, count) in enumerate(sorted(version.graphs.items()), 1):
        node, graph = f"{NODES}named-{number}", f"{NODES}graph-{number}"
        yield _iri(dataset, SD + "namedGraph", node)
        yield _iri(node, RDF + "type", SD + "NamedGraph")
        yield _iri(node, SD + "name", name)
        yield _iri(node, SD + "graph", graph)
        yield _iri(graph, RDF + "type", SD + "Graph")
        yield _iri(graph, RDF + "type", VOID + "Dataset")
        yield _iri(dataset, VOID + "subset", graph)
        yield _text(graph, VOID + "triples", str(count), "integer")


def _distributions(dataset: str, base: str) -> Iterator[ox.Triple]:
    for form in offers(Kind.DATASET, html=False):
        node, address = f"{NODES}{form.name}", f"{base}/data?format={form.name}"
        yield _iri(dataset, VOID + "dataDump", address)
        yield _iri(dataset, DCAT + "distribution", node)
        yield _iri(node, RDF + "type", DCAT + "Distribution")
        yield _iri(node, DCAT + "downloadURL", address)
        yield _text(node, DCTERMS + "format", form.media_type)
        yield _iri(node, DCAT + "mediaType", f"http://www.iana.org/assignments/media-types/{form.media_type}")


def _titles(web: Web, version: VersionInfo) -> list[ox.Literal]:
    try:
        rows = select(web.backend, _TITLE, Limits(STATISTICS_SECONDS, 100, 100_000), version=version)
    except ZonegraphError:
        return []
    return [row["title"] for row in rows if isinstance(row["title"], ox.Literal)]


def _prefixes(base: str) -> Iterator[ox.Triple]:
    owner = NODES + "prefixes"
    yield _iri(f"{base}/sparql", SH + "prefixes", owner)
    for prefix, namespace in sorted(PREFIXES.items()):
        node = f"{NODES}prefix-{prefix}"
        yield _iri(owner, SH + "declare", node)
        yield _text(node, SH + "prefix", prefix)
        yield _text(node, SH + "namespace", namespace, "anyURI")


_FORMS: Final = {"SELECT": "select", "ASK": "ask", "CONSTRUCT": "construct", "DESCRIBE": "describe"}


def _examples(base: str) -> Iterator[ox.Triple]:
    """The stored questions as executables; a parameter without a default stays a variable, which means any."""
    for question, form, text in executables():
        node = f"{NODES}query-{question.name}"
        yield _iri(node, RDF + "type", SH + "SPARQLExecutable")
        yield _iri(node, RDF + "type", SH + f"SPARQL{form.capitalize()}Executable")
        yield _text(node, SH + form, text)
        for predicate, texts in ((RDFS + "label", question.titles), (RDFS + "comment", question.questions)):
            for language, words in texts.items():
                value = ox.Literal(words, language=language)
                yield ox.Triple(ox.NamedNode(node), ox.NamedNode(predicate), value)
        yield _iri(node, SH + "prefixes", NODES + "prefixes")
        yield _iri(node, PREFIXES["schema"] + "target", f"{base}/sparql")


@functools.lru_cache(maxsize=1)
def executables() -> tuple[tuple[Question, str, str], ...]:
    """The stored questions with their forms and texts; a file's head is left out, since labels and comments say it."""
    found = []
    for question in _questions():
        lines = question.fill({}).splitlines(keepends=True)
        text = "".join(itertools.dropwhile(lambda line: line.startswith("#"), lines))
        found.append((question, _FORMS[guard.inspect(text).form], text))
    return tuple(found)


def _questions() -> list[Question]:
    try:
        return load_questions(data_dir("queries"))
    except ZonegraphError:
        return []


class Statistics:
    """VoID partitions by version, counted once: from the version where the build has left them, else by a thread."""

    def __init__(self, backend: Backend, limits: Limits) -> None:
        self._backend = backend
        self._limits = limits
        self._lock = threading.Lock()
        self._ready: dict[str, threading.Event] = {}
        self._found: dict[str, list[ox.Triple]] = {}

    def get(self, version: VersionInfo, wait: float = STATISTICS_SECONDS) -> list[ox.Triple] | None:
        """The triples; None when they are still being counted after ``wait`` seconds."""
        with self._lock:
            event = self._ready.get(version.id)
            if event is None:
                event = self._begin(version)
        event.wait(wait)
        return self._found.get(version.id)

    def _begin(self, version: VersionInfo) -> threading.Event:
        event = threading.Event()
        self._ready = {version.id: event}
        self._found = {}
        threading.Thread(target=self._count, args=(version, event), daemon=True).start()
        return event

    def _count(self, version: VersionInfo, event: threading.Event) -> None:
        try:
            found = self._read(version)
        except ZonegraphError:
            found = []
        with self._lock:
            if self._ready.get(version.id) is event:
                self._found = {version.id: found}
        event.set()

    def _read(self, version: VersionInfo) -> list[ox.Triple]:
        prepared = Path(version.path).parent / VOID_NAME if version.path else None
        if prepared is not None and prepared.is_file():
            return [quad.triple for quad in ox.parse(path=str(prepared), format=ox.RdfFormat.N_QUADS)]
        return statistics(lambda text: select(self._backend, text, self._limits, version=version))


def statistics_of(web: Web) -> Statistics:
    """The statistics of this server process."""
    found = web.state.setdefault("statistics", Statistics(web.backend, web.dump_limits()))
    return cast(Statistics, found)
