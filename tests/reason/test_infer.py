from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reason.worlds import DATA, HEADER, ONTOLOGY, closure_by_owlrl, schema, triples
from zonegraph.errors import OntologyError
from zonegraph.names import GRAPH_INFERRED, expand
from zonegraph.reason import Inference, close_schema, infer, infer_store, infer_with
from zonegraph.reason.vocabulary import Triple
from zonegraph.resources import data_dir


def run(data: str, ontology: str = ONTOLOGY) -> Inference:
    return infer_with(schema(ontology), triples(data), triples(ontology))


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("closure")


def term(curie: str) -> str:
    return f"<http://example.org/{curie[1:]}>" if curie.startswith(":") else f"<{expand(curie)}>"


def triple(text: str) -> Triple:
    subject, predicate, obj = (term("rdf:type" if part == "a" else part) for part in text.split())
    return subject, predicate, obj


@pytest.fixture(scope="module")
def world() -> set[Triple]:
    return set(run(DATA).triples)


@pytest.mark.parametrize(
    "expected",
    [
        ":uetdz a geo:Feature",  # subclass
        ":uetdz a zg:Zone",  # equivalence
        ":uetdz zg:componentOf :joint",  # chain with an inverse step
        ":joint zg:hasPart :uetdz",  # subproperty, inverse
        ":toutunhe zg:locatedIn :xinjiang",  # transitive
        ":joint a zg:IntegratedUnit",  # range
        ":merger a org:ChangeEvent",  # domain
        ":a zg:alliedWith :b",  # symmetric
        ":b owl:sameAs :b2",  # functional
        ":goldwind zg:locatedIn :uetdz",  # inverse functional, replacement
        ":obs a zg:MoneyClaim",  # hasValue read
        ":money zg:unit zgc:unit-cny",  # hasValue asserted
        ":toutunhe a zg:MergedDivision",  # intersection and someValuesFrom
        ":goldwind a zg:Actor",  # union
        "zgc:unit-cny a skos:Concept",  # individual of the ontology
    ],
)
def test_rule(world: set[Triple], expected: str) -> None:
    assert triple(expected) in world


@pytest.mark.parametrize("refused", [":uetdz a zg:MergedDivision", ":joint zg:componentOf :uetdz", ":obs a zg:Target"])
def test_nothing_too_much(world: set[Triple], refused: str) -> None:
    assert triple(refused) not in world


def test_equals_owlrl_on_a_realistic_world(world: set[Triple]) -> None:
    expected, errors = closure_by_owlrl(triples(DATA), triples(ONTOLOGY))
    assert not errors
    assert world == expected


@pytest.mark.slow
def test_equals_owlrl_on_the_ontology_as_shipped() -> None:
    folder = data_dir("ontology")
    files = sorted(f for sub in (".", "codes") for f in (folder / sub).glob("*.ttl"))
    stated = [(str(q.subject), str(q.predicate), str(q.object)) for f in files for q in ox.parse(path=str(f))]
    ontology = [t for t in stated if not t[2].startswith('"')]
    world = ox.parse(path=str(Path(__file__).parents[1] / "derive" / "world.trig"))
    data = [(str(q.subject), str(q.predicate), str(q.object)) for q in world]
    expected, errors = closure_by_owlrl(data, ontology)
    assert not errors
    assert set(infer(data, ontology).triples) == expected
    assert len(expected) > 300


CLASHES = {
    ":x a zg:DevelopmentZone , zg:AdministrativeDivision .": ("cax-dw", ":x", 2),
    ":x a zg:Observation , zg:Target .": ("cax-adc", ":x", 2),
    ":x zg:governs :x .": ("prp-irp", ":x", 1),
    ":x zg:governs :y . :y zg:governs :x .": ("prp-asyp", ":x", 2),
    ":x zg:value 1.0 , 2.0 .": ("prp-fp", ":x", 2),
    ":m zg:member :x , :y . :x owl:differentFrom :y .": ("eq-diff1", ":x", 2),
    ':x zg:value "much" .': ("prp-rng", ":x", 1),
    ":x rdfs:subClassOf :y .": ("schema-in-data", ":x", 1),
    ':x zg:creditCode "2011-02-31"^^xsd:date .': ("dt-not-type", ":x", 1),
    ":x a owl:Nothing .": ("cls-nothing2", ":x", 1),
}


@pytest.mark.parametrize("data", CLASHES)
def test_clash(data: str) -> None:
    rule, focus, count = CLASHES[data]
    found = [c for c in run(data).findings if c.rule == rule]
    assert [(c.focus, len(c.triples)) for c in found if c.focus == term(focus)] == [(term(focus), count)]


EXTRA_CLASHES = [
    ("cls-com", ":A owl:complementOf :B . :A a owl:Class . :B a owl:Class .", ":x a :A , :B ."),
    ("prp-pdw", ":p owl:propertyDisjointWith :q .", ":x :p :y ; :q :y ."),
    ("prp-adp", "[] a owl:AllDisjointProperties ; owl:members ( :p :q :r ) .", ":x :r :y ; :q :y ."),
    ("eq-diff2", "[] a owl:AllDifferent ; owl:members ( :x :y :z ) .", ":y owl:sameAs :z ."),
    ("prp-npa1", "[] owl:sourceIndividual :x ; owl:assertionProperty :p ; owl:targetIndividual :y .", ":x :p :y ."),
    ("cls-maxc1", ":A owl:maxCardinality 0 ; owl:onProperty :p .", ":x a :A ; :p :y ."),
    (
        "cls-maxqc1",
        ":A owl:maxQualifiedCardinality 0 ; owl:onProperty :p ; owl:onClass :B .",
        ":x a :A; :p :y. :y a :B.",
    ),
    ("cls-maxc2", ":A owl:maxCardinality 1 ; owl:onProperty :p .", ":x a :A ; :p 1 , 2 ."),
]


@pytest.mark.parametrize(("rule", "ontology", "data"), EXTRA_CLASHES, ids=[c[0] for c in EXTRA_CLASHES])
def test_clash_of_a_rarer_rule(rule: str, ontology: str, data: str) -> None:
    assert rule in {c.rule for c in infer(triples(data), triples(ontology)).findings}


def test_one_value_written_twice_is_no_clash() -> None:
    assert run(':x zg:value 1.50 , "1.5"^^xsd:decimal .').findings == ()


def test_keys_equate_only_when_all_agree() -> None:
    ontology = triples(":C a owl:Class ; owl:hasKey ( :k :l ) .")
    data = triples(":a a :C ; :k 1 ; :l 2 . :b a :C ; :k 1 ; :l 2 . :c a :C ; :k 1 ; :l 3 .")
    same = {t for t in infer(data, ontology).triples if t[1] == term("owl:sameAs")}
    assert same == {triple(":a owl:sameAs :b"), triple(":b owl:sameAs :a")}


def test_axioms_about_type_are_refused() -> None:
    with pytest.raises(OntologyError, match="rdf:type"):
        infer([], triples("rdf:type rdfs:domain :C . :C a owl:Class ."))


def test_broken_list_is_refused() -> None:
    with pytest.raises(OntologyError, match="rdf:List"):
        infer([], triples(":p owl:propertyChainAxiom [ rdf:first :q ] ."))


def test_cache_gives_the_same_and_survives_blank_node_labels(tmp_path: Path) -> None:
    first = close_schema(triples(ONTOLOGY), tmp_path)
    again = close_schema(triples(ONTOLOGY), tmp_path)
    assert (first.axioms, first.digest) == (again.axioms, again.digest)
    assert [p.name for p in tmp_path.iterdir()] == [f"schema-{first.digest}.nt"]
    assert first.axioms == close_schema(triples(ONTOLOGY)).axioms


def test_labels_do_not_change_the_digest() -> None:
    ontology = triples(ONTOLOGY)
    assert close_schema(ontology).digest == close_schema([*ontology, triple("zg:Claim rdfs:label zg:x")]).digest


def test_order_of_input_does_not_matter(cache_dir: Path) -> None:
    data, ontology = triples(DATA), triples(ONTOLOGY)
    first = infer(data, ontology, cache_dir=cache_dir)
    assert first == infer(data[::-1], ontology[::-1], cache_dir=cache_dir)


def test_store_gets_its_graph_of_inferred_triples(cache_dir: Path) -> None:
    store = ox.Store()
    graphs = f"{HEADER} GRAPH zgg:ontology {{ {ONTOLOGY} }} GRAPH zgg:registry {{ {DATA} }}"
    store.load(graphs.encode(), format=ox.RdfFormat.TRIG)
    first = infer_store(store, cache_dir=cache_dir)
    again = infer_store(store, cache_dir=cache_dir)
    inferred = set(store.quads_for_pattern(None, None, None, ox.NamedNode(GRAPH_INFERRED)))
    assert first == again
    assert len(inferred) == len(first.triples) > 50


# -- the law: on generated ontologies and data the result is owlrl's ----------------------------------

CLASSES = [f":C{i}" for i in range(5)]
PROPERTIES = [f":p{i}" for i in range(5)]
THINGS = [f":i{i}" for i in range(6)]
VALUES = ["1.5", "2", '"a"', '"a"@en', *THINGS]

c, p, i = st.sampled_from(CLASSES), st.sampled_from(PROPERTIES), st.sampled_from(THINGS)


def axiom(template: str) -> st.SearchStrategy[str]:
    kinds = {"C": c, "p": p, "i": i}
    holes = [part for part in template.split() if part in kinds]
    return st.tuples(*(kinds[h] for h in holes)).map(lambda names: _fill(template, list(names)))


def _fill(template: str, names: list[str]) -> str:
    return " ".join(names.pop(0) if part in {"C", "p", "i"} else part for part in template.split())


AXIOMS = st.one_of(
    *map(
        axiom,
        [
            "C rdfs:subClassOf C .",
            "C owl:equivalentClass C .",
            "p rdfs:subPropertyOf p .",
            "p owl:equivalentProperty p .",
            "p rdfs:domain C .",
            "p rdfs:range C .",
            "p owl:inverseOf p .",
            "p a owl:SymmetricProperty .",
            "p a owl:TransitiveProperty .",
            "p a owl:FunctionalProperty .",
            "p a owl:InverseFunctionalProperty .",
            "p owl:propertyChainAxiom ( p p ) .",
            "p owl:propertyChainAxiom ( [ owl:inverseOf p ] p p ) .",
            "C rdfs:subClassOf [ a owl:Restriction ; owl:onProperty p ; owl:hasValue i ] .",
            "[ a owl:Restriction ; owl:onProperty p ; owl:hasValue i ] rdfs:subClassOf C .",
            "[ a owl:Restriction ; owl:onProperty p ; owl:someValuesFrom C ] rdfs:subClassOf C .",
            "[ a owl:Restriction ; owl:onProperty p ; owl:someValuesFrom owl:Thing ] rdfs:subClassOf C .",
            "C rdfs:subClassOf [ a owl:Restriction ; owl:onProperty p ; owl:allValuesFrom C ] .",
            "C rdfs:subClassOf [ a owl:Restriction ; owl:onProperty p ; owl:maxCardinality 1 ] .",
            "C rdfs:subClassOf [ owl:onProperty p ; owl:onClass C ; owl:maxQualifiedCardinality 1 ] .",
            "C owl:intersectionOf ( C C ) .",
            "C owl:unionOf ( C C ) .",
            "C owl:oneOf ( i i ) .",
        ],
    )
)
DECLARED = " ".join(f"{x} a owl:Class ." for x in CLASSES) + " ".join(f"{x} a owl:ObjectProperty ." for x in PROPERTIES)
FACTS = st.one_of(
    st.tuples(i, p, i).map(" ".join),
    st.tuples(i, p, i).map(" ".join),
    st.tuples(i, st.just("a"), c).map(" ".join),
    st.tuples(i, st.just("owl:sameAs"), i).map(" ".join),
)


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.lists(AXIOMS, max_size=8), st.lists(FACTS, min_size=1, max_size=8))
def test_equals_owlrl(axioms: list[str], facts: list[str]) -> None:
    ontology, data = triples(DECLARED + "\n".join(axioms)), triples("".join(f"{fact} .\n" for fact in facts))
    expected, _ = closure_by_owlrl(data, ontology)
    assert set(infer(data, ontology).triples) == expected


@pytest.mark.slow
@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.lists(FACTS, max_size=12), st.lists(FACTS, max_size=4))
def test_more_facts_never_entail_less(facts: list[str], more: list[str]) -> None:
    closed = schema(ONTOLOGY + DECLARED)
    few = triples("".join(f"{fact} .\n" for fact in facts))
    many = few + triples("".join(f"{fact} .\n" for fact in more))
    assert {*infer_with(closed, few).triples, *few} <= {*infer_with(closed, many).triples, *many}


@pytest.mark.slow
@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.lists(AXIOMS, max_size=6), st.lists(FACTS, min_size=1, max_size=8))
def test_a_second_pass_adds_nothing(axioms: list[str], facts: list[str]) -> None:
    closed = close_schema(triples(DECLARED + "\n".join(axioms)))
    data = triples("".join(f"{fact} .\n" for fact in facts))
    once = infer_with(closed, data)
    assert infer_with(closed, [*data, *once.triples]).triples == ()
