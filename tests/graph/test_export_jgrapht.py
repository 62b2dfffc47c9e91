"""GEXF and GraphML, read by JGraphT's importers (Debian libjgrapht-java): counts, ends, kinds, labels, parallels."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from .graph_tools import HERE, missing, needs

JARS = Path("/usr/share/java")
WINDMILL, NORTH = "zgi:firm.windmill", "zgi:zone.north"
Element = tuple[str, dict[str, str]]


def read(form: str, path: Path) -> tuple[list[Element], list[Element]]:
    """Nodes and edges: the name (of an edge both ends, as numbers) and the attributes."""
    if not (JARS / "jgrapht-io.jar").exists():
        missing("libjgrapht-java")
    utf8 = ["-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8"]
    call = [needs("java"), *utf8, "-cp", f"{JARS}/*", str(HERE / "ReadGraph.java"), form, str(path)]
    done = subprocess.run(call, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, list[Element]] = {"node": [], "edge": []}
    for line in done.stdout.decode().splitlines():
        what, name, *values = line.split("\t")
        found[what].append((name, dict(value.split("=", 1) for value in values)))
    return found["node"], found["edge"]


@pytest.mark.parametrize(("form", "edges"), [("graphml", 22), ("gexf", 21)])
def test_jgrapht_reads_it(export, form: str, edges: int) -> None:
    path, report = export(form)
    nodes, links = read(form, path)
    assert (len(nodes), len(links)) == (report.nodes, report.edges) == (15, edges)
    keys = {name: values["ID"] for name, values in nodes}
    by_id = {values["ID"]: values for _, values in nodes}
    assert by_id[NORTH]["label"] == "北岭开发区"
    assert by_id[NORTH]["label_zh_hant"] == "北嶺開發區"
    assert Counter(values["kind"] for _, values in nodes)["Enterprise"] == 3
    ends = [tuple(keys[end] for end in name.split(" ")) for name, _ in links]
    # GEXF has one edge for source, target and kind, GraphML one for each relation
    assert ends.count((WINDMILL, NORTH)) == (3 if form == "graphml" else 2)
    holding = next(values for (_, values), end in zip(links, ends, strict=True) if end == ("zgi:person.li", NORTH))
    assert holding["titleAsWritten"] == "主任"
