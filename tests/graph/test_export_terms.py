"""Terms as texts: what the engine writes and what is made of its terms mean the same; pieces and indexes keep all."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonegraph.graph.index import NODE, UNKNOWN, Index, Sources, key_of
from zonegraph.graph.pieces import Piece, joined, packed, unpacked
from zonegraph.graph.terms import language, plain, text_of, typed
from zonegraph.names import XSD

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
LITERALS = st.one_of(
    TEXT.map(ox.Literal),
    st.tuples(TEXT, st.sampled_from(["zh-hans", "en"])).map(lambda pair: ox.Literal(pair[0], language=pair[1])),
    st.integers(-(2**63), 2**63 - 1).map(ox.Literal),
    st.booleans().map(ox.Literal),
    st.sampled_from(["1.50", "-0.0", "1e3", "INF", "x"]).map(
        lambda text: ox.Literal(text, datatype=ox.NamedNode(XSD + "decimal"))
    ),
)


def told_by_the_engine(term: ox.Literal) -> tuple[str, ox.Literal]:
    """The term as the engine writes it into a table, and as it hands it out."""
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("http://x/s"), ox.NamedNode("http://x/p"), term))
    found = store.query("SELECT ?o { ?s ?p ?o }").serialize(format=ox.QueryResultsFormat.TSV)
    return found.decode().split("\n", 1)[1][:-1], next(iter(store)).object


@given(LITERALS)
def test_the_engines_lines_and_its_terms_mean_the_same(term: ox.Literal) -> None:
    line, stored = told_by_the_engine(term)
    assert not set("\t\n") & set(line)
    assert plain(line) == plain(text_of(stored)) == stored.value
    assert language(line) == (stored.language or "")
    assert typed(line) == typed(text_of(stored))


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("5", ("", "long", "5")), ("-7", ("", "long", "-7")), ("1.5", ("", "double", "1.5")),
        ("true", ("", "boolean", "true")), ("<http://x/a>", ("", "iri", "http://x/a")),
        (f'"9"^^<{XSD}int>', ("", "long", "9")), (f'"99999999999999999999"^^<{XSD}integer>', ("", "string", "9" * 20)),
        (f'"NaN"^^<{XSD}double>', ("", "string", "NaN")), ('"甲"@zh-Hans', ("zh-hans", "string", "甲")),
        (r'"a\u0041\n\\"', ("", "string", "aA\n\\")),
    ],
)  # fmt: skip
def test_values_have_types(term: str, value: tuple[str, str, str]) -> None:
    assert typed(term) == value


def test_two_pieces_about_the_same_are_one() -> None:
    one = Piece([(1, "en", "a")], [(0, "", "long", "5")], [], [("d", "s", "", "")])
    other = Piece([], [(1, "", "string", "x")], [("2018-01-01", "", "2018")], [])
    assert unpacked(joined(packed(one), packed(other))) == Piece(
        [(1, "en", "a")], [(0, "", "long", "5"), (1, "", "string", "x")], [("2018-01-01", "", "2018")],
        [("d", "s", "", "")],
    )  # fmt: skip
    assert unpacked(None) == Piece()


@given(st.sets(TEXT.map(lambda text: f"<http://x/{text}>"), min_size=1, max_size=30))
def test_an_index_knows_what_it_was_told_and_nothing_else(terms: set[str]) -> None:
    index, spans = Index(), Sources()
    for number, key in enumerate(sorted(map(key_of, terms))):
        index.add(key, NODE, (number,))
    for term in terms:
        spans.add(term, f"<http://x/doc/{len(term)}>")
    spans.sort()
    assert len({index.kinds(key_of(term)) for term in terms}) == len(terms)
    assert all(index.role(key_of(term)) == NODE for term in terms)
    assert index.role(key_of("<http://y/>")) == UNKNOWN
    assert all(spans.of(term) == [f"<http://x/doc/{len(term)}>"] for term in terms)
    assert spans.of("<http://y/>") == []
