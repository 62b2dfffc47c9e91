from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from zonegraph.derive import DeriveQuery, derive, derive_store, read_derivations
from zonegraph.errors import QueryError, QuerySyntaxError, UsageError
from zonegraph.names import GRAPH_DERIVED, GRAPH_ONTOLOGY, PREFIXES, expand
from zonegraph.resources import data_dir

HERE = Path(__file__).parent
QUERIES = data_dir("queries")


def ontology() -> list[ox.Quad]:
    files = sorted(f for sub in (".", "codes") for f in (data_dir("ontology") / sub).glob("*.ttl"))
    graph = ox.NamedNode(GRAPH_ONTOLOGY)
    return [ox.Quad(*list(q)[:3], graph) for f in files for q in ox.parse(path=str(f))]


def world() -> ox.Store:
    store = ox.Store()
    store.extend(ontology())
    store.load(path=str(HERE / "world.trig"), format=ox.RdfFormat.TRIG)
    return store


@pytest.fixture(scope="module")
def store() -> ox.Store:
    store = world()
    derive_store(store, QUERIES)
    return store


def rows(store: ox.Store, query: str) -> set[tuple[str, ...]]:
    """Local names of the variables in order of appearance."""
    variables = list(dict.fromkeys(re.findall(r"[?]\w+", query)))
    text = f"SELECT {' '.join(variables)} WHERE {{ GRAPH zgg:derived {{ {query} }} }}"
    solutions = store.query(text, prefixes=dict(PREFIXES))
    assert isinstance(solutions, ox.QuerySolutions)
    names = [v.value for v in solutions.variables]
    return {tuple(term.value.rsplit("/", 1)[-1] for name in names if (term := row[name])) for row in solutions}


def test_preferred_period_is_the_most_precise_within_all_others(store: ox.Store) -> None:
    assert rows(store, "?event zg:preferredPeriod ?period") == {("merger", "t2011-01-02")}
    assert rows(store, "?s zg:subject ?e ; zg:object ?o ; zg:basis ?b . FILTER(?e = zgi:merger)") != set()


def test_growth_between_neighbours_in_time(store: ox.Store) -> None:
    found = rows(store, "?later zg:hasComparator [ a zg:GrowthRate ; zg:value ?v ; zg:comparedWith ?with ]")
    assert found == {
        ("gdp2019", "12.28", "comparison-same-period-previous-year"),
        ("gdp2018", "161.03", "comparison-base-year"),
    }


def test_growth_rests_on_both_observations(store: ox.Store) -> None:
    query = "zgi:gdp2019 zg:hasComparator ?g . ?g a zg:GrowthRate ; prov:wasDerivedFrom ?o ; zg:basis ?b ; zg:method ?m"
    assert {row[1:] for row in rows(store, query)} == {
        ("gdp2018", "basis-derived", "method-growth"),
        ("gdp2019", "basis-derived", "method-growth"),
    }


def test_derived_label_is_composed_of_labels_in_one_language(store: ox.Store) -> None:
    found = rows(store, "?g a zg:GrowthRate ; prov:wasDerivedFrom zgi:gdp2019 ; rdfs:label ?label")
    assert len(found) == 1
    assert found.pop()[1].startswith("生产总值 – ")


def test_whole_from_share_has_four_digits(store: ox.Store) -> None:
    query = "?o a zg:Observation ; zg:about ?city ; zg:period ?p ; zg:value ?v ; zg:qualifier ?q"
    assert {row[1:] for row in rows(store, query)} == {("city", "t2019", "345000000000", "qualifier-about")}


def test_ratio_of_exact_figures_only(store: ox.Store) -> None:
    query = "?part zg:hasComparator [ a zg:Share ; zg:value ?v ; zg:whole ?whole ]"
    assert rows(store, query) == {("items-one-visit", "94.33", "items")}


def test_targets_are_assessed(store: ox.Store) -> None:
    query = "?a zg:assessesTarget ?target ; zg:verdict ?verdict . OPTIONAL { ?a zg:assessedAgainst ?observation }"
    assert {row[1:] for row in rows(store, query)} == {
        ("target-missed", "verdict-missed", "trains2018"),
        ("target-missed", "verdict-not-comparable", "trains"),
        ("target-met", "verdict-met", "trains2018"),
        ("target-met", "verdict-not-comparable", "trains"),
        ("target-other-scope", "verdict-not-comparable", "trains"),
        ("target-other-scope", "verdict-not-comparable", "trains2018"),
        ("target-open", "verdict-no-data"),
    }


def test_documents_are_counted(store: ox.Store) -> None:
    found = rows(store, "?x zg:documentCount ?n")
    assert found == {("zone", "2"), ("city", "1"), ("merger", "1")}


def test_every_derived_claim_says_how(store: ox.Store) -> None:
    claims = rows(store, "?claim a ?kind")
    assert claims
    for requirement in ("zg:basis zgc:basis-derived", "zg:method ?m", "prov:wasDerivedFrom ?source"):
        assert {(c[0],) for c in claims} == {(r[0],) for r in rows(store, f"?claim {requirement}")}


def test_result_is_the_same_whatever_ran_before(store: ox.Store) -> None:
    assert derive(store, QUERIES) == derive(world(), QUERIES)
    assert derive_store(store, QUERIES) == len(derive(store, QUERIES))


def test_a_triple_in_two_graphs_counts_once() -> None:
    twice = world()
    graph = ox.NamedNode("https://w3id.org/zonegraph/graph/registry")
    twice.extend([ox.Quad(q.subject, q.predicate, q.object, graph) for q in world()])
    assert derive(twice, QUERIES) == derive(world(), QUERIES)


def test_result_does_not_depend_on_the_order_of_loading() -> None:
    reverse = ox.Store()
    reverse.extend(sorted(world(), key=str, reverse=True))
    assert derive(reverse, QUERIES) == derive(world(), QUERIES)


def test_everything_goes_into_the_derived_graph(store: ox.Store) -> None:
    assert {q.graph_name.value for q in derive(store, QUERIES)} == {GRAPH_DERIVED}


def test_result_equals_the_file() -> None:
    """A change of rule, rounding or minting shows here; write the file anew only when it was meant."""
    lines = "".join(f"{quad} .\n" for quad in derive(world(), QUERIES))
    assert lines == (HERE / "expected.nq").read_text(encoding="utf-8")


@pytest.mark.parametrize("query", read_derivations(QUERIES / "derive"), ids=lambda q: q.name)
def test_terms_are_declared(query: DeriveQuery) -> None:
    declared = {quad.subject.value for quad in ontology()}
    used = {expand(c) for c in re.findall(r"(?<![\w:/])(zg:\w+|zgc:[\w-]+)", query.query)}
    assert used <= declared


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("growth.rq", "", "NN_name"),
        ("10_x.rq", "CONSTRUCT {} {}", "lacks Title, Rule, Rounding"),
    ],
)
def test_files_are_checked(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(QueryError, match=message):
        read_derivations(tmp_path)


def test_queries_are_checked() -> None:
    with pytest.raises(QuerySyntaxError):
        list(DeriveQuery("10_x", "t", "r", "n", "CONSTRUCT {").run(ox.Store()))
    with pytest.raises(QueryError, match="CONSTRUCT"):
        list(DeriveQuery("10_x", "t", "r", "n", "ASK {}").run(ox.Store()))


def test_folder_without_queries_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no derivation"):
        read_derivations(tmp_path)
