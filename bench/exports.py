"""How fast is a graph of 20,000 nodes and 60,000 edges written, how much memory does it take?

``python bench/exports.py``            GEXF against networkx, from the same nodes and edges
``python bench/exports.py --store``    the whole way from a store; against three queries and networkx
``python bench/exports.py --memory``   peak memory of the whole way for growing graphs

Options: ``--nodes N`` and ``--edges N``. Figures are printed, nothing is kept.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import networkx as nx
import pyoxigraph as ox

from zonegraph.graph import FORMATS, ExportOptions, export_graph
from zonegraph.graph.model import Column, Edge, Graph, Kind, Meta, Node, Spell
from zonegraph.graph.writers.base import Job
from zonegraph.names import PREFIXES

KINDS = ("Enterprise", "DevelopmentZone", "District")
RELATIONS = ("attracted", "locatedIn", "listed")


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


def made_store(nodes: int, edges: int, folder: str | None = None) -> ox.Store:
    """A store whose domain projection has about that many nodes and edges: two thirds plain triples, a third claims."""
    store = ox.Store(folder) if folder else ox.Store()
    text = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    text += "zgg:ontology { zg:Claim a owl:Class . zg:FirmRelation a owl:Class ; rdfs:subClassOf zg:Claim . }\n"
    store.load(text.encode(), format=ox.RdfFormat.TRIG)
    store.bulk_load("\n".join(_lines(nodes, edges)).encode(), format=ox.RdfFormat.N_QUADS)
    return store


def _lines(nodes: int, edges: int) -> Iterator[str]:
    zg, thing, graph = PREFIXES["zg"], PREFIXES["zgi"] + "thing/", f"<{PREFIXES['zgg']}doc/d1>"
    kind, label = f"<{PREFIXES['rdf']}type>", f"<{PREFIXES['rdfs']}label>"
    for i in range(nodes):
        yield f"<{thing}{i}> {kind} <{zg}{KINDS[i % 3]}> {graph} ."
        yield f'<{thing}{i}> {label} "企业 {i} & 公司"@zh-hans {graph} .'
        yield f'<{thing}{i}> <{zg}area> "{i}.5"^^<{PREFIXES["xsd"]}decimal> {graph} .'
    for i in range(edges):
        source, target = f"<{thing}{i % nodes}>", f"<{thing}{(i * 7 + 1 + i // nodes) % nodes}>"
        if i % 3:
            yield f"{source} <{zg}{RELATIONS[i % 3]}> {target} {graph} ."
            continue
        claim = f"<{PREFIXES['zgi']}claim/{i}>"
        yield f"{claim} {kind} <{zg}FirmRelation> {graph} ."
        yield f"{claim} <{zg}basis> <{PREFIXES['zgc']}basis-explicit> {graph} ."
        yield f"{claim} <{zg}firm> {source} {graph} ."
        yield f"{claim} <{zg}zone> {target} {graph} ."


def write_own(graph: Graph) -> int:
    """The own writer, from nodes and edges to bytes."""
    out = io.BytesIO()
    for part in FORMATS["gexf"].write(Job(graph, ExportOptions(), SimpleNamespace(select=None))):
        for chunk in part.chunks:
            out.write(chunk.encode())
    return len(out.getvalue())


def write_networkx(graph: Graph) -> int:
    """The same nodes and edges through networkx (which knows neither kinds nor list attributes)."""
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
PEER_EDGES = "SELECT ?s ?p ?o ?g { GRAPH ?g { ?s ?p ?o } VALUES ?p { zg:attracted zg:locatedIn zg:listed } }"
PEER_CLAIMS = "SELECT ?s ?c ?o ?b ?g { GRAPH ?g { ?c zg:firm ?s ; zg:zone ?o ; zg:basis ?b } }"


def peer(store: ox.Store) -> int:
    """What a script would do that knows this very store: three queries, a `networkx.MultiDiGraph`, its writer.

    It finds out nothing (kinds, directions, columns), checks nothing and leaves out labels of relations and colours.
    """

    def ask(text: str) -> Iterator[list[str]]:
        for row in store.query(text, use_default_graph_as_union=True, prefixes=dict(PREFIXES)):  # type: ignore[union-attr]
            yield [term.value for term in row]

    made: nx.MultiDiGraph = nx.MultiDiGraph()
    for node, kind, label, area in ask(PEER_NODES):
        made.add_node(node, iri=node, kind=kind, label=label, area=float(area))
    for source, kind, target, graph in ask(PEER_EDGES):
        made.add_edge(source, target, iri=kind, kind=kind, graph=graph)
    for source, claim, target, basis, graph in ask(PEER_CLAIMS):
        made.add_edge(source, target, kind="FirmRelation", event_iri=claim, basis=basis, graph=graph)
    out = io.BytesIO()
    nx.write_gexf(made, out)
    return len(out.getvalue())


def whole_way(nodes: int, edges: int) -> None:
    """Both ways in turn, three times, by processor time: other programs on the machine slow both."""
    store = made_store(nodes, edges)
    source = SimpleNamespace(raw=store)
    own, other = [], []
    for _ in range(3):
        start = time.process_time()
        report = export_graph(source, "gexf", ExportOptions(), io.BytesIO())
        between = time.process_time()
        peer(store)
        own.append(between - start)
        other.append(time.process_time() - between)
    print(report.as_line())
    print(f"store to GEXF                      {min(own):.2f} s")
    print(f"store to GEXF through networkx     {min(other):.2f} s")
    print(f"factor                             {min(other) / min(own):.1f}")


def high_water() -> float:
    """Peak resident memory of this program in MB. Not ``ru_maxrss``: that starts at the parent's size."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def peak(folder: str) -> dict[str, float]:
    """Peak memory before and after an export from a store on disk, in MB."""
    before = high_water()
    with Path("/dev/null").open("wb") as out:
        export_graph(SimpleNamespace(raw=ox.Store.read_only(folder)), "gexf", ExportOptions(), out)
    return {"before": before, "peak": high_water()}


def memory(edges: int) -> None:
    for size in (edges // 4, edges, edges * 2):
        with tempfile.TemporaryDirectory() as folder:
            made_store(size // 3, size, folder).flush()
            call = [sys.executable, __file__, "--peak", folder]
            found = json.loads(subprocess.run(call, capture_output=True, check=True, text=True).stdout)
        print(f"{size:>7} edges: peak {found['peak']:.0f} MB, {found['before']:.0f} MB of it before the export")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", action="store_true")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--peak", metavar="FOLDER", help=argparse.SUPPRESS)
    parser.add_argument("--nodes", type=int, default=20_000)
    parser.add_argument("--edges", type=int, default=60_000)
    asked = parser.parse_args()
    if asked.peak:
        print(json.dumps(peak(asked.peak)))
    elif asked.memory:
        memory(asked.edges)
    elif asked.store:
        whole_way(asked.nodes, asked.edges)
    else:
        compare(asked.nodes, asked.edges)


if __name__ == "__main__":
    main()
