"""Hostile text: what a format can carry comes back exactly; what it cannot is refused with the place and the reason."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from zonegraph.errors import ExportError, UsageError
from zonegraph.graph import FORMATS
from zonegraph.graph.options import read_delimiter
from zonegraph.graph.writers.mermaid import quoted

from .graph_tools import Source, as_bytes, needs

ZG, ZGI = "https://w3id.org/zonegraph/ontology#", "https://w3id.org/zonegraph/id/"
LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
ALT = ox.NamedNode("http://www.w3.org/2004/02/skos/core#altLabel")
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
GRAPH = ox.NamedNode("https://w3id.org/zonegraph/graph/registry")
NASTY = [
    "\"'<>&;|,\\",
    "]]>",
    "<!--",
    "--> x",
    "&amp;&lt;",
    "=1+1",
    "\\N\\G\\",
    "\u202eabc\u202c",
    "שלום",
    "🏭🚄",
    "a\n\nb\r\nc\td",
    " spaced ",
    "{{x}}",
    "%00",
    "a\u2028b\x85c\u2029d",
    "\ufeffx",
    "e\u0301",
]
TEXT = st.one_of(st.sampled_from(NASTY), st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)).filter(
    str.strip
)


def store_of(labels: list[str]) -> Source:
    store = ox.Store()
    for number, label in enumerate(labels):
        thing = ox.NamedNode(f"{ZGI}thing/{number}")
        for predicate, value in (
            (TYPE, ox.NamedNode(ZG + "Thing")),
            (LABEL, ox.Literal(label)),
            (ox.NamedNode(ZG + "note"), ox.Literal(label)),
        ):
            store.add(ox.Quad(thing, predicate, value, GRAPH))
    return Source(store)


def gexf(data: bytes) -> Mapping[str, tuple[str, str]]:
    root = etree.fromstring(data)
    return {
        n.get("id"): (n.get("label"), n.find(".//{*}attvalue[@for='note']").get("value")) for n in root.iter("{*}node")
    }


def graphml(data: bytes) -> Mapping[str, tuple[str, str]]:
    return {
        n.get("id"): (n.find("{*}data[@key='n_label']").text, n.find("{*}data[@key='n_note']").text)
        for n in etree.fromstring(data).iter("{*}node")
    }


def yed(data: bytes) -> Mapping[str, tuple[str, str]]:
    return {
        n.get("id"): (n.find(".//{*}NodeLabel").text, n.find("{*}data[@key='n_note']").text)
        for n in etree.fromstring(data).iter("{*}node")
    }


def cyjs(data: bytes) -> Mapping[str, tuple[str, str]]:
    return {n["data"]["id"]: (n["data"]["label"], n["data"]["note"]) for n in json.loads(data)["elements"]["nodes"]}


def cx2(data: bytes) -> Mapping[str, tuple[str, str]]:
    nodes = next(aspect["nodes"] for aspect in json.loads(data) if "nodes" in aspect)
    return {n["v"]["id"]: (n["v"]["name"], n["v"]["note"]) for n in nodes}


def tables(key: str, label: str, note: str) -> Callable[[bytes], Mapping[str, tuple[str, str]]]:
    def read(data: bytes) -> Mapping[str, tuple[str, str]]:
        text = zipfile.ZipFile(io.BytesIO(data)).read("nodes.csv").decode()
        found = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        return {row[key]: (row[label], row[note]) for row in found}

    return read


READERS: dict[str, Callable[[bytes], Mapping[str, tuple[str, str]]]] = {
    "gexf": gexf,
    "graphml": graphml,
    "yed": yed,
    "cyjs": cyjs,
    "cx2": cx2,
    "csv": tables("Id", "Label", "note"),
    "neo4j": tables("id:ID", "label:string", "note:string"),
}


@pytest.mark.parametrize("form", sorted(READERS))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(labels=st.lists(TEXT, min_size=1, max_size=6))
def test_text_survives_or_is_refused(form: str, labels: list[str]) -> None:
    refused = [label for label in labels if FORMATS[form].refuses.search(label)]
    store = store_of(labels)
    if refused:
        with pytest.raises(ExportError, match=r"thing\.\d+: bad-character: .*U\+"):
            as_bytes(store, form)
        return
    assert READERS[form](as_bytes(store, form)) == {f"zgi:thing.{i}": (text, text) for i, text in enumerate(labels)}


@pytest.mark.parametrize("form", ["gexf", "graphml", "yed", "svg"])
@pytest.mark.parametrize("character", ["\x00", "\x01", "\x0b", "\x1f", "\ufffe"])
def test_xml_refuses_what_it_cannot_carry_before_the_first_byte(form: str, character: str) -> None:
    out = io.BytesIO()
    from zonegraph.graph import ExportOptions, export_graph

    with pytest.raises(ExportError) as caught:
        export_graph(store_of([f"a{character}b"]), form, ExportOptions(), out)
    assert caught.value.code == "lint-bad-character"
    assert caught.value.where.id == "zgi:thing.0"
    assert out.getvalue() == b""


def test_json_carries_control_characters() -> None:
    assert cyjs(as_bytes(store_of(["a\x01\x00b"]), "cyjs"))["zgi:thing.0"][0] == "a\x01\x00b"


@pytest.mark.parametrize("label", ["", " ", "\u2028\n"])
def test_an_empty_label_falls_back_to_the_id(label: str) -> None:
    assert cyjs(as_bytes(store_of([label]), "cyjs"))["zgi:thing.0"][0] == "zgi:thing.0"


def test_a_semicolon_in_a_list_is_refused_for_neo4j() -> None:
    store = store_of(["a"])
    store.raw.add(ox.Quad(ox.NamedNode(f"{ZGI}thing/0"), ALT, ox.Literal("b;c"), GRAPH))
    with pytest.raises(ExportError, match=r"thing\.0: .*';'"):
        as_bytes(store, "neo4j")
    assert b"b;c" in as_bytes(store, "graphml")


def test_lists_for_neo4j_with_another_mark_carry_everything() -> None:
    store = store_of(["a"])
    names = {"b;c", "d|e", 'f"g', "h,i", "j\nk"}
    for name in names:
        store.raw.add(ox.Quad(ox.NamedNode(f"{ZGI}thing/0"), ALT, ox.Literal(name), GRAPH))
    archive = io.BytesIO(as_bytes(store, "neo4j", array_delimiter=read_delimiter("U+001F")))
    text = zipfile.ZipFile(archive).read("nodes.csv").decode()
    (row,) = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    assert set(row["alt:string[]"].split("\x1f")) == names


@pytest.mark.parametrize("text", ["", "ab", ",", '"', "\n", "U+0000", "U+000A", "a", "1"])
def test_marks_that_cannot_separate(text: str) -> None:
    with pytest.raises(UsageError, match="cannot separate"):
        read_delimiter(text)


def test_graphviz_shows_hostile_labels_exactly() -> None:
    labels = [text.replace("\r\n", "\n") for text in NASTY]
    done = subprocess.run(
        [needs("dot"), "-Tsvg"], input=as_bytes(store_of(labels), "dot"), capture_output=True, check=True
    )
    root = etree.fromstring(done.stdout)
    space = {"s": "http://www.w3.org/2000/svg"}
    shown = [
        "\n".join(text.text or "" for text in group.findall(".//s:text", space))
        for group in root.iterfind(".//s:g[@class='node']", space)
    ]

    def visible(text: str) -> str:
        return "".join(text.replace("\xa0", " ").split())

    assert sorted(map(visible, shown)) == sorted(map(visible, labels))


def test_npm_readers_return_hostile_labels_exactly(read_js: Callable[[str, Path], Any], tmp_path: Path) -> None:
    store = store_of(NASTY)
    for form in ("gexf", "graphml", "cyjs"):
        path = tmp_path / f"g.{form}"
        path.write_bytes(as_bytes(store, form))
        read = read_js(form, path)
        assert {node["id"]: node["label"] for node in read["nodes"]} == {
            f"zgi:thing.{i}": text for i, text in enumerate(NASTY)
        }


@given(TEXT)
def test_mermaid_text_cannot_leave_its_quotes(text: str) -> None:
    assert not set('"<>[]{}`') & set(quoted(text).replace("<br/>", ""))
