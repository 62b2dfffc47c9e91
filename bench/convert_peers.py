"""What others do with the tables of ``bench/convert.py``; run by the interpreter of their own environment.

``python bench/convert_peers.py fstrings|rdflib|morph1|morph2 TABLES OUT``
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path


def run_fstrings(folder: Path, out: Path) -> None:
    """The floor: finished values into strings."""
    with out.open("w", encoding="utf-8", newline="\n") as handle:
        for described in json.loads((folder / "tables.json").read_text("utf-8")):
            patterns = [_pattern(predicate, kind) for predicate, kind, _ in described["columns"]]
            with (folder / described["file"]).open(encoding="utf-8", newline="") as table:
                rows = csv.reader(table)
                next(rows)
                for subject, *values in rows:
                    for (before, after), value in zip(patterns, values, strict=True):
                        handle.write(f"<{subject}> {before}{value}{after}")


def _pattern(predicate: str, kind: str) -> tuple[str, str]:
    if kind == "iri":
        return f"<{predicate}> <", "> .\n"
    tail = f"^^<{kind[1:]}>" if kind.startswith("^") else kind
    return f'<{predicate}> "', f'"{tail} .\n'


def run_rdflib(folder: Path, out: Path) -> None:
    from rdflib import Graph, Literal, URIRef  # noqa: PLC0415

    graph = Graph()
    for described in json.loads((folder / "tables.json").read_text("utf-8")):
        columns = described["columns"]
        with (folder / described["file"]).open(encoding="utf-8", newline="") as table:
            rows = csv.reader(table)
            next(rows)
            for subject, *values in rows:
                node = URIRef(subject)
                for (predicate, kind, _), value in zip(columns, values, strict=True):
                    graph.add((node, URIRef(predicate), _rdflib_term(kind, value, Literal, URIRef)))
    graph.serialize(out, format="nt", encoding="utf-8")


def _rdflib_term(kind: str, value: str, literal: Callable, uri: Callable) -> object:
    if kind == "iri":
        return uri(value)
    if kind.startswith("@"):
        return literal(value, lang=kind[1:])
    return literal(value, datatype=uri(kind[1:]), normalize=False) if kind else literal(value)


def run_morph(folder: Path, out: Path, processes: int) -> None:
    config = folder / f"morph{processes}.ini"
    config.write_text(
        f"[CONFIGURATION]\noutput_file: {out}\noutput_format: N-TRIPLES\nnumber_of_processes: {processes}\n"
        f"logging_level: CRITICAL\nna_values: ,#N/A\n[T]\nmappings: {folder / 'mapping.ttl'}\n"
    )
    os.execv(sys.executable, [sys.executable, "-m", "morph_kgc", str(config)])


def peer(name: str, folder: Path, out: Path) -> None:
    if name == "fstrings":
        run_fstrings(folder, out)
    elif name == "rdflib":
        run_rdflib(folder, out)
    else:
        run_morph(folder, out, int(name.removeprefix("morph")))


if __name__ == "__main__":
    peer(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
