"""A report as text for people, JSON for programs, and Turtle (``sh:ValidationReport``) for graphs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from typing import Final

from zonegraph.errors import UsageError
from zonegraph.names import PREFIXES, SH, ZGS, compact
from zonegraph.validate.findings import Finding, Report, Severity

FORMATS: Final = ("text", "json", "turtle")
_EXAMPLES: Final = 5
_SHACL: Final = {Severity.VIOLATION: "Violation", Severity.WARNING: "Warning", Severity.INFO: "Info"}


def render(report: Report, form: str = "text") -> str:
    """The report in one of `FORMATS`; raises `UsageError` for another."""
    if form == "text":
        return _text(report)
    if form == "json":
        return _json(report)
    if form == "turtle":
        return _turtle(report)
    raise UsageError(f"{form!r} is no report format", hint=f"use {', '.join(FORMATS)}")


def _text(report: Report) -> str:
    lines = [line for rule, group in report.by_rule() for line in _rule_lines(rule, group)]
    counts = ", ".join(f"{count} {severity}" for severity, count in report.counts().items())
    tail = f"{report.rules_run} rules: {counts}; {len(report.excepted)} accepted by exception"
    return "\n".join([*lines, tail]) + "\n"


def _rule_lines(rule: str, group: tuple[Finding, ...]) -> Iterator[str]:
    first = group[0]
    yield f"{first.severity.upper()} {rule}: {len(group)} finding{'s' if len(group) > 1 else ''}"
    for finding in islice(group, _EXAMPLES):
        yield "  " + _one_line(finding)
    if len(group) > _EXAMPLES:
        yield f"  … and {len(group) - _EXAMPLES} more"
    if first.hint:
        yield f"  → {first.hint}"


def _one_line(finding: Finding) -> str:
    parts = [compact(finding.focus)]
    if finding.path:
        parts.append(compact(finding.path))
    place = f" [{compact(finding.graph)}]" if finding.graph else ""
    value = f" ({_clean(compact(finding.value))})" if finding.value else ""
    return f"{' '.join(parts)}: {_clean(finding.message)}{value}{place}"


def _clean(text: str) -> str:
    """One line: values come from texts and may hold anything."""
    return "".join(c if c.isprintable() else " " for c in text)


def _json(report: Report) -> str:
    body = {
        "conforms": report.conforms,
        "rules": report.rules_run,
        "counts": dict(report.counts()),
        "findings": [asdict(f) for f in report.findings],
        "excepted": [asdict(f) for f in report.excepted],
    }
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def _turtle(report: Report) -> str:
    """Results are blank nodes, as in the examples of SHACL, section 3.6."""
    head = "".join(f"@prefix {p}: <{PREFIXES[p]}> .\n" for p in ("sh", "xsd", "zgs"))
    results = [_result(finding) for finding in report.findings]
    body = f"[] a sh:ValidationReport ;\n  sh:conforms {'true' if report.conforms else 'false'}"
    if results:
        body += " ;\n  sh:result " + " ,\n    ".join(results)
    return f"{head}\n{body} .\n"


def _result(finding: Finding) -> str:
    fields = [
        "a sh:ValidationResult",
        f"sh:resultSeverity sh:{_SHACL[finding.severity]}",
        f"sh:sourceShape {_iri(ZGS + finding.rule)}",
        f"sh:focusNode {_iri(finding.focus)}",
        f"sh:resultMessage {_literal(finding.message)}",
        f"sh:sourceConstraintComponent {_iri(SH + 'SPARQLConstraintComponent')}",
    ]
    if finding.path:
        fields.append(f"sh:resultPath {_iri(finding.path)}")
    if finding.value:
        fields.append(f"sh:value {_literal(finding.value)}")
    return "[ " + " ; ".join(fields) + " ]"


def _iri(text: str) -> str:
    if text.startswith("_:"):
        return text
    return "<" + "".join(c if c.isprintable() and c not in '<>"{}|^`\\ ' else f"%{ord(c):02X}" for c in text) + ">"


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'
