"""Prepared graphs: made at publish, read by every export, and never other bytes than without them."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest

from zonegraph.build.external import load_external
from zonegraph.build.stages import Draw
from zonegraph.errors import ExportError, StoreError
from zonegraph.graph import FORMATS, ExportOptions, export_graph, load_profile, made_for, prepare, prepared_name
from zonegraph.graph.prepared import Prepared
from zonegraph.resources import data_dir
from zonegraph.store import StoreDir, VersionWriter

from .graph_tools import Source, as_bytes, load

NAME = prepared_name(load_profile("domain"))


class NoStore:
    """Fails whatever it is asked."""

    def select(self, text: str) -> list[dict[str, Any]]:
        raise AssertionError(f"the store was asked: {text}")


def exported(folder: Path, form: str, store: Any = None, **options: Any) -> bytes:
    out = io.BytesIO()
    export_graph(store or NoStore(), form, ExportOptions(**options), out, folder=folder)
    return out.getvalue()


@pytest.fixture(scope="module")
def ready(world: Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    prepare(world, load_profile("domain"), folder / NAME)
    return folder


SLICES: dict[str, dict[str, Any]] = {
    "whole": {},
    "english": {"languages": ("en",)},
    "hops": {"center": "https://w3id.org/zonegraph/id/zone/north", "hops": 1},
    "day": {"as_of": "2011-06-30"},
    "kinds": {"kinds": ("TerritorialUnit",)},
    "few": {"max_nodes": 4},
    "all of it": {"center": "zgi:zone.north", "hops": 2, "as_of": "2011-06-30", "max_nodes": 5, "languages": ("en",)},
}


@pytest.mark.parametrize("form", [name for name, form in FORMATS.items() if form.needs_graph and name != "svg"])
def test_every_format_is_the_same_without_the_store(world: Source, ready: Path, form: str) -> None:
    assert exported(ready, form, max_nodes=12) == as_bytes(world, form, max_nodes=12)


@pytest.mark.parametrize("options", SLICES.values(), ids=SLICES)
def test_every_slice_is_the_same_without_the_store(world: Source, ready: Path, options: dict[str, Any]) -> None:
    assert exported(ready, "cyjs", **options) == as_bytes(world, "cyjs", **options)


def test_a_build_prepares_the_graph_that_it_publishes(shipped_store: Path, tmp_path: Path) -> None:
    version = StoreDir(shipped_store).current()
    assert exported(version.path, "gexf") == exported(tmp_path, "gexf", version.open())
    assert version.extra["drawn"] > 100


def test_the_same_store_gives_the_same_file(world: Source, ready: Path, tmp_path: Path) -> None:
    prepare(world, load_profile("domain"), tmp_path / NAME)
    assert dump(tmp_path / NAME) == dump(ready / NAME)


def dump(path: Path) -> list[str]:
    with sqlite3.connect(path) as db:
        return list(db.iterdump())


def test_a_graph_that_other_queries_made_is_left_aside(world: Source, ready: Path, tmp_path: Path) -> None:
    shutil.copytree(data_dir("queries") / "export", tmp_path / "export")
    nodes = tmp_path / "export" / "domain" / "nodes.rq"
    nodes.write_text(nodes.read_text("utf-8") + "# another one\n", "utf-8")
    changed = {"profiles": tmp_path / "export"}
    assert made_for(load_profile("domain", tmp_path / "export")) != made_for(load_profile("domain"))
    folder = shutil.copytree(ready, tmp_path / "version")
    with pytest.raises(AssertionError, match="the store was asked"):
        exported(folder, "cyjs", **changed)
    assert exported(folder, "cyjs", world, **changed) == as_bytes(world, "cyjs")
    assert len(list(folder.iterdir())) == 2


def test_what_an_export_had_to_make_is_there_for_the_next(world: Source, tmp_path: Path) -> None:
    first = exported(tmp_path, "cyjs", world, profile="events")
    assert [path.name for path in tmp_path.iterdir()] == [prepared_name(load_profile("events"))]
    assert exported(tmp_path, "cyjs", profile="events") == first


def test_a_version_that_cannot_be_written_is_exported_all_the_same(world: Source, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    assert exported(gone, "cyjs", world) == as_bytes(world, "cyjs")
    assert not gone.exists()


def test_a_damaged_file_is_named_and_nothing_is_guessed(ready: Path, tmp_path: Path) -> None:
    data = (ready / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match="prepared graph cannot be read") as caught:
        exported(tmp_path, "gexf")
    assert NAME in str(caught.value)
    (tmp_path / NAME).write_bytes(data[: len(data) // 2])
    with pytest.raises(StoreError, match="prepared graph cannot be read"):
        exported(tmp_path, "gexf")


def test_reading_leaves_the_file_as_it_is(ready: Path) -> None:
    before = (ready / NAME).read_bytes()
    exported(ready, "gexf", as_of="2011-06-30", max_nodes=3)
    with Prepared.fresh(ready / NAME) as prepared, pytest.raises(sqlite3.OperationalError, match="readonly"):
        prepared.db.execute("DELETE FROM node")
    assert (ready / NAME).read_bytes() == before
    assert [path.name for path in ready.iterdir()] == [NAME]


def test_a_name_with_odd_characters_is_only_a_name(world: Source, tmp_path: Path) -> None:
    folder = tmp_path / "a b?c#d%20é"
    folder.mkdir()
    prepare(world, load_profile("domain"), folder / NAME)
    assert exported(folder, "cyjs") == as_bytes(world, "cyjs")


def test_too_many_edges_are_refused_before_they_are_put_in_order(world: Source, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="more than the 2 allowed"):
        prepare(world, load_profile("domain"), tmp_path / NAME, limit=2)


BLANK = "_:b <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/zonegraph/ontology#Firm> <urn:g> ."


def test_what_cannot_be_drawn_stops_no_build(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = StoreDir(tmp_path)
    with VersionWriter(store) as writer:
        writer.load_lines([BLANK])
        assert Draw(data_dir("queries"))(writer) == {"drawn": 0}
        version = writer.finish()
    assert "cannot be exported as it is" in caplog.text
    assert not (version.path / NAME).exists()
    with pytest.raises(ExportError, match="blank node"):
        exported(version.path, "gexf", version.open())


def test_a_reworked_version_is_drawn_anew(shipped_store: Path, tmp_path: Path) -> None:
    shutil.copytree(shipped_store, tmp_path / "store")
    store = StoreDir(tmp_path / "store")
    more = tmp_path / "more.ttl"
    more.write_text(
        "<https://w3id.org/zonegraph/id/zone/new> a <https://w3id.org/zonegraph/ontology#DevelopmentZone> ;"
        ' <http://www.w3.org/2000/01/rdf-schema#label> "新区"@zh-hans .',
        "utf-8",
    )
    version, _ = load_external(store, more, "external/test", "test")
    assert "新区" in exported(version.path, "gexf").decode()


def test_a_number_about_an_event_is_one_row_about_that_event() -> None:
    store = load(
        """@prefix zg: <https://w3id.org/zonegraph/ontology#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix zgg: <https://w3id.org/zonegraph/graph/> . @base <https://w3id.org/zonegraph/id/> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        GRAPH zgg:ontology { zg:Claim a owl:Class . zg:Deal a owl:Class ; rdfs:subClassOf zg:Claim }
        GRAPH zgg:external {
          <a> a zg:Firm . <b> a zg:Zone . <deal/1> a zg:Deal ; zg:firm <a> ; zg:zone <b> ; rdfs:label "the deal" .
          <number/1> a zg:Observation ; zg:about <deal/1> ; zg:indicator <jobs> ; zg:value 5 .
        }"""
    )
    with zipfile.ZipFile(io.BytesIO(as_bytes(store, "vega"))) as files:
        (row,) = csv.DictReader(io.StringIO(files.read("observations.csv").decode()))
    assert (row["subject_label"], row["value"]) == ("the deal", "5")
