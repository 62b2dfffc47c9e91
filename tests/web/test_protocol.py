"""Requests as frozen values: every way to ask, and every way to ask wrongly."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonegraph.web.problems import HttpProblemError
from zonegraph.web.protocol import DIRECT_QUERY, DIRECT_UPDATE, FORM, Dataset, Operation, RawRequest, parse_request


def get(query: str = "", method: str = "GET") -> RawRequest:
    return RawRequest(method, query.encode(), "", b"")


def post(body: bytes, media_type: str, query: str = "", method: str = "POST") -> RawRequest:
    return RawRequest(method, query.encode(), media_type, body)


@pytest.mark.parametrize(
    "raw",
    [
        get("query=ASK+%7B%7D"),
        get("query=ASK+%7B%7D", "HEAD"),
        post(b"query=ASK+%7B%7D", FORM),
        post(b"query=ASK+%7B%7D", "Application/X-WWW-Form-URLEncoded; charset=UTF-8"),
        post(b"ASK {}", DIRECT_QUERY),
        post(b"ASK {}", "APPLICATION/SPARQL-QUERY;charset=utf-8"),
        post(b"ASK {}", DIRECT_QUERY, method="QUERY"),
        post(b"query=ASK+%7B%7D", FORM, method="QUERY"),
    ],
)
def test_ways_to_ask(raw):
    asked = parse_request(raw)
    assert asked.operation is Operation.QUERY
    assert asked.text == "ASK {}"
    assert asked == parse_request(raw)


def test_a_mark_of_byte_order_is_no_part_of_the_text():
    assert parse_request(post(b"\xef\xbb\xbfASK {}", DIRECT_QUERY)).text == "ASK {}"


def test_parameters():
    query = urlencode(
        [("query", "ASK {}"), ("default-graph-uri", "http://a/"), ("default-graph-uri", "urn:b"), ("named-graph-uri", "http://c/"),
         ("timeout", "2.5"), ("format", "csv"), ("version", "1.2"), ("unknown", "x")]
    )  # fmt: skip
    asked = parse_request(get(query))
    assert asked.dataset == Dataset(("http://a/", "urn:b"), ("http://c/",))
    assert (asked.timeout, asked.format, asked.version) == (2.5, "csv", "1.2")
    assert parse_request(post(b"ASK {}", DIRECT_QUERY + ";version=1.1")).version == "1.1"
    assert parse_request(post(b"ASK {}", DIRECT_QUERY + ";version=1.1", "version=1.2")).version == "1.2"


def test_no_operation_is_the_service_description():
    assert parse_request(get()).operation is Operation.DESCRIBE_SERVICE


def test_percent_is_decoded_once():
    assert parse_request(get("query=%2541")).text == "%41"
    assert parse_request(post(b"query=%2541", FORM)).text == "%41"


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (get("query=ASK%7B%7D&query=ASK%7B%7D"), 400),
        (get("query=a&update=b"), 400),
        (get("update=CLEAR+ALL"), 400),
        (get("query=%FF"), 400),
        (get("default-graph-uri=http://a/"), 400),
        (get("query=a&default-graph-uri=rel/ative"), 400),
        (get("query=a&default-graph-uri="), 400),
        (get("query=a&named-graph-uri=http://a/%3Cb"), 400),
        (get("query=a&using-graph-uri=http://a/"), 400),
        (get("query=a&timeout=0"), 400),
        (get("query=a&timeout=inf"), 400),
        (get("query=a&timeout=1&timeout=2"), 400),
        (get("query=a&version=9"), 400),
        (get("&".join(["a=1"] * 2000)), 400),
        (post(b"ASK {}", ""), 415),
        (post(b"ASK {}", "text/plain"), 415),
        (post(b"ASK {}", DIRECT_QUERY + "; charset=utf-16"), 415),
        (post(b"\xff\xfe", DIRECT_QUERY), 400),
        (post(b"query=%C3%28", FORM), 400),
        (post(b"", FORM), 400),
        (post(b"query=a&query=b", FORM), 400),
        (post(b"query=a", FORM, "query=b"), 400),
        (post(b"update=a&update=b", FORM), 400),
        (post(b"ASK {}", DIRECT_QUERY, "query=ASK%7B%7D"), 400),
        (post(b"CLEAR ALL", DIRECT_UPDATE, "default-graph-uri=http://a/"), 400),
        (post(b"CLEAR ALL", DIRECT_UPDATE, method="QUERY"), 415),
        (post(b"update=CLEAR+ALL", FORM, method="QUERY"), 400),
        (post(b"x", "multipart/form-data; boundary=x"), 415),
        (get("query=ASK%7B%7D", "PUT"), 405),
        (get("", "BREW"), 405),
    ],
)
def test_wrong_requests(raw, status):
    with pytest.raises(HttpProblemError) as caught:
        parse_request(raw)
    assert caught.value.status == status
    if status == 405:
        assert caught.value.headers["Allow"] == "GET, HEAD, POST, QUERY, OPTIONS"


@given(st.text(max_size=100), st.lists(st.sampled_from(["http://a/", "urn:x:y", "https://ü.example/ö"]), max_size=3))
def test_any_text_arrives_whole_by_every_way(text, graphs):
    pairs = [("query", text), *(("default-graph-uri", g) for g in graphs)]
    try:
        encoded = urlencode(pairs)
    except UnicodeEncodeError:
        return
    by_get = parse_request(get(encoded))
    by_form = parse_request(post(encoded.encode(), FORM))
    direct = parse_request(post(text.encode(), DIRECT_QUERY, urlencode(pairs[1:])))
    assert by_get == by_form == direct
    assert by_get.text == text
    assert by_get.dataset.default == tuple(graphs)


@given(st.binary(max_size=200))
def test_no_query_string_breaks_it(raw):
    status = 200
    try:
        parse_request(RawRequest("GET", raw, "", b""))
    except HttpProblemError as error:
        status = error.status
    assert status == 200 or 400 <= status < 500
