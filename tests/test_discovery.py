"""The counts that describe a version: of what was stated, each triple once, the same before and after merging."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from zonegraph.build.stages import Describe
from zonegraph.discovery import DATASET, NODES, VOID_NAME, write_statistics
from zonegraph.names import GRAPH_INFERRED, GRAPH_REGISTRY, PREFIXES, ZG
from zonegraph.store import StoreDir, Version, VersionWriter

VOID = PREFIXES["void"]
OTHER = "https://w3id.org/zonegraph/graph/doc/x"
LINES = f"""
<http://a/> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{ZG}Zone> <{GRAPH_REGISTRY}> .
<http://a/> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{ZG}Zone> <{OTHER}> .
<http://a/> <{ZG}value> "1" <{OTHER}> .
<http://b/> <{ZG}about> <http://a/> <{OTHER}> .
<http://a/> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{ZG}Place> <{GRAPH_INFERRED}> .
""".encode()


def made(folder: Path) -> Version:
    store = StoreDir.from_path(folder)
    with store.lock(), VersionWriter(store) as writer:
        writer.load_bytes(LINES)
        Describe()(writer)
        version = writer.finish()
        store.publish(version)
    return version


def graph(path: Path) -> ox.Store:
    found = ox.Store()
    found.load(path=str(path), format=ox.RdfFormat.N_QUADS)
    return found


def value(store: ox.Store, subject: str, predicate: str) -> list[str]:
    quads = store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(VOID + predicate), None)
    return [quad.object.value for quad in quads]


def test_a_triple_in_two_graphs_counts_once(tmp_path):
    store = graph(made(tmp_path).path / VOID_NAME)
    assert value(store, DATASET, "triples") == ["4"]
    assert value(store, NODES + "zg-value", "triples") == ["1"]
    assert value(store, NODES + "rdf-type", "triples") == ["2"]


def test_classes_are_those_that_were_stated(tmp_path):
    store = graph(made(tmp_path).path / VOID_NAME)
    assert value(store, DATASET, "classPartition") == [NODES + "zg-Zone"]
    assert value(store, NODES + "zg-Zone", "entities") == ["1"]
    assert sorted(value(store, NODES + "zg-Zone", "propertyPartition")) == [
        NODES + "zg-Zone.rdf-type",
        NODES + "zg-Zone.zg-value",
    ]
    assert value(store, NODES + "zg-about.zg-Zone", "class") == [ZG + "Zone"]


def test_the_merged_copy_counts_the_same(tmp_path):
    version = made(tmp_path / "store")
    write_statistics(version.open(), tmp_path / "again.nq")
    assert (tmp_path / "again.nq").read_bytes() == (version.path / VOID_NAME).read_bytes()
