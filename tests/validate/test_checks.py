"""Every check has a world that passes and a world that fails at the nodes named beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from zonegraph.errors import ValidationError
from zonegraph.names import GRAPH_ONTOLOGY, expand
from zonegraph.resources import data_dir
from zonegraph.validate import Check, Severity, merged, read_checks

CASES = Path(__file__).parent / "checks"
CHECKS = {check.name: check for check in read_checks(data_dir("queries") / "checks")}


@pytest.fixture(scope="module")
def ontology() -> list[ox.Quad]:
    graph = ox.NamedNode(GRAPH_ONTOLOGY)
    files = sorted(f for sub in (".", "codes") for f in (data_dir("ontology") / sub).glob("*.ttl"))
    return [ox.Quad(*list(q)[:3], graph) for f in files for q in ox.parse(path=str(f))]


def load(path: Path, ontology: list[ox.Quad]) -> ox.Store:
    store = ox.Store()
    store.extend(ontology)
    store.load(path=str(path), format=ox.RdfFormat.TRIG)
    return merged(store)


def test_no_orphans() -> None:
    found = {path.name for path in CASES.iterdir()}
    assert found == {f"{name}_{end}" for name in CHECKS for end in ("PASS.trig", "XFAIL.trig", "XFAIL.tsv")}


@pytest.mark.parametrize("name", CHECKS)
def test_pass(name: str, ontology: list[ox.Quad]) -> None:
    assert list(CHECKS[name].run(load(CASES / f"{name}_PASS.trig", ontology))) == []


@pytest.mark.parametrize("name", CHECKS)
def test_fail(name: str, ontology: list[ox.Quad]) -> None:
    rows = (CASES / f"{name}_XFAIL.tsv").read_text(encoding="utf-8").splitlines()[1:]
    expected = {(expand(focus), expand(path), severity) for focus, path, severity in (r.split("\t") for r in rows)}
    found = list(CHECKS[name].run(load(CASES / f"{name}_XFAIL.trig", ontology)))
    assert {(f.focus, f.path, str(f.severity)) for f in found} == expected
    assert all(f.rule == name and f.message and f.hint for f in found)


@pytest.mark.parametrize("name", CHECKS)
def test_terms_are_declared(name: str, ontology: list[ox.Quad]) -> None:
    declared = {quad.subject.value for quad in ontology}
    used = {expand(c) for c in re.findall(r"(?<![\w:/])(zg:\w+|zgc:[\w-]+)", CHECKS[name].query)}
    assert used <= declared


def test_there_are_checks_on_every_severity() -> None:
    assert {check.severity for check in CHECKS.values()} == set(Severity)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT ?focus ?message WHERE {}", "lacks Title, Problem, Solution, Severity"),
        ("# Title: t\n# Problem: p\n# Solution: s\n# Severity: bad\nSELECT ?focus ?message {}", "no severity"),
    ],
)
def test_header_is_checked(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.rq"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValidationError, match=message):
        Check.from_file(path)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT ?focus {", "not legal SPARQL"),
        ("ASK {}", "not a SELECT"),
        ("SELECT ?focus { ?focus ?p ?o }", "must be selected"),
    ],
)
def test_query_is_checked(query: str, message: str) -> None:
    check = Check("x", "t", "p", "s", Severity.INFO, query)
    with pytest.raises(ValidationError, match=message):
        list(check.run(ox.Store()))


def test_header_may_run_over_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.rq"
    path.write_text("# Title: one\n#   two\n# Problem: p\n# Solution: s\n# Severity: info\nASK {}", encoding="utf-8")
    assert Check.from_file(path).title == "one two"


def test_folder_without_checks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="no checks"):
        read_checks(tmp_path)
