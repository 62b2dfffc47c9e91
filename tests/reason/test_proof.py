from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reason.test_infer import AXIOMS, DECLARED, FACTS, triple
from reason.worlds import DATA, HEADER, ONTOLOGY, triples
from zonegraph.reason import Explainer, MemorySource, close_schema, explain_triple, infer_store, infer_with


@pytest.fixture(scope="module")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("closure")


@pytest.fixture(scope="module")
def store(cache_dir: Path) -> ox.Store:
    store = ox.Store()
    graphs = f"{HEADER} GRAPH zgg:ontology {{ {ONTOLOGY} }} GRAPH zgg:registry {{ {DATA} }}"
    store.load(graphs.encode(), format=ox.RdfFormat.TRIG)
    infer_store(store, cache_dir=cache_dir)
    return store


@pytest.fixture(scope="module")
def explainer(store: ox.Store, cache_dir: Path) -> Explainer:
    return Explainer.from_store(store, cache_dir=cache_dir)


@pytest.mark.parametrize(
    ("text", "rules", "given_facts"),
    [
        (":uetdz a zg:DevelopmentZone", ["given"], [":uetdz a zg:DevelopmentZone"]),
        (":uetdz a geo:Feature", ["cax-sco", "given"], [":uetdz a zg:DevelopmentZone"]),
        (":merger a zg:Claim", ["prp-dom", "given"], [":merger zg:integrates :toutunhe"]),
        (
            ":uetdz zg:componentOf :joint",
            ["prp-spo2", "given", "given"],
            [":merger zg:establishesUnit :joint", ":merger zg:integrates :uetdz"],
        ),
        (":a zg:alliedWith :b", ["prp-symp", "given"], [":b zg:alliedWith :a"]),
        (":money zg:unit zgc:unit-cny", ["cls-hv1", "cax-sco", "given"], [":money a zg:MoneyClaim"]),
        (":b owl:sameAs :b2", ["prp-fp", "given", "given"], [":m2 zg:member :b", ":m2 zg:member :b2"]),
        ("zgc:unit-cny a skos:Concept", ["cax-sco", "given"], ["zgc:unit-cny a zg:Unit"]),
    ],
)
def test_shortest_derivation(explainer: Explainer, text: str, rules: list[str], given_facts: list[str]) -> None:
    found = explainer.explain(triple(text))
    assert found is not None
    assert [d.rule for _, d in found.walk()] == rules
    assert list(found.given()) == sorted(map(triple, given_facts))


def test_axioms_are_named(explainer: Explainer) -> None:
    found = explainer.explain(triple(":uetdz a geo:Feature"))
    assert found is not None
    assert found.axioms == (triple("zg:DevelopmentZone rdfs:subClassOf geo:Feature"),)


def test_what_does_not_hold_has_no_derivation(store: ox.Store, cache_dir: Path) -> None:
    assert explain_triple(store, triple(":joint a zg:Enterprise"), cache_dir=cache_dir) is None


def test_every_inferred_triple_of_the_world_is_explained(store: ox.Store, explainer: Explainer) -> None:
    inferred = store.quads_for_pattern(None, None, None, ox.NamedNode("https://w3id.org/zonegraph/graph/inferred"))
    unexplained = [
        str(q) for q in inferred if explainer.explain((str(q.subject), str(q.predicate), str(q.object))) is None
    ]
    assert unexplained == []


@pytest.mark.slow
@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.lists(AXIOMS, max_size=6), st.lists(FACTS, min_size=1, max_size=6))
def test_every_inferred_triple_rests_on_given_facts(axioms: list[str], facts: list[str]) -> None:
    schema = close_schema(triples(DECLARED + "\n".join(axioms)))
    data = triples("".join(f"{fact} .\n" for fact in facts))
    inference = infer_with(schema, data)
    explainer = Explainer(schema, MemorySource([*data, *schema.facts], inference))
    for inferred in inference.triples[:40]:
        found = explainer.explain(inferred)
        assert found is not None, inferred
        assert found.premises or found.axioms
        assert set(found.given()) <= {*data, *schema.facts}


def test_merged_default_graph_is_no_source(store: ox.Store, cache_dir: Path) -> None:
    merged = ox.Store()
    merged.extend(store)
    merged.extend([ox.Quad(q.subject, q.predicate, q.object) for q in store])
    found = explain_triple(merged, triple(":uetdz a geo:Feature"), cache_dir=cache_dir)
    assert found is not None
    assert found.rule == "cax-sco"
    assert infer_store(merged, cache_dir=cache_dir) == infer_store(store, cache_dir=cache_dir)
