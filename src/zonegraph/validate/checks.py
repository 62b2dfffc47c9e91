"""Checks written in SPARQL: ``queries/checks/*.rq``.

A check selects ``?focus`` and ``?message`` and may select ``?severity``, ``?path``, ``?value`` and ``?graph``; no
row means that it passes. Outside ``GRAPH`` it sees the union of all graphs. Its header says what it is for::

    # Title: values that do not equal stated value times ten to the scale
    # Problem: …
    # Solution: …
    # Severity: violation
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from zonegraph.errors import ValidationError, Where
from zonegraph.names import PREFIXES
from zonegraph.validate.findings import Finding, Severity

HEADER_FIELDS: Final = ("Title", "Problem", "Solution", "Severity")
_FIELD: Final = re.compile(r"^#\s*([A-Z][a-z]+):\s*(.*)$")


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name (the file's stem), header and query."""

    name: str
    title: str
    problem: str
    solution: str
    severity: Severity
    query: str

    @classmethod
    def from_file(cls, path: Path) -> Check:
        """Read a check; raises `ValidationError` for a header that is not complete."""
        text = path.read_text(encoding="utf-8")
        fields = _header(text)
        missing = [name for name in HEADER_FIELDS if not fields.get(name)]
        if missing:
            raise ValidationError(
                f"the header lacks {', '.join(missing)}", where=Where(file=path.name), hint="see the other checks"
            )
        if fields["Severity"] not in set(Severity):
            raise ValidationError(
                f"{fields['Severity']!r} is no severity",
                where=Where(file=path.name),
                hint=f"use {', '.join(Severity)}",
            )
        severity = Severity(fields["Severity"])
        return cls(path.stem, fields["Title"], fields["Problem"], fields["Solution"], severity, text)

    def run(self, store: ox.Store) -> Iterator[Finding]:
        """Findings in a merged store; raises `ValidationError` when the query cannot be run."""
        for row in _select(self, store):
            yield Finding(
                rule=self.name,
                severity=Severity(row.get("severity") or self.severity),
                focus=row["focus"],
                path=row.get("path", ""),
                value=row.get("value", ""),
                message=row["message"],
                hint=self.solution,
                graph=row.get("graph", ""),
            )


def read_checks(folder: Path) -> tuple[Check, ...]:
    """All checks of a folder, by name; raises `ValidationError` when there is none."""
    checks = tuple(Check.from_file(path) for path in sorted(folder.glob("*.rq")))
    if not checks:
        raise ValidationError("no checks found", where=Where(file=str(folder)), hint="name the folder of queries")
    return checks


def _header(text: str) -> dict[str, str]:
    """The fields of the leading comment; a line without a field name continues the one before."""
    fields: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        found = _FIELD.match(line)
        if found:
            name = found[1]
            fields[name] = found[2].strip()
        elif name:
            fields[name] += " " + line.lstrip("# ").strip()
    return fields


def _select(check: Check, store: ox.Store) -> Iterator[dict[str, str]]:
    where = Where(file=f"{check.name}.rq")
    try:
        solutions = store.query(check.query, prefixes=dict(PREFIXES))
    except SyntaxError as error:
        raise ValidationError(f"not legal SPARQL: {error.msg}", where=where) from error
    if not isinstance(solutions, ox.QuerySolutions):
        raise ValidationError("not a SELECT query", where=where)
    names = [variable.value for variable in solutions.variables]
    if not {"focus", "message"} <= set(names):
        raise ValidationError("?focus and ?message must be selected", where=where)
    try:
        for solution in solutions:
            row = {name: _text(term) for name in names if (term := solution[name]) is not None}
            if "focus" in row and "message" in row:
                yield row
    except RuntimeError as error:
        raise ValidationError(f"cannot be evaluated: {error}", where=where) from error


def _text(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    return str(term) if isinstance(term, ox.BlankNode | ox.Triple) else term.value
