"""The stored questions: each is asked of the shipped graph on two engines and answers what it should.

``ZONEGRAPH_UPDATE=1`` writes the expected answers and the page anew; read the difference before keeping it.
"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from zonegraph.names import GRAPH_ONTOLOGY, GRAPH_REGISTRY, PREFIXES, RDF, RDFS, XSD, ZG, ZGG, expand
from zonegraph.questions import load_questions, questions_table
from zonegraph.resources import data_dir
from zonegraph.store import ReadStore, StoreDir

QUERIES = data_dir("queries")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "questions.md"
QUESTIONS = load_questions(QUERIES)
UPDATE = bool(os.environ.get("ZONEGRAPH_UPDATE"))
LONGEST = 40
CHART = re.compile(r"(line|bar|timeline|map|graph) x=(\w+) y=(\w+)(?: series=(\w+))?\Z")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?\Z")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
NAME = re.compile(r"(?<![\w<:/?$-])([a-z][a-z0-9-]*):([A-Za-z][\w-]*)")
IRI = re.compile(r"<([^<>\s]+)>")
VARIABLE = re.compile(r"[?$](\w+)")
#: Words of the languages themselves, which no ontology declares.
BUILT_IN = (RDF, RDFS, XSD)
#: Ways to say a thing that inference or a label makes redundant: taking one away need not change an answer.
REDUNDANT = frozenset({"rdfs:subClassOf", "rdfs:label", "skos:altLabel", "skos:prefLabel", "skos:broader"})
#: Terms that only another value of a parameter needs.
ELSEWHERE = {"cq23_members": {"zg:party"}}

each_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
Row = tuple[tuple[str, str], ...]


@pytest.fixture(scope="session")
def shipped(shipped_store) -> ReadStore:
    """The shipped seeds through all stages."""
    return StoreDir(shipped_store).current().open()


@pytest.fixture(scope="session")
def loose(shipped) -> ReadStore:
    """A copy in memory from which triples may be taken for a while."""
    store = ox.Store()
    store.bulk_extend(shipped.quads())
    return ReadStore(store)


@pytest.fixture(scope="session")
def other_engine(shipped) -> rdflib.Dataset:
    """The same quads in rdflib."""
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data=ox.serialize(shipped.quads(), format=ox.RdfFormat.N_QUADS), format="nquads")
    return dataset


def canonical(text: str) -> str:
    """Numbers by value; everything else as it is."""
    return format(Decimal(text).normalize(), "f") if NUMBER.match(text) else text


def asked(store: ReadStore, question) -> tuple[list[str], list[Row]]:
    """The answer of the product's engine: names of columns, cells as text and language."""
    solutions = store.query(question.fill({}))
    names = [variable.value for variable in solutions.variables]
    return names, [tuple(_cell(row[name]) for name in names) for row in solutions]


def _cell(term) -> tuple[str, str]:
    return ("", "") if term is None else (canonical(term.value), getattr(term, "language", None) or "")


def asked_elsewhere(dataset: rdflib.Dataset, question) -> list[Row]:
    """The answer of rdflib, in the same shape."""
    result = dataset.query(question.fill({}), initNs=PREFIXES)
    return [tuple(_other_cell(term) for term in row) for row in result]


def _other_cell(term) -> tuple[str, str]:
    if term is None:
        return "", ""
    return canonical(str(term)), (getattr(term, "language", None) or "").lower()


def texts(rows: Iterable[Row]) -> list[tuple[str, ...]]:
    return [tuple(text for text, _ in row) for row in rows]


def expected(question) -> list[list[str]]:
    with question.path.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def body(question) -> list[str]:
    """The lines that ask: no header, no prefixes, no empty lines."""
    lines = question.text.splitlines()
    return [line for line in lines if line.strip() and not line.startswith(("#", "PREFIX"))]


def _is_about_figures(question) -> bool:
    code = "\n".join(body(question))
    return "zg:Observation" in code and not re.search(r"zg:(Target|Forecast)\b", code)


def named_in(text: str) -> set[str]:
    """The prefixed names of a query, strings and comments left out."""
    code = STRING.sub('""', re.sub(r"(?m)(^|\s)# .*$", "", text))
    return {f"{prefix}:{local}" for prefix, local in NAME.findall(IRI.sub("", code))}


@contextmanager
def without(store: ReadStore, quads: Iterable[ox.Quad]) -> Iterator[None]:
    """Some quads fewer for a while."""
    taken = list(quads)
    for quad in taken:
        store.raw.remove(quad)
    try:
        yield
    finally:
        store.raw.extend(taken)


def uses(store: ReadStore, iri: str) -> set[ox.Quad]:
    """The quads in which a term is the predicate, a class or a value: what is said of the term itself stays."""
    node = ox.NamedNode(iri)
    return {*store.raw.quads_for_pattern(None, node, None), *store.raw.quads_for_pattern(None, None, node)}


def test_there_are_forty_questions_in_order():
    numbers = [question.name.partition("_")[0] for question in QUESTIONS]
    assert numbers == [f"cq{number:02}" for number in range(1, 41)]


def test_no_question_without_answer_and_no_answer_without_question():
    folder = QUERIES / "questions"
    if not UPDATE:
        assert {p.stem for p in folder.glob("*.rq")} == {p.stem for p in folder.glob("*.csv")}
    assert {p.suffix for p in folder.iterdir()} <= {".rq", ".csv"}


@each_question
def test_a_question_explains_itself(question):
    assert question.why
    assert all(question.titles.values())
    assert all(question.questions.values())
    assert all(parameter.help for parameter in question.parameters)
    declared = {parameter.name for parameter in question.parameters}
    assert {name[1:] for name in re.findall(r"\$\w+", question.text)} == declared
    assert "lang" in declared, "labels need a language"


@each_question
def test_a_question_fits_a_screen_and_declares_its_prefixes(question):
    assert len(body(question)) <= LONGEST
    declared = dict(re.findall(r"(?m)^PREFIX (\S+): <(\S+)>$", question.text))
    used = {name.partition(":")[0] for name in named_in("\n".join(body(question)))}
    assert declared == {prefix: PREFIXES[prefix] for prefix in used}


@each_question
def test_every_name_in_a_question_is_declared(question, shipped):
    text = question.fill({})
    names = {expand(name) for name in named_in("\n".join(body(question)))}
    names |= {iri for iri in IRI.findall(text) if iri not in PREFIXES.values()}
    graphs = {graph.value for graph in shipped.raw.named_graphs()}
    vocabulary = [ox.NamedNode(GRAPH_ONTOLOGY), ox.NamedNode(GRAPH_REGISTRY)]
    for iri in names:
        if iri.startswith(ZGG):
            assert iri in graphs, iri
        elif not iri.startswith(BUILT_IN):
            described = (shipped.raw.quads_for_pattern(ox.NamedNode(iri), None, None, graph) for graph in vocabulary)
            claimed = shipped.raw.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(RDF + "type"), None)
            is_default = iri not in question.text and f"<{iri}>" in text
            assert any(next(found, None) for found in described) or (is_default and next(claimed, None)), iri


@each_question
def test_a_chart_shows_columns_of_the_answer(question, shipped):
    if question.chart:
        match = CHART.match(question.chart)
        assert match, question.chart
        assert {name for name in match.groups()[1:] if name} <= set(asked(shipped, question)[0])


@each_question
def test_the_answer_is_the_expected_one_in_its_order(question, shipped):
    names, rows = asked(shipped, question)
    if UPDATE:
        answer = bytes(shipped.query(question.fill({})).serialize(format=ox.QueryResultsFormat.CSV))
        question.path.with_suffix(".csv").write_bytes(answer)
    head, *wanted = expected(question)
    assert names == head
    assert texts(rows) == [tuple(map(canonical, row)) for row in wanted]
    assert rows, "a question that nothing answers tests nothing"


@each_question
def test_the_order_is_total(question, shipped):
    names, rows = asked(shipped, question)
    order = VARIABLE.findall(question.text.rpartition("ORDER BY")[2])
    assert set(order) <= set(names)
    keys = Counter(tuple(row[names.index(name)] for name in order) for row in rows)
    assert not [key for key, count in keys.items() if count > 1]


@pytest.mark.slow
@each_question
def test_the_other_engine_gives_the_same_answer(question, shipped, other_engine):
    assert Counter(asked_elsewhere(other_engine, question)) == Counter(asked(shipped, question)[1])


@pytest.mark.slow
@each_question
def test_the_answer_rests_on_every_term_it_names(question, loose):
    answer = asked(loose, question)[1]
    spared = REDUNDANT | ELSEWHERE.get(question.name, set())
    terms = sorted(named_in("\n".join(body(question))) - spared)
    idle = []
    for name in terms:
        if name.startswith(("zgg:", "xsd:")):
            continue
        found = uses(loose, expand(name))
        if any(quad.graph_name.value != GRAPH_ONTOLOGY for quad in found):
            with without(loose, found):
                if asked(loose, question)[1] == answer:
                    idle.append(name)
    assert not idle


@pytest.mark.parametrize("question", list(filter(_is_about_figures, QUESTIONS)), ids=lambda question: question.name)
def test_figures_never_come_from_targets(question, loose):
    kinds = [ox.NamedNode(ZG + kind) for kind in ("Target", "Forecast")]
    aims = {q.subject for kind in kinds for q in loose.raw.quads_for_pattern(None, ox.NamedNode(RDF + "type"), kind)}
    assert aims
    answer = asked(loose, question)[1]
    assert not {text for row in texts(answer) for text in row} & {aim.value for aim in aims}
    with without(loose, [quad for aim in aims for quad in loose.raw.quads_for_pattern(aim, None, None)]):
        assert asked(loose, question)[1] == answer


@each_question
def test_labels_come_in_the_language_asked_for(question, shipped):
    solutions = shipped.query(question.fill({"lang": "en"}))
    labels = [v.value for v in solutions.variables if v.value.endswith("Label") and v.value != "claimLabel"]
    languages = {row[name].language for row in solutions for name in labels if row[name] is not None}
    assert languages <= {"en"}


def test_the_page_of_questions_is_current():
    page = questions_table(QUESTIONS)
    if UPDATE:
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, "write it anew with ZONEGRAPH_UPDATE=1"
