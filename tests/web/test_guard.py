"""The tokenizer: what it finds, what it must not find, and that it is quick on any text."""

from __future__ import annotations

import contextlib
import time

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zonegraph.errors import QueryRefusedError, QuerySyntaxError
from zonegraph.sparql import guard


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("# SELECT\nPREFIX select: <http://select/> BASE <http://ask/> ask {}", "ASK"),
        ("PREFIX a: <x#SELECT>\nconstruct {} where {}", "CONSTRUCT"),
        ('VERSION "1.2" DESCRIBE <x>', "DESCRIBE"),
        ("nonsense SELECT", ""),
        ("", ""),
    ],
)
def test_form(text, form):
    assert guard.inspect(text).form == form


@pytest.mark.parametrize("verb", ["INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"])
def test_updates_are_recognised(verb):
    assert guard.inspect(f"PREFIX x: <y>\n{verb.lower()} x").is_update


def test_dataset_words():
    assert guard.inspect("SELECT * FROM <http://g/> {}").names_dataset
    assert not guard.inspect("SELECT ?from { ?from <http://from> 'FROM' } # FROM").names_dataset
    assert guard.inspect("WITH <g> DELETE {} WHERE {}").names_using
    assert guard.inspect("DELETE {} USING <g> WHERE {}").names_using


@pytest.mark.parametrize(
    ("text", "volatile"),
    [
        ("SELECT (NOW() AS ?n) {}", True),
        ("SELECT (struuid ( ) AS ?n) {}", True),
        ("SELECT ?rand { ?rand ?p 'NOW()' }", False),
        ("CONSTRUCT { [] ?p ?o } WHERE { ?s ?p ?o }", True),
        ("CONSTRUCT { _:a ?p ?o } WHERE { ?s ?p ?o }", True),
        ("CONSTRUCT { ?s ?p ?o } WHERE { [] ?p ?o . ?s ?p ?o }", False),
    ],
)
def test_volatile(text, volatile):
    assert guard.inspect(text).volatile is volatile


def test_normalised_text_ignores_layout_only():
    first = guard.inspect("SELECT  *\n{ ?s ?p 'a  b' } # x")
    second = guard.inspect("SELECT * { ?s ?p 'a  b' }")
    third = guard.inspect("SELECT * { ?s ?p 'a b' }")
    assert first.normalised == second.normalised != third.normalised


def test_allowed_hosts():
    allowed = frozenset({"example.org", "127.0.0.1:8080"})
    for target in ("http://example.org/sparql", "https://EXAMPLE.org/x", "http://127.0.0.1:8080/q"):
        guard.refuse_foreign(guard.inspect(f"SELECT * {{ SERVICE <{target}> {{}} }}"), allowed)
    for target in ("<http://example.org.evil/>", "<http://example.org@evil/>", "<http://127.0.0.1/>", "?x", "x:y",
                   "<http://evil/example.org>", "<file:///etc/passwd>", "<http://example.org:99/>"):  # fmt: skip
        with pytest.raises(QueryRefusedError):
            guard.refuse_foreign(guard.inspect(f"SELECT * {{ SERVICE {target} {{}} }}"), allowed)
    both = "SELECT * { SERVICE <http://example.org/> {} SERVICE <http://evil/> {} }"
    with pytest.raises(QueryRefusedError):
        guard.refuse_foreign(guard.inspect(both), allowed)


@pytest.mark.parametrize("text", ["LOAD <http://x/>", "INSERT DATA {} ; load silent <http://x/> into graph <y>"])
def test_load_is_refused(text):
    with pytest.raises(QueryRefusedError):
        guard.refuse_foreign(guard.inspect(text))


def test_depth_and_open_strings():
    with pytest.raises(QuerySyntaxError):
        guard.inspect("{" * 1000)
    with pytest.raises(QuerySyntaxError):
        guard.inspect('SELECT * { ?s ?p "open }')


def test_using_is_written_into_every_operation():
    text = "DELETE { ?s ?p ?o } INSERT { ?s ?p 'WHERE' } WHERE { ?s ?p ?o } ; DELETE WHERE { ?a ?b ?c } ; CLEAR ALL"
    changed = guard.with_using(text, ("http://g/",), ("http://n/",))
    assert changed.count("USING <http://g/> USING NAMED <http://n/> WHERE") == 2
    assert "DELETE { ?a ?b ?c } USING" in changed
    store = ox.Store()
    store.update(changed)


def test_words_in_subqueries_get_no_using():
    text = "INSERT { ?s ?p ?o } WHERE { { SELECT * WHERE { ?s ?p ?o } } }"
    assert guard.with_using(text, ("http://g/",), ()).count("USING") == 1


PIECES = st.sampled_from(
    ["SERVICE", "<http://a/b>", "<", ">", "'", '"', "'''", '"""', "\\", "\\u0022", "\\'", "#", "\n", "\r", " ",
     "{", "}", "(", ")", "?x", "a:b", "a:", ":", "1", "1.5", ".", ",", "@en", "_:b", "^^", "SELECT", "ASK", "<<(", ")>>", "é", "\x0c"]  # noqa: E501
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_text_breaks_it(text):
    try:
        facts = guard.inspect(text)
    except (QuerySyntaxError, QueryRefusedError):
        return
    assert facts.calls_service or "SERVICE" not in [t.text for t in guard.tokens(text) if t.kind == "word"]


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join), st.lists(PIECES, max_size=12).map("".join))
def test_what_the_engine_would_call_is_found(before, after):
    """Whenever the engine accepts a text with SERVICE in it and tries to call, the guard has seen it."""
    text = f"SELECT * {{ {before} SERVICE <http://127.0.0.1:1/> {{ ?s ?p ?o }} {after} }}"
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("http://a/"), ox.NamedNode("http://b/"), ox.Literal("1")))
    try:
        list(store.query(text))
    except OSError:
        called = True
    except (SyntaxError, ValueError, RuntimeError):
        called = False
    else:
        called = False
    if called:
        with contextlib.suppress(QuerySyntaxError, QueryRefusedError):
            assert guard.inspect(text).calls_service


@pytest.mark.parametrize(
    "text",
    [
        "a.",
        "a-",
        "<a",
        "'''\\'",
        '"""\\"',
        "_:.",
        ":.",
        "a:b.",
        "\\u005C",
        "1.",
        "@a-",
        "?",
        "<http://a/)",
        "%41",
        "a:%41",
        "''",
        "((",
    ],
)
def test_time_grows_with_the_text_only(text):
    def seconds(size: int) -> float:
        began = time.perf_counter()
        with contextlib.suppress(QuerySyntaxError, QueryRefusedError):
            guard.inspect(text * (size // len(text)))
        return time.perf_counter() - began

    seconds(1000)
    assert seconds(200_000) < 6 * max(0.2, 4 * seconds(50_000))


#: What texts are made of, and what could make two readings of one text differ.
PIECES = (
    "SELECT * { ", "ASK ", "CONSTRUCT ", "WHERE { ", " }", "{", "(", ")", "PREFIX x: ", "x:a ", "?v ", "a ", ". ", "; ",
    "<http://a/b> ", "<http://a/b#c>", "<urn:x:1>", "<x>", "<a:b)SERVICE>", "<http://it's>", "<http://a\\u0041>", "1<2",
    "&&3>2 ", "<", ">", "<<", "'", '"', "'''", '"""', "#", "\n", "\r", "\\", "\\u0022", "\\u003E", "\\u003C",
    "\\U00000053ERVICE ", "SERVICE ", "SILENT ", "LOAD ", "FROM ", "USING ", "NOW()", "_:b ", "@zh ", "^^", "3.5 ",
    "INSERT DATA ", "zonegraph-slot:0;", "<zonegraph-slot:1;> ", "LIMIT 3", "DISTINCT ", "\x00", "中",
)  # fmt: skip


def facts(read, text):
    try:
        return read(text)
    except (QuerySyntaxError, QueryRefusedError) as error:
        return type(error), str(error), error.where


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_texts_read_by_their_shape_are_read_the_same(text):
    guard._remembered.cache_clear()
    for _ in range(2):
        assert facts(guard.inspect, text) == facts(guard._inspect, text)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=10).map("".join),
    st.lists(st.sampled_from(["<http://a/b>", "<urn:x>", "<x:#'>", "<x:y z>", "<x:y)>", "<x:SERVICE>"]), max_size=6),
)
def test_one_shape_with_other_iris(text, iris):
    parts = text.split("<http://a/b>")
    for shift in range(len(iris)):
        filled = "".join(p + (iris[(i + shift) % len(iris)] if i < len(parts) - 1 else "") for i, p in enumerate(parts))
        assert facts(guard.inspect, filled) == facts(guard._inspect, filled)
