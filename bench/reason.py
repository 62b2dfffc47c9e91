"""How long inference takes, beside owlrl and beside SPARQL rules run as INSERTs in an in-memory Oxigraph.

    python bench/reason.py                    # all sizes
    python bench/reason.py --sizes 100 1000   # numbers of reports (about 45 triples each)
    python bench/reason.py --data zonegraph-store/versions/<id>/data   # a real store

Times are the best of three, in seconds, without reading files; the ontology's own closure stands apart, because
it is kept between runs. owlrl runs only below --owlrl-limit triples.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import owlrl
import pyoxigraph as ox
import rdflib

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from reason.worlds import DATA, HEADER, ONTOLOGY, triples
from zonegraph.reason import Triple, close_schema, infer_with
from zonegraph.reason.infer import read_store

RULES = (
    "?x a ?d WHERE { ?c rdfs:subClassOf ?d . ?x a ?c FILTER(!isBlank(?c)) }",
    "?x ?q ?y WHERE { ?p rdfs:subPropertyOf ?q . ?x ?p ?y FILTER(?p != ?q) }",
    "?x a ?c WHERE { ?p rdfs:domain ?c . ?x ?p ?y }",
    "?y a ?c WHERE { ?p rdfs:range ?c . ?x ?p ?y FILTER(!isLiteral(?y)) }",
    "?y ?q ?x WHERE { ?p owl:inverseOf ?q . ?x ?p ?y FILTER(!isLiteral(?y) && !isBlank(?q)) }",
    "?y ?p ?x WHERE { ?p owl:inverseOf ?q . ?x ?q ?y FILTER(!isLiteral(?y) && !isBlank(?p)) }",
    "?y ?p ?x WHERE { ?p a owl:SymmetricProperty . ?x ?p ?y }",
    "?x ?p ?z WHERE { ?p a owl:TransitiveProperty . ?x ?p ?y . ?y ?p ?z }",
    "?x zg:hasMember ?z WHERE { ?x zg:hasMembership ?y . ?y zg:member ?z }",
    "?x zg:componentOf ?z WHERE { ?y zg:integrates ?x . ?y zg:establishesUnit ?z }",
    "?x a ?c WHERE { ?c owl:onProperty ?p ; owl:hasValue ?v . ?x ?p ?v }",
    "?x ?p ?v WHERE { ?c owl:onProperty ?p ; owl:hasValue ?v . ?x a ?c }",
    "?x a zg:MergedDivision WHERE { ?x a zg:AdministrativeDivision ; zg:componentOf/a zg:IntegratedUnit }",
)


def reports(count: int) -> list[Triple]:
    """The small world ``count`` times over, each copy with its own things, under one shared region."""
    found = []
    for number in range(count):
        world = (
            DATA.replace(":xinjiang", "zgi:xinjiang")
            .replace(", :b2", "")
            .replace(":s002202 . :jinfeng", ":s1 . :jinfeng")
        )
        world = world.replace("zg:stockCode :s1 . :jinfeng zg:stockCode :s002202 ;", "zg:stockCode :s1 . :jinfeng ")
        found += triples(world.replace(" :", f" :r{number}-").replace("\n:", f"\n:r{number}-"))
    return found


def best(run: Callable[[], object], rounds: int = 3) -> float:
    """The best of several wall times."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def as_lines(rows: list[Triple]) -> str:
    return "".join(f"{s} {p} {o} .\n" for s, p, o in rows)


def run_owlrl(data: list[Triple], ontology: list[Triple]) -> float:
    graph = rdflib.Graph()
    graph.parse(data=as_lines([*data, *ontology]), format="nt")
    start = time.perf_counter()
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return time.perf_counter() - start


def run_sparql(data: list[Triple], axioms: list[Triple]) -> tuple[float, int]:
    """Naive rounds of INSERTs until nothing is new; returns seconds and rounds."""
    store = ox.Store()
    store.bulk_load(as_lines([*data, *axioms]).encode(), format=ox.RdfFormat.N_TRIPLES)
    prefixes = HEADER.replace("@prefix", "PREFIX").replace(" .\n", "\n")
    updates = [f"{prefixes} INSERT {{ {rule.replace(' WHERE', '}  WHERE', 1)}" for rule in RULES]
    start, size, rounds = time.perf_counter(), -1, 0
    while size != len(store):
        size, rounds = len(store), rounds + 1
        for update in updates:
            store.update(update)
    return time.perf_counter() - start, rounds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=[30, 100, 300, 1000, 3000, 10000])
    parser.add_argument("--owlrl-limit", type=int, default=6000)
    parser.add_argument("--sparql-limit", type=int, default=150_000)
    parser.add_argument("--data", type=Path, help="an Oxigraph directory to measure instead")
    options = parser.parse_args()
    worlds = [(reports(n), triples(ONTOLOGY)) for n in options.sizes]
    if options.data:
        worlds = [read_store(ox.Store.read_only(str(options.data)))]
    for data, ontology in worlds:
        measure(data, ontology, options.owlrl_limit, options.sparql_limit)


def measure(data: list[Triple], ontology: list[Triple], owlrl_limit: int, sparql_limit: int) -> None:
    closing = best(lambda: close_schema(ontology), 1)
    schema = close_schema(ontology)
    result = infer_with(schema, data, ontology)
    own = best(lambda: infer_with(schema, data, ontology))
    line = f"{len(data):>8} triples  +{len(result.triples):>8}  rules {own:8.4f} s  schema once {closing:6.2f} s"
    if len(data) <= sparql_limit:
        seconds, rounds = run_sparql(data, sorted(schema.axioms))
        line += f"  sparql {seconds:8.3f} s ({rounds} rounds)"
    if len(data) + len(ontology) <= owlrl_limit:
        reference = run_owlrl(data, ontology)
        line += f"  owlrl {reference:8.2f} s = {reference / own:6.0f} times"
    print(line, flush=True)


if __name__ == "__main__":
    main()
