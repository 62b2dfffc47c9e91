"""Queries answered without a worker: which they are, that they are small, and that their bytes are the worker's."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import publish, until
from zonegraph.sparql import guard
from zonegraph.sparql.patterns import NOTHING, Pattern
from zonegraph.store import ReadStore, StoreDir
from zonegraph.web.backend import Limits, Task, VersionInfo
from zonegraph.web.points import MAX_MATCHES, PointReads
from zonegraph.web.workers.counting import RowCounter
from zonegraph.web.workers.evaluate import evaluate

TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
LIMITS = Limits(10, 100_000, 10_000_000)


def read(text: str):
    return guard.inspect(text).reading


@pytest.mark.parametrize(
    ("text", "patterns", "streams"),
    [
        ("SELECT ?o { <http://x/s> <http://x/p> ?o }", [("http://x/s", "http://x/p", None)], True),
        ("SELECT * WHERE { <http://x/s> a ?o . } LIMIT 3", [("http://x/s", TYPE, None)], True),
        ("PREFIX x: <http://x/> ASK { x:s x:p-q 'a'@en }", [("http://x/s", "http://x/p-q", None)], True),
        ("ASK { <http://x/s> ?p '1'^^<http://x/t> }", [("http://x/s", None, None)], True),
        ("SELECT * { <http://x/s> ?a ?a }", [("http://x/s", None, None)], False),
        ("SELECT DISTINCT ?p { <http://x/s> ?p ?o }", [("http://x/s", None, None)], False),
        ("SELECT ?p { <http://x/s> ?p ?o } ORDER BY DESC(?o) OFFSET 3", [("http://x/s", None, None)], False),
        ("SELECT * { ?s <http://x/p> <http://x/o> }", [(None, "http://x/p", "http://x/o")], False),
        (
            "CONSTRUCT WHERE { <http://x/s> <http://x/p> ?o , 2 ; <http://x/q> _:b . ?o ?p ?v }",
            [("http://x/s", "http://x/p", None)] * 2 + [("http://x/s", "http://x/q", None), (None, None, None)],
            False,
        ),
    ],
)
def test_patterns(text, patterns, streams):
    assert read(text)[:2] == (tuple(Pattern(*p) for p in patterns), streams)


@pytest.mark.parametrize(
    ("text", "look_up"),
    [
        ("SELECT ?o ?x { <http://x/s> ?p ?o } LIMIT 3", (("o", "x"), "p", "o", 3)),
        ("SELECT $v WHERE { <http://x/s> a $v . }", (("v",), None, "v", None)),
        ("CONSTRUCT WHERE { <http://x/s> ?p ?o }", (None, "p", "o", None)),
        ("SELECT * { <http://x/s> ?p ?o }", None),
        ("SELECT ?p { <http://x/s> ?p 3 }", None),
        ("SELECT ?p { <http://x/s> ?p _:b }", None),
        ("SELECT ?p ?p { <http://x/s> ?p ?o }", None),
        ("SELECT ?p { <http://x/s> ?p ?o } LIMIT 3 LIMIT 4", None),
        ("SELECT ?p { <http://x/s> ?p ?o } LIMIT 3.5", None),
        ("SELECT ?p { <http://x/s> ?p ?o } 3 LIMIT", None),
        ("SELECT ?p { . <http://x/s> ?p ?o }", None),
        ("SELECT { <http://x/s> ?p ?o }", None),
        ("ASK { <http://x/s> ?p ?o }", None),
    ],
)
def test_look_ups(text, look_up):
    assert read(text).look_up == look_up


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { <http://x/s> <http://x/p>+ ?o }",
        "SELECT * { <http://x/s> <http://x/p>/<http://x/q> ?o }",
        "SELECT * { <http://x/s> ^<http://x/p> ?o }",
        "SELECT * { <http://x/s> ?p ?o FILTER(?o > 3) }",
        "SELECT * { <http://x/s> ?p ?o OPTIONAL { ?o ?q ?r } }",
        "SELECT * { { <http://x/s> ?p ?o } UNION { } }",
        "SELECT * { GRAPH ?g { <http://x/s> ?p ?o } }",
        "SELECT * FROM <http://x/g> { <http://x/s> ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { <http://x/s> ?p ?o }",
        "SELECT ?p { <http://x/s> ?p ?o } GROUP BY ?p",
        "SELECT ?p { <http://x/s> ?p ?o } HAVING (?p > 1)",
        "SELECT ?p { <http://x/s> ?p ?o } VALUES ?p { 1 }",
        "SELECT ?p { <http://x/s> ?p ?o } ORDER BY RAND()",
        "SELECT ?p { <s> ?p ?o }",
        "BASE <http://x/> SELECT ?p { <s> ?p ?o }",
        "SELECT ?p { x:s ?p ?o }",
        "PREFIX x: <http://x/> SELECT ?p { x:a\\,b ?p ?o }",
        "SELECT ?p { <http://x/\\u0041> ?p ?o }",
        "SELECT ?p { [ ?p ?o ] }",
        "SELECT ?p { <http://x/s> ?p (1 2) }",
        "SELECT ?p { <http://x/s> ?p << ?a ?b ?c >> }",
        "CONSTRUCT { ?a ?b ?c } WHERE { <http://x/s> ?b ?c }",
        "DESCRIBE <http://x/s>",
        "SELECT ?p { <http://x/s> ?p ?o",
        "SELECT ?p { " + "<http://x/s> ?p ?o . " * 9 + "}",
        "INSERT DATA { <http://x/s> <http://x/p> 1 }",
        "",
    ],
)
def test_everything_else_is_left_to_workers(text):
    assert read(text) == NOTHING


#: One value of each kind, and what a serialiser may get wrong.
ODD = (
    '"a\\"b\\\\c/d"',
    '"t\\tn\\nr\\rb\\bf\\f\\u0001"',
    '"\\u007F\\u0085\\u2028\u00e9\u4e2d\U0001f600"',
    '"z"@zh-Hans',
    '"z"@ar--rtl',
    "3",
    "1.0E6",
    "1.50",
    "true",
    '"2011-01-02"^^<http://www.w3.org/2001/XMLSchema#date>',
    '"x"^^<http://x/t>',
    "_:b",
    '"01"^^<http://www.w3.org/2001/XMLSchema#integer>',
    "<http://x/\u00e9?a=1&b>",
    '""',
    "<<( <http://x/a> <http://x/b> 1 )>>",
)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Things with one to two hundred and one values, names with quotes and line ends, and a very long text."""
    folder = tmp_path_factory.mktemp("points") / "store"
    lines = [f"<http://x/t{n}> <http://x/p> {v} ." for n in (1, 5, 40, 201) for v in range(n)]
    lines += [f'<http://x/t{n}> <http://x/q> "a{n}"@zh , "b\\n\\"{n}\\"" , <http://x/t1> .' for n in (1, 5, 40, 201)]
    lines += [f"<http://x/odd> <http://x/p> {value} ." for value in ODD]
    lines += [f'<http://x/long> <http://x/q> "{"x" * 100_000}" .', "<http://x/t1> a <http://x/Thing> ."]
    publish(folder, ("<http://x/g> {\n" + "\n".join(lines) + "\n}").encode())
    version = StoreDir.from_path(folder).current()
    info = VersionInfo(version.id, version.digest, version.created, path=str(version.path / "data"))
    points = PointReads()
    assert until(lambda: answer(points, info, "ASK { <http://x/t1> ?p ?o }") is not None)
    return points, info


def answer(points: PointReads, info: VersionInfo, text: str, form: str = "json"):
    return points.answer(Task("query", LIMITS, text=text, format=form), read(text), info)


def by_worker(info: VersionInfo, text: str, form: str, folder: Path) -> tuple[str, int, bytes]:
    task = {"op": "query", "text": text, "format": form, "rows": LIMITS.rows, "bytes": LIMITS.bytes}
    head, spool = evaluate(ReadStore.open(Path(info.path)).raw, task, folder)
    return head["kind"], head["rows"], spool.data()


SUBJECTS = st.sampled_from(
    ["<http://x/t1>", "<http://x/t5>", "<http://x/t40>", "<http://x/odd>", "<http://x/none>", "?s"]
)
PREDICATES = st.sampled_from(["<http://x/p>", "<http://x/q>", "?p", "?s", "a"])
OBJECTS = st.sampled_from(["?o", "?p", "3", "'a5'@zh", "<http://x/t1>", "_:b"])
GROUPS = st.lists(st.tuples(SUBJECTS, PREDICATES, OBJECTS).map(" ".join), min_size=1, max_size=3).map(" . ".join)
HEADS = st.sampled_from(
    ["SELECT * ", "SELECT DISTINCT ?p ", "SELECT ?o ?nothing ", "SELECT ?p ?o ", "ASK ", "CONSTRUCT WHERE "]
)


@settings(deadline=None)
@given(HEADS, GROUPS, st.sampled_from(["", " LIMIT 2", " LIMIT 0"]), st.sampled_from(["json", "csv", "tsv", "xml"]))
def test_the_bytes_are_those_of_a_worker(small, tmp_path_factory, head, group, tail, form):
    points, info = small
    group = group.replace("_:b", "?b") if "CONSTRUCT" in head else group  # blank nodes get random names
    text = f"{head}{{ {group} }}{tail if head.startswith('SELECT') else ''}"
    form = (
        {"json": "turtle", "csv": "jsonld", "tsv": "ntriples", "xml": "rdfxml"}[form] if "CONSTRUCT" in head else form
    )
    if "ASK" in head:
        form = {"csv": "json", "tsv": "xml"}.get(form, form)
    found = answer(points, info, text, form)
    if found is None:
        return
    kind, rows, data = by_worker(info, text, form, tmp_path_factory.getbasetemp())
    assert (found.kind.value, found.rows, found.body.data()) == (kind, rows, data)


@pytest.mark.parametrize(
    ("text", "small_enough"),
    [
        ("SELECT * { <http://x/t40> <http://x/p> ?o }", True),
        ("SELECT * { <http://x/t201> <http://x/p> ?o }", True),
        ("SELECT DISTINCT ?o { <http://x/t201> <http://x/p> ?o }", False),
        ("SELECT * { <http://x/t5> ?a ?b . <http://x/t5> ?c ?d }", True),
        ("SELECT * { <http://x/t40> ?a ?b . <http://x/t40> ?c ?d }", False),
        ("SELECT * { <http://x/long> ?p ?o }", False),
        ("CONSTRUCT WHERE { <http://x/long> ?p ?o }", False),
        ("SELECT DISTINCT * { <http://x/long> ?p ?o }", False),
        ("SELECT * { ?s <http://x/p> ?o }", False),
        ("SELECT * { ?s ?p <http://x/t1> }", True),
        ("SELECT * { ?s a <http://x/Thing> ; <http://x/p> ?o }", False),
        ("SELECT * { <http://x/t1> <http://x/p ?o }", False),
        ("SELECT * { <http://x/none> ?a ?b . <http://x/t5> ?c ?d }", True),
        ("SELECT * { <http://x/none> ?a ?b . <http://x/t40> ?c ?d . <http://x/t40> ?e ?f }", False),
        ("ASK { <http://x/none> ?a ?b . <http://x/t40> ?c ?d . <http://x/t40> ?e ?f . <http://x/t40> ?g ?h }", False),
    ],
)
def test_only_small_answers(small, text, small_enough):
    assert (answer(*small, text) is not None) is small_enough
    assert MAX_MATCHES == 200


def test_rows_are_capped_as_everywhere(small):
    points, info = small
    text = "SELECT * { <http://x/t40> <http://x/p> ?o }"
    task = Task("query", Limits(10, 39, 10_000), text=text, format="json")
    assert points.answer(task, read(text), info) is None


def test_a_dataset_of_its_own_is_left_to_workers(small):
    points, info = small
    text = "SELECT * { <http://x/t40> <http://x/p> ?o }"
    task = Task("query", LIMITS, text=text, union=False, default_graphs=("http://x/g",))
    assert points.answer(task, read(text), info) is None


def test_a_new_version_is_read_when_it_is_there(tmp_path):
    points, text = PointReads(), "ASK { <http://x/a> <http://x/b> 1 }"

    def boolean() -> bool | None:
        version = StoreDir.from_path(tmp_path / "store").current()
        info = VersionInfo(version.id, version.digest, version.created, path=str(version.path / "data"))
        found = answer(points, info, text)
        return None if found is None else b"true" in found.body.data()

    publish(tmp_path / "store", b"<http://x/g> { <http://x/a> <http://x/b> 2 }")
    assert until(lambda: boolean() is False)
    publish(tmp_path / "store", b"<http://x/g> { <http://x/a> <http://x/b> 1 }")
    seen = boolean()
    assert seen is not False
    assert until(lambda: boolean() is True)


@settings(deadline=None)
@given(st.lists(st.text(max_size=8), max_size=5))
def test_rows_of_json_are_counted_in_whole_answers(values):
    store = ox.Store()
    for value in values:
        store.add(ox.Quad(ox.NamedNode("http://x/s"), ox.NamedNode("http://x/p"), ox.Literal(value)))
    results = store.query("SELECT ?o { ?s ?p ?o }")
    data = results.serialize(format=ox.QueryResultsFormat.JSON)
    counter = RowCounter("json")
    counter.feed(data)
    assert counter.rows(data[-32:]) == len(set(values))
