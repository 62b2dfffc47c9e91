"""Exports of a real server: capped, and of the version that is served."""

from __future__ import annotations

import json
import shutil

from zonegraph.graph import load_profile, prepared_name
from zonegraph.names import ZGI
from zonegraph.store import StoreDir

PREFIXES = "PREFIX zg: <https://w3id.org/zonegraph/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>"


def test_an_export_over_the_cap_is_a_problem_and_leaves_nothing(run_server, shipped_store, tmp_path):
    server = run_server(store=shipped_store, max_dump_bytes=300_000)
    for _ in range(3):
        reply = server.ask("/export/graph.gexf")
        assert (reply.status, json.loads(reply.text)["type"]) == (422, "urn:zonegraph:problem:limit-bytes")
    assert "max-nodes" in json.loads(reply.text)["hint"]
    assert server.ask("/export/graph.gexf?max-nodes=3").status == 200
    assert not list((tmp_path / "spool").iterdir())


def test_after_a_write_the_export_has_it(run_server, shipped_store, tmp_path):
    folder = tmp_path / "store"
    shutil.copytree(shipped_store, folder)
    server = run_server(store=folder, writable=True)
    assert "新的园区" not in server.ask("/export/graph.cyjs").text
    done = server.update(
        f"{PREFIXES} INSERT DATA {{ GRAPH <https://w3id.org/zonegraph/graph/external> {{ "
        f'<{ZGI}zone/fresh> a zg:DevelopmentZone ; rdfs:label "新的园区"@zh-hans }} }}'
    )
    assert done.status in {200, 204}
    assert "新的园区" in server.ask("/export/graph.cyjs").text
    assert server.ask("/export/graph.cyjs?profile=events&max-nodes=3").status == 200
    names = {path.name for path in StoreDir(folder).current().path.glob("graph-*")}
    assert names == {prepared_name(load_profile(name)) for name in ("domain", "events")}
