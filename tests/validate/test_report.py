from __future__ import annotations

import json
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonegraph.errors import UsageError, ValidationError
from zonegraph.names import PREFIXES, ZG, ZGI
from zonegraph.resources import data_dir
from zonegraph.validate import (
    FORMATS,
    Accepted,
    Finding,
    Report,
    Severity,
    clash_finding,
    merged,
    read_exceptions,
    render,
    validate,
)

FOCUS = ZGI + "zone/x"


def finding(rule: str = "rule", focus: str = FOCUS, severity: Severity = Severity.VIOLATION) -> Finding:
    return Finding(rule, severity, focus, ZG + "value", "1", "is wrong", "correct it", "https://example.org/g")


def test_report_is_sorted_without_repetition_and_worst_first() -> None:
    mild, bad = finding("a", severity=Severity.INFO), finding("b")
    report = Report.from_findings([mild, bad, bad, mild])
    assert report.findings == (bad, mild)
    assert report.counts() == {Severity.VIOLATION: 1, Severity.WARNING: 0, Severity.INFO: 1}
    assert not report.conforms


def test_infos_alone_conform() -> None:
    assert Report.from_findings([finding(severity=Severity.INFO)]).conforms


def test_text_shows_five_of_a_rule_and_the_count() -> None:
    text = render(Report.from_findings(finding(focus=f"{FOCUS}{n}") for n in range(8)))
    assert "VIOLATION rule: 8 findings" in text
    assert text.count("is wrong") == 5
    assert "… and 3 more" in text
    assert "→ correct it" in text


def test_text_of_nothing_is_one_line() -> None:
    assert render(Report.from_findings([], rules_run=3)) == (
        "3 rules: 0 violation, 0 warning, 0 info; 0 accepted by exception\n"
    )


def test_unknown_format_is_refused() -> None:
    assert set(FORMATS) == {"text", "json", "turtle"}
    with pytest.raises(UsageError, match="no report format"):
        render(Report.from_findings([]), "xml")


@given(st.text(min_size=1), st.text(), st.sampled_from(list(Severity)))
def test_every_format_survives_hostile_text(value: str, message: str, severity: Severity) -> None:
    report = Report.from_findings([Finding("rule", severity, FOCUS, ZG + "value", value, message)])
    assert len(render(report).splitlines()) == 3
    assert json.loads(render(report, "json"))["findings"][0]["value"] == value
    quads = list(ox.parse(render(report, "turtle"), format=ox.RdfFormat.TURTLE))
    values = [q.object.value for q in quads if q.predicate.value.endswith("shacl#value")]
    assert values == [value]


def test_turtle_is_a_validation_report() -> None:
    store = ox.Store()
    store.load(render(Report.from_findings([finding()]), "turtle").encode(), format=ox.RdfFormat.TURTLE)
    query = (
        "ASK { ?r a sh:ValidationReport ; sh:conforms false ; sh:result [ sh:focusNode ?f ; sh:resultPath zg:value ] }"
    )
    assert store.query(query, prefixes=dict(PREFIXES))


def test_clash_becomes_a_finding() -> None:
    triple = (f"<{FOCUS}>", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", f"<{ZG}City>")
    found = clash_finding("cax-dw", f"<{FOCUS}>", (f"<{ZG}City>",), (triple,))
    assert (found.focus, found.value) == (FOCUS, "zgi:zone/x rdf:type zg:City")
    assert "zg:City" in found.message


# -- exceptions ---------------------------------------------------------------------------------------


def test_exceptions_are_read(tmp_path: Path) -> None:
    path = tmp_path / "exceptions.toml"
    path.write_text('[[exception]]\nrule = "r"\nfocus = "zgi:zone/x"\nreason = "known"\n', encoding="utf-8")
    assert read_exceptions(path) == (Accepted("r", FOCUS, "known"),)
    assert read_exceptions(tmp_path / "none.toml") == ()


@pytest.mark.parametrize("text", ['[[exception]]\nrule = "r"\n', "[[exception"])
def test_incomplete_exceptions_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "exceptions.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValidationError):
        read_exceptions(path)


def test_shipped_exceptions_are_readable() -> None:
    read_exceptions(data_dir("queries") / "checks" / "exceptions.toml")


# -- the whole ----------------------------------------------------------------------------------------

SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:x#Zone> a sh:NodeShape ; sh:targetClass <urn:Zone> ; sh:property <urn:x#Zone-label> .
<urn:x#Zone-label> sh:path <urn:label> ; sh:minCount 1 ; sh:message "needs a label"@en ."""
CHECK = """# Title: t
# Problem: p
# Solution: s
# Severity: warning
SELECT ?focus ?message { ?focus a <urn:Zone> BIND("is a zone" AS ?message) }"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("shapes", "checks"):
        (tmp_path / name).mkdir()
    (tmp_path / "shapes" / "x.ttl").write_text(SHAPES, encoding="utf-8")
    (tmp_path / "checks" / "zone.rq").write_text(CHECK, encoding="utf-8")
    return tmp_path


@pytest.fixture
def store() -> ox.Store:
    store = ox.Store()
    store.load(b"GRAPH <urn:g> { <urn:z> a <urn:Zone> }", format=ox.RdfFormat.TRIG)
    return store


def test_shapes_checks_and_clashes_make_one_report(folder: Path, store: ox.Store) -> None:
    report = validate(store, folder, folder, clashes=[finding("cax-dw")])
    assert [(f.rule, f.graph) for f in report.findings] == [
        ("Zone-label", "urn:g"),
        ("cax-dw", "https://example.org/g"),
        ("zone", "urn:g"),
    ]
    assert report.rules_run == 2


def test_exceptions_silence_and_report_when_unused(folder: Path, store: ox.Store) -> None:
    accepted = [Accepted("zone", "urn:z", "known"), Accepted("zone", "urn:gone", "known")]
    report = validate(store, folder, folder, accepted)
    assert [f.rule for f in report.excepted] == ["zone"]
    assert [(f.rule, f.focus) for f in report.findings] == [("Zone-label", "urn:z"), ("unused-exception", "urn:gone")]


def test_good_store_conforms(folder: Path) -> None:
    assert validate(ox.Store(), folder, folder).findings == ()


def test_a_triple_in_two_graphs_is_found_once(folder: Path, store: ox.Store) -> None:
    store.load(b"GRAPH <urn:h> { <urn:z> a <urn:Zone> }", format=ox.RdfFormat.TRIG)
    assert len(validate(store, folder, folder).findings) == 2


def test_merged_store_is_used_as_it_is(store: ox.Store) -> None:
    once = merged(store)
    assert len(once) == 2
    assert merged(once) is once
