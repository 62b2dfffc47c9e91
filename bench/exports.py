"""How fast is a graph of 20,000 nodes and 60,000 edges written, how much memory does it take?

``python bench/exports.py``            GEXF against networkx, from the same nodes and edges
``python bench/exports.py --store``    the command on a published version; against a script with SPARQL and networkx
``python bench/exports.py --memory``   peak memory of the command for growing graphs, and of the engine alone

Options: ``--nodes N``, ``--edges N``, ``--rounds N``, ``--profile P``. Figures are printed, nothing is kept.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

from zonegraph.build.stages import Draw
from zonegraph.graph import FORMATS, ExportOptions
from zonegraph.graph.model import Column, Edge, Graph, Kind, Meta, Node, Spell
from zonegraph.graph.writers.base import Job
from zonegraph.names import PREFIXES
from zonegraph.resources import data_dir
from zonegraph.store import StoreDir, VersionWriter

KINDS = ("Enterprise", "DevelopmentZone", "District")
RELATIONS = ("attracted", "locatedIn", "listed")
#: Where the child that makes a store notes how many seconds the prepared graph took.
DRAWN = "drawn.txt"


def _node(i: int) -> Node:
    iri = f"https://w3id.org/zonegraph/id/thing/{i}"
    kind = KINDS[i % 3]
    values = {"iri": iri, "kinds": (kind, "Thing"), "label_en": f"firm {i}", "area": i * 1.5}
    return Node(f"zgi:thing.{i}", iri, f"企业 {i} & 公司", kind, "#E69F00", 6.0, 1.0, 2.0, values)


def _edge(i: int, nodes: int) -> Edge:
    values = {
        "iri": "https://w3id.org/zonegraph/ontology#r",
        "event_iri": f"https://w3id.org/zonegraph/id/claim/{i}",
        "when": ("2010",),
    }
    source, target = f"zgi:thing.{i % nodes}", f"zgi:thing.{(i * 7 + 1) % nodes}"
    spells = (Spell("2010-01-01", "2010-12-31"),)
    return Edge(f"e.{i:016x}", source, target, RELATIONS[i % 3], "引进", 1.0, "#9A9A9A", values, spells)


def made_graph(nodes: int, edges: int) -> Graph:
    """A graph of lists, as large as asked, with Chinese labels, dates and a list attribute."""
    node_list = [_node(i) for i in range(nodes)]
    edge_list = [_edge(i, nodes) for i in range(edges)]
    return Graph(
        Meta("zonegraph", "domain", "", "", "made", dynamic=True),
        (Column("iri", "string"), Column("kinds", "strings"), Column("label_en", "string"), Column("area", "double")),
        (Column("iri", "string"), Column("event_iri", "string"), Column("when", "strings")),
        tuple(Kind(name, name, name, "#E69F00", 1) for name in KINDS),
        tuple(Kind(name, name, name, "#E69F00", 1) for name in RELATIONS),
        lambda: iter(node_list),
        lambda: iter(edge_list),
        nodes,
        edges,
    )


def made_store(nodes: int, edges: int, folder: Path) -> None:
    """A store as the command reads it, with about that many nodes and edges: two thirds plain triples, a third claims.

    Every claim has a period and rests on a span of its own.
    """
    store = StoreDir(folder)
    with VersionWriter(store) as writer:
        writer.load_lines([*_ontology(), *_document(), *_lines(nodes, edges)])
        started = time.process_time()
        Draw(data_dir("queries"))(writer)
        (folder / DRAWN).write_text(f"{time.process_time() - started:.2f}")
        store.publish(writer.finish())


def _line(graph: str, *terms: str) -> str:
    return " ".join((*terms, f"<{PREFIXES['zgg']}{graph}> ."))


def _term(name: str) -> str:
    prefix, local = name.split(":", 1)
    return f"<{PREFIXES[prefix]}{local}>"


def _ontology() -> Iterator[str]:
    for term, predicate, value in (
        ("zg:Claim", "rdf:type", "owl:Class"),
        ("zg:FirmRelation", "rdf:type", "owl:Class"),
        ("zg:FirmRelation", "rdfs:subClassOf", "zg:Claim"),
    ):
        yield _line("ontology", *map(_term, (term, predicate, value)))


def _document() -> Iterator[str]:
    document, kind, date = _term("zgi:doc/d1"), _term("rdf:type"), _term("xsd:date")
    yield _line("doc/d1", document, kind, _term("zg:SourceDocument"))
    yield _line("doc/d1", document, _term("dcterms:source"), "<https://example.org/d1>")
    for year in range(1990, 2020):
        time = _term(f"zgi:time/{year}")
        yield _line("doc/d1", time, kind, _term("zg:TimeExtent"))
        yield _line("doc/d1", time, _term("zg:edtf"), f'"{year}"')
        yield _line("doc/d1", time, _term("zg:earliest"), f'"{year}-01-01"^^{date}')
        yield _line("doc/d1", time, _term("zg:latest"), f'"{year}-12-31"^^{date}')


def _lines(nodes: int, edges: int) -> Iterator[str]:
    decimal = _term("xsd:decimal")
    for i in range(nodes):
        thing = _term(f"zgi:thing/{i}")
        yield _line("doc/d1", thing, _term("rdf:type"), _term(f"zg:{KINDS[i % 3]}"))
        yield _line("doc/d1", thing, _term("rdfs:label"), f'"企业 {i} & 公司"@zh-hans')
        yield _line("doc/d1", thing, _term("zg:area"), f'"{i}.5"^^{decimal}')
    for i in range(edges):
        source = _term(f"zgi:thing/{i % nodes}")
        target = _term(f"zgi:thing/{(i * 7 + 1 + i // nodes) % nodes}")
        if i % 3:
            yield _line("doc/d1", source, _term(f"zg:{RELATIONS[i % 3]}"), target)
        else:
            yield from _claim(i, source, target)


def _claim(i: int, source: str, target: str) -> Iterator[str]:
    claim, span = _term(f"zgi:claim/{i}"), _term(f"zgi:span/d1/{i}-{i + 9}")
    for predicate, value in (
        ("rdf:type", _term("zg:FirmRelation")),
        ("zg:basis", _term("zgc:basis-explicit")),
        ("zg:firm", source),
        ("zg:zone", target),
        ("zg:period", _term(f"zgi:time/{1990 + i % 30}")),
        ("prov:wasDerivedFrom", span),
    ):
        yield _line("doc/d1", claim, _term(predicate), value)
    for predicate, value in (
        ("rdf:type", _term("zg:TextSpan")),
        ("oa:hasSource", _term("zgi:doc/d1")),
        ("oa:start", f'"{i}"^^{_term("xsd:integer")}'),
        ("oa:end", f'"{i + 9}"^^{_term("xsd:integer")}'),
        ("oa:exact", f'"引进企业 {i}"'),
    ):
        yield _line("doc/d1", span, _term(predicate), value)


def write_own(graph: Graph) -> int:
    """The own writer, from nodes and edges to bytes."""
    out = io.BytesIO()
    for part in FORMATS["gexf"].write(Job(graph, ExportOptions(), SimpleNamespace(select=None))):
        for chunk in part.chunks:
            out.write(chunk.encode())
    return len(out.getvalue())


def write_networkx(graph: Graph) -> int:
    """The same nodes and edges through networkx (which knows neither kinds nor list attributes)."""
    import networkx as nx  # noqa: PLC0415 - the program that measures must stay small

    made = nx.MultiDiGraph()
    for node in graph.nodes():
        made.add_node(node.id, label=node.label, kind=node.kind, **_plain(node.attributes))
    for edge in graph.edges():
        values = _plain(edge.attributes)
        start, end = (edge.spells[0].start, edge.spells[0].end) if edge.spells else (None, None)
        made.add_edge(
            edge.source,
            edge.target,
            key=edge.id,
            kind=edge.kind,
            label=edge.label,
            weight=edge.weight,
            start=start or "",
            end=end or "",
            **values,
        )
    out = io.BytesIO()
    nx.write_gexf(made, out)
    return len(out.getvalue())


def _plain(values: object) -> dict[str, object]:
    return {k: "|".join(v) if isinstance(v, tuple) else v for k, v in dict(values).items() if k not in {"start", "end"}}  # type: ignore[call-overload]


def best(run: Callable[[], object], times: int = 3) -> float:
    """The shortest of several runs, in seconds."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return min(found)


def compare(nodes: int, edges: int) -> None:
    graph = made_graph(nodes, edges)
    own, other = best(lambda: write_own(graph)), best(lambda: write_networkx(graph))
    print(f"writer    {own:.2f} s   {write_own(graph) / 1e6:.1f} MB")
    print(f"networkx  {other:.2f} s")
    print(f"factor    {other / own:.1f}")


PEER_NODES = "SELECT ?n ?k ?l ?a { ?n a ?k ; rdfs:label ?l ; zg:area ?a }"
PEER_DOCUMENTS = """SELECT ?g ?d ?u { ?d a zg:SourceDocument ; dcterms:source ?u
  BIND(IRI(REPLACE(STR(?d), "/id/doc/", "/graph/doc/")) AS ?g) }"""
PEER_EDGES = "SELECT ?s ?p ?o ?g { VALUES ?p { zg:attracted zg:locatedIn zg:listed } GRAPH ?g { ?s ?p ?o } }"
PEER_CLAIMS = """SELECT ?s ?o ?c ?b ?start ?end ?when ?span ?d {
  ?c zg:firm ?s ; zg:zone ?o ; zg:basis ?b ; zg:period ?t ; prov:wasDerivedFrom ?span .
  ?t zg:earliest ?start ; zg:latest ?end ; zg:edtf ?when . ?span oa:hasSource ?d }"""


def peer(folder: Path, target: Path) -> None:
    """What a script would do that knows this very store: four queries, a `networkx.MultiDiGraph`, its writer.

    The same labels, kinds, attributes, dates and evidence. It finds out nothing (kinds, directions, columns), checks
    nothing and leaves out spells, labels of relations and colours.
    """
    import networkx as nx  # noqa: PLC0415 - the program that measures must stay small

    store = StoreDir(folder).current().open()

    def ask(text: str) -> Iterator[list[str]]:
        for row in store.query(text):
            yield [term.value for term in row]  # type: ignore[union-attr]

    made: nx.MultiDiGraph = nx.MultiDiGraph()
    for node, kind, label, area in ask(PEER_NODES):
        made.add_node(node, iri=node, kind=kind, label=label, area=float(area))
    documents = {graph: (document, url) for graph, document, url in ask(PEER_DOCUMENTS)}
    urls = dict(documents.values())
    for source, kind, end, graph in ask(PEER_EDGES):
        document, url = documents[graph]
        made.add_edge(source, end, iri=kind, kind=kind, graph=graph, prov_source=document, prov_url=url)
    for source, end, claim, basis, start, stop, when, span, document in ask(PEER_CLAIMS):
        dates = {"start": start, "end": stop, "when": when}
        proof = {"prov_source": document, "prov_span": span, "prov_url": urls[document]}
        made.add_edge(source, end, kind="FirmRelation", event_iri=claim, basis=basis, **dates, **proof)
    nx.write_gexf(made, target)


def engine(folder: Path) -> None:
    """Only the store: every triple once through the engine, written nowhere. What it keeps in memory is its own."""
    found = StoreDir(folder).current().open().query("SELECT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }")
    with tempfile.NamedTemporaryFile(suffix=".tsv") as file:
        found.serialize(file.name)  # type: ignore[union-attr]


def spent(arguments: list[str]) -> tuple[float, float]:
    """Processor seconds and peak memory in MB of a child process, by what the kernel says of it.

    This program itself stays small: a child's peak starts at the size of the program that it came from.
    """
    child = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"failed: {' '.join(arguments)}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def own_call(folder: Path, target: Path, profile: str) -> list[str]:
    """The command as a person types it."""
    end = ["--profile", profile, "--store", str(folder), "-o", str(target)]
    return [sys.executable, "-m", "zonegraph", "export", "--format", "gexf", *end]


def part_call(*arguments: str) -> list[str]:
    """A part of this program in a process of its own."""
    return [sys.executable, __file__, *arguments]


def make(nodes: int, edges: int, folder: Path) -> None:
    """The store, made by a child so that this program stays small."""
    spent(part_call("--make", str(folder), "--nodes", str(nodes), "--edges", str(edges)))


def whole_way(nodes: int, edges: int, rounds: int, profile: str) -> None:
    """Both ways in turn, by processor time of whole processes: other programs on the machine slow both."""
    with tempfile.TemporaryDirectory() as name:
        folder, target = Path(name) / "store", Path(name) / "graph.gexf"
        make(nodes, edges, folder)
        own, other = [], []
        for _ in range(rounds):
            own.append(spent(own_call(folder, target, profile)))
            other.append(spent(part_call("--peer", str(folder), str(target))))
        for prepared in folder.glob("versions/*/graph-*.sqlite"):
            prepared.unlink()
        alone = spent(own_call(folder, target, profile))
        print(f"store to GEXF by the command       {min(own)[0]:.2f} s   {min(own)[1]:.0f} MB")
        print(f"store to GEXF through networkx     {min(other)[0]:.2f} s   {min(other)[1]:.0f} MB")
        print(f"by the command, nothing prepared   {alone[0]:.2f} s   {alone[1]:.0f} MB")
        print(f"preparing, once, at publication    {(folder / DRAWN).read_text()} s")
        print(f"factor                             {min(other)[0] / min(own)[0]:.2f}")
        print(
            "factors of the rounds              "
            + " ".join(f"{o[0] / w[0]:.2f}" for w, o in zip(own, other, strict=True))
        )


def memory(edges: int, profile: str) -> None:
    """Peaks for a quarter, the whole, twice and four times the size, beside that of the engine alone."""
    for size in (edges // 4, edges, edges * 2, edges * 4):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "store"
            make(size // 3, size, folder)
            ours = spent(own_call(folder, Path(name) / "graph.gexf", profile))[1]
            alone = spent(part_call("--engine", str(folder)))[1]
        print(f"{size:>7} edges: peak {ours:.0f} MB; the engine alone, reading every triple: {alone:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", action="store_true")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--peer", type=Path, nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--engine", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--nodes", type=int, default=20_000)
    parser.add_argument("--edges", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", default="domain")
    asked = parser.parse_args()
    if asked.make:
        made_store(asked.nodes, asked.edges, asked.make)
    elif asked.peer:
        peer(*asked.peer)
    elif asked.engine:
        engine(asked.engine)
    elif asked.memory:
        memory(asked.edges, asked.profile)
    elif asked.store:
        whole_way(asked.nodes, asked.edges, asked.rounds, asked.profile)
    else:
        compare(asked.nodes, asked.edges)


if __name__ == "__main__":
    main()
