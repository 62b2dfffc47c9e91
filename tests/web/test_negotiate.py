"""The Accept algorithm over the whole table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonegraph.web.negotiate import FORMATS, Kind, by_name, choose, offers, parse_accept, rdf_input
from zonegraph.web.problems import HttpProblemError

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "kind", "expected"),
    [
        (None, Kind.BINDINGS, "json"),
        ("", Kind.BINDINGS, "json"),
        ("*/*", Kind.BINDINGS, "json"),
        ("*/*;q=0.1", Kind.GRAPH, "turtle"),
        (BROWSER, Kind.BINDINGS, "html"),
        (BROWSER, Kind.GRAPH, "html"),
        ("text/csv, application/sparql-results+json;q=0.9", Kind.BINDINGS, "csv"),
        ("text/*, text/csv;q=0.5", Kind.BINDINGS, "tsv"),
        ("*/*, application/sparql-results+json;q=0", Kind.BINDINGS, "xml"),
        ("TEXT/CSV", Kind.BINDINGS, "csv"),
        ("text/csv; charset=UTF-8", Kind.BINDINGS, "csv"),
        ('text/csv; note="a,b;c"; q=0.2, text/tab-separated-values;q=0.1', Kind.BINDINGS, "csv"),
        ("application/json", Kind.BINDINGS, "json"),
        ("application/xml", Kind.BOOLEAN, "xml"),
        ("text/turtle;q=0.4, application/rdf+xml;q=0.5", Kind.GRAPH, "rdfxml"),
        ("application/n-quads", Kind.DATASET, "nquads"),
        ("junk, ;;;, text/csv", Kind.BINDINGS, "csv"),
        ('application/ld+json; profile="http://www.w3.org/ns/json-ld#compacted"', Kind.GRAPH, "jsonld"),
    ],
)
def test_choice(accept, kind, expected):
    assert choose(accept, offers(kind)).name == expected


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv", Kind.GRAPH),
        ("text/turtle", Kind.BINDINGS),
        ("image/png", Kind.BINDINGS),
        ("*/*;q=0", Kind.BINDINGS),
        ("text/csv;q=0", Kind.BINDINGS),
        ("text/csv;q=junk", Kind.BINDINGS),
        ("nonsense", Kind.BINDINGS),
        ("text/csv; charset=utf-16", Kind.BINDINGS),
    ],
)
def test_406_lists_what_exists(accept, kind):
    with pytest.raises(HttpProblemError) as caught:
        choose(accept, offers(kind))
    assert caught.value.status == 406
    assert [form.media_type for form in offers(kind)] == [e["mediaType"] for e in caught.value.members["available"]]


@pytest.mark.parametrize("kind", list(Kind))
def test_every_format_can_be_had_by_type_name_and_ending(kind):
    for form in offers(kind):
        assert choose(form.media_type, offers(kind)) == form
        assert by_name(form.name, offers(kind)) == form
        assert by_name(form.media_type, offers(kind)) == form
        assert by_name(form.extension.upper(), offers(kind)) == form


def test_an_alias_is_sent_under_the_name_asked_for():
    assert choose("application/json", offers(Kind.BINDINGS)).content_type == "application/json"
    assert choose("text/*;q=0.5, application/xml", offers(Kind.BINDINGS)).media_type == "application/xml"


@given(st.text(max_size=200))
def test_no_header_breaks_it(header):
    for member in parse_accept(header):
        assert 0 <= member.weight <= 1
    outcome: object = None
    try:
        outcome = choose(header, offers(Kind.BINDINGS))
    except HttpProblemError as error:
        outcome = error.status
    assert outcome == 406 or outcome in offers(Kind.BINDINGS) or outcome.media_type in {"application/json", "text/xml"}


WEIGHTS = st.sampled_from(["", ";q=0", ";q=0.1", ";q=0.5", ";q=1", ";q=0.999"])
RANGES = st.sampled_from([form.media_type for form in FORMATS] + ["*/*", "text/*", "application/*"])


@given(st.lists(st.tuples(RANGES, WEIGHTS), min_size=1, max_size=6))
def test_nothing_excluded_is_chosen_and_nothing_better_is_left(members):
    header = ", ".join(name + weight for name, weight in members)
    ranges = parse_accept(header)

    def weight(media_type: str) -> float:
        hits = [(r.specificity(media_type), r.weight) for r in ranges if r.specificity(media_type)]
        return max(hits)[1] if hits else 0.0

    available = offers(Kind.GRAPH)
    best = max(weight(form.media_type) for form in available)
    if best == 0:
        with pytest.raises(HttpProblemError):
            choose(header, available)
    else:
        assert weight(choose(header, available).media_type) == best


def test_payload_types():
    assert rdf_input("text/turtle").name == "turtle"
    assert rdf_input("application/x-turtle").name == "turtle"
    assert rdf_input("application/json") is None
    assert rdf_input("text/html") is None
