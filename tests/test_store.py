"""The store: versions by content, atomic publication, rollback, dumps that never change."""

from __future__ import annotations

import random

import pyoxigraph as ox
import pytest

from zonegraph.errors import (
    QueryError,
    QueryRefusedError,
    QuerySyntaxError,
    StoreError,
    StoreMissingError,
    UsageError,
)
from zonegraph.names import RDF, ZG
from zonegraph.sparql import bind, inspect, refuse_foreign
from zonegraph.store import RDF_FORMATS, StoreDir, VersionWriter, dump_quads, refresh_merged

LINES = [
    '<http://e/a> <http://e/p> "乌鲁木齐\\n\\"新区\\""@zh-hans <http://e/g1> .',
    '<http://e/a> <http://e/p> "1134"^^<http://www.w3.org/2001/XMLSchema#decimal> <http://e/g1> .',
    f"<http://e/b> <{RDF}type> <{ZG}City> <http://e/g2> .",
    '<http://e/b> <http://e/p> "x" <http://e/g2> .',
]


def publish(store: StoreDir, lines=LINES):
    with store.lock():
        with VersionWriter(store) as writer:
            writer.load_lines(lines)
            version = writer.finish()
        store.publish(version)
    return version


def test_a_version_is_named_by_its_content(tmp_path):
    first = publish(StoreDir(tmp_path / "one"))
    shuffled = random.Random(1).sample(LINES, len(LINES))
    second = publish(StoreDir(tmp_path / "two"), [*shuffled, *LINES])
    assert first.digest == second.digest
    assert first.id == first.digest[:16]
    assert first.graphs == {"http://e/g1": 2, "http://e/g2": 2}


def test_nothing_is_served_before_publication(tmp_path):
    store = StoreDir(tmp_path)
    with pytest.raises(StoreMissingError, match="zonegraph build"):
        store.current()
    with VersionWriter(store) as writer:
        writer.load_lines(LINES)
        writer.finish()
    assert not store.exists()


def test_a_writer_left_half_way_leaves_nothing(tmp_path):
    store = StoreDir(tmp_path)
    served = publish(store)
    with pytest.raises(StoreError), VersionWriter(store) as writer:
        writer.load_lines(["no quad"])
    assert store.current() == served
    assert list((tmp_path / "work").iterdir()) == []


def test_a_quad_in_no_named_graph_is_refused(tmp_path):
    with VersionWriter(StoreDir(tmp_path)) as writer:
        writer.load_lines(["<urn:s> <urn:p> <urn:o> .", "<urn:s> <urn:p> <urn:o> <urn:g> ."])
        with pytest.raises(StoreError, match="stands in no named graph"):
            writer.finish()


def test_rollback_serves_an_older_version_and_remembers(tmp_path):
    store = StoreDir(tmp_path)
    first, second = publish(store), publish(store, LINES[:2])
    assert store.current().id == second.id
    store.rollback(first.id)
    assert store.current().id == first.id
    assert [entry["action"] for entry in store.history()] == ["publish", "publish", "rollback"]
    with pytest.raises(StoreError):
        store.rollback("0" * 16)
    with pytest.raises(UsageError):
        store.rollback("../../etc")


def test_one_publisher_at_a_time(tmp_path):
    store = StoreDir(tmp_path)
    with store.lock(), pytest.raises(StoreError, match="another process"), store.lock(wait=False):
        pass


def test_a_damaged_version_is_a_clear_error(tmp_path):
    store = StoreDir(tmp_path)
    version = publish(store)
    (version.path / "version.json").write_text("{")
    with pytest.raises(StoreError, match="rollback"):
        store.current()


@pytest.mark.parametrize("pointer", [b"", b"\xff\xfe\x00", b"../../etc", b"no id\n"])
def test_a_damaged_pointer_is_a_clear_error(tmp_path, pointer):
    (tmp_path / "current").write_bytes(pointer)
    with pytest.raises(StoreError, match="no version is named") as caught:
        StoreDir(tmp_path).current()
    assert "zonegraph build" in str(caught.value)


def test_what_is_missing_is_said_without_the_place(tmp_path):
    (tmp_path / "current").write_text("abc123\n")
    with pytest.raises(StoreError) as caught:
        StoreDir(tmp_path).current()
    assert str(tmp_path) not in caught.value.message


def test_engine_errors_stay_inside(tmp_path):
    read = publish(StoreDir(tmp_path)).open()
    with pytest.raises(QuerySyntaxError):
        read.query("SELECT")
    with pytest.raises(QueryRefusedError):
        read.query("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }")
    with pytest.raises(QueryError):
        read.select("ASK {}")
    with pytest.raises(QueryError):
        list(read.query("SELECT (<http://e/f>(1) AS ?x) {}"))


def test_queries_see_all_graphs_and_know_the_prefixes(tmp_path):
    read = publish(StoreDir(tmp_path)).open()
    assert len(read.select("SELECT ?s { ?s ?p ?o }")) == 4
    assert read.ask("ASK { ?s a zg:City }")
    assert read.select("SELECT ?o { ?s <http://e/p> ?o }", s=ox.NamedNode("http://e/b"))[0]["o"].value == "x"


@pytest.mark.parametrize("name", RDF_FORMATS)
def test_dumps_are_deterministic_and_lossless(tmp_path, name):
    read = publish(StoreDir(tmp_path)).open()
    form = RDF_FORMATS[name]
    quads = list(read.quads())
    data = dump_quads(quads, form)
    assert dump_quads(random.Random(2).sample(quads, len(quads)), form) == data
    back = set(ox.parse(data, format=form.engine))
    expected = set(quads) if form.has_graphs else {ox.Quad(q.subject, q.predicate, q.object) for q in quads}
    assert back == expected


def test_only_used_prefixes(tmp_path):
    read = publish(StoreDir(tmp_path)).open()
    text = dump_quads(read.quads(), RDF_FORMATS["turtle"]).decode()
    assert "@prefix zg:" in text
    assert "@prefix oa:" not in text
    assert text.count("<http://e/a>") == 1


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("SELECT * { SERVICE <x:> {} }", True),
        ("select * { service silent ?x {} }", True),
        ("SELECT * { \\u0053ERVICE <x:> {} }", True),
        ("SELECT * { ?s ?p 'SERVICE' }", False),
        ('SELECT * { ?s ?p """a " SERVICE "" b""" }', False),
        ("SELECT * { ?s <http://e/SERVICE> ?o } # SERVICE", False),
        ("PREFIX s: <http://e/> SELECT * { ?s s:SERVICE ?SERVICE }", False),
        ("SELECT * { ?s ?p '\\' SERVICE' }", False),
        ("SELECT * { ?a <http://e/x>SERVICE<x:> {} }", True),
        ("SELECT * { FILTER(?a<1) SERVICE <x:> {} FILTER(?b>1) }", True),
        ("SELECT * { FILTER(1<2)SERVICE#>\n <x:> {} }", True),
    ],
)
def test_service_is_seen_where_it_is_a_keyword(text, service):
    assert inspect(text).calls_service is service


def test_a_keyword_behind_an_escaped_quote_does_not_pass():
    text = 'SELECT * { FILTER(?x="a\\u0022") SERVICE <x:> {} FILTER("b"="b") }'
    with pytest.raises((QueryRefusedError, QuerySyntaxError)):
        refuse_foreign(inspect(text))


def test_the_form_and_the_normal_form():
    facts = inspect("# a comment\nPREFIX e: <http://e/>  \n select  ?s { ?s e:p 'a  b' } # end")
    assert facts.form == "SELECT"
    assert facts.normalised == "PREFIX e: <http://e/> select ?s { ?s e:p 'a  b' }"


def test_terms_take_the_place_of_variables_only():
    text = "SELECT ?x { ?x <http://e/?a> '?a' . ?x ?p $a } # ?a"
    assert bind(text, {"a": "<http://e/A>"}) == "SELECT ?x { ?x <http://e/?a> '?a' . ?x ?p <http://e/A> } # ?a"


def test_a_triple_of_two_graphs_is_one_in_the_union(tmp_path):
    twice = [LINES[3], LINES[3].replace("http://e/g2", "http://e/g1")]
    version = publish(StoreDir(tmp_path), twice)
    read = version.open()
    assert version.quads == 2
    assert read.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[0]["n"].value == "1"
    assert len(read.select("SELECT ?g { GRAPH ?g { ?s ?p ?o } }")) == 2
    assert len(list(read.quads())) == 2


def test_the_union_follows_a_change_of_graphs(tmp_path):
    version = publish(StoreDir(tmp_path / "store"), [*LINES, LINES[3].replace("http://e/g2", "http://e/g1")])
    before = version.open().raw
    before.backup(str(tmp_path / "copy"))
    store = ox.Store(str(tmp_path / "copy"))
    own = ox.Quad(ox.NamedNode("http://e/own"), ox.NamedNode("http://e/p"), ox.Literal("mine"))
    store.add(own)
    store.remove_graph(ox.NamedNode("http://e/g2"))
    store.add(ox.Quad(ox.NamedNode("http://e/new"), own.predicate, own.object, ox.NamedNode("http://e/g3")))
    refresh_merged(store, before)
    default = {str(q.subject) for q in store.quads_for_pattern(None, None, None, ox.DefaultGraph())}
    # b's type went with its graph, b's name is still said by another one
    assert default == {"<http://e/a>", "<http://e/b>", "<http://e/own>", "<http://e/new>"}
    assert ox.Quad(ox.NamedNode("http://e/b"), ox.NamedNode(f"{RDF}type"), ox.NamedNode(f"{ZG}City")) not in store
