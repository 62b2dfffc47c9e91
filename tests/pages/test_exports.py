"""Exports over HTTP: the bytes of the command line, in part where a part is asked for, under the caps of a dump."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from zonegraph.graph import ExportOptions, export_graph
from zonegraph.names import ZGI
from zonegraph.store import StoreDir

SLICE = "/export/graph.{}?center=zone/urumqi-etdz&hops=1&lang=en"


@pytest.mark.parametrize("form", ["gexf", "cyjs", "neo4j"])
def test_the_bytes_are_those_of_the_command(client: FlaskClient, real_store: Path, form: str) -> None:
    version = StoreDir(real_store).current()
    options = ExportOptions(center=f"{ZGI}zone/urumqi-etdz", hops=1, languages=("en",), version=version.id)
    out = io.BytesIO()
    export_graph(version.open(), form, options, out)
    assert client.get(SLICE.format(form)).data == out.getvalue()
    assert client.get(SLICE.format(form)).data == out.getvalue()


@pytest.mark.parametrize("path", [SLICE.format("gexf"), "/export/graph.cx2"])
def test_a_part_is_a_part_of_the_whole(client: FlaskClient, path: str) -> None:
    whole = client.get(path)
    part = client.get(path, headers={"Range": "bytes=100-199", "If-Range": whole.headers["ETag"]})
    assert (part.status_code, part.data) == (206, whole.data[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole.data)}"
    assert client.get(path, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    assert client.get(path, headers={"Range": f"bytes={len(whole.data)}-"}).status_code == 416


def test_what_a_format_cannot_carry_is_no_fault_of_the_server(client: FlaskClient) -> None:
    reply = client.get("/export/graph.mmd")
    assert (reply.status_code, reply.get_json()["type"]) == (422, "urn:zonegraph:problem:export-too-large")
