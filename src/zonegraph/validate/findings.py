"""What validation says: findings, and the report that holds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from zonegraph.names import compact


class Severity(StrEnum):
    """How bad a finding is; the names are those of SHACL, in small letters."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    ``rule`` names the shape, check or inference rule; ``focus`` is an IRI; ``path`` a property or empty;
    ``value`` the offending value in words; ``hint`` says what to do; ``graph`` where the focus is described.
    """

    rule: str
    severity: Severity
    focus: str
    path: str = ""
    value: str = ""
    message: str = ""
    hint: str = ""
    graph: str = ""

    def sort_key(self) -> tuple[int, str, str, str, str, str]:
        """Worst first, then by rule and place."""
        return (self.severity.rank, self.rule, self.focus, self.path, self.value, self.message)


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, sorted, each once; ``excepted`` are those that an exception silences."""

    findings: tuple[Finding, ...]
    excepted: tuple[Finding, ...] = ()
    rules_run: int = 0

    @classmethod
    def from_findings(cls, findings: Iterable[Finding], excepted: Iterable[Finding] = (), rules_run: int = 0) -> Report:
        """Sort and drop repetitions."""
        return cls(_tidy(findings), _tidy(excepted), rules_run)

    @property
    def conforms(self) -> bool:
        """Whether nothing at least as bad as a warning was found."""
        return all(f.severity is Severity.INFO for f in self.findings)

    def counts(self) -> dict[Severity, int]:
        """Findings by severity, all severities present."""
        counted = Counter(f.severity for f in self.findings)
        return {severity: counted[severity] for severity in Severity}

    def by_rule(self) -> Iterator[tuple[str, tuple[Finding, ...]]]:
        """Findings of one rule together, the worst rules first."""
        for (_, rule), group in groupby(self.findings, key=lambda f: (f.severity.rank, f.rule)):
            yield rule, tuple(group)


def _tidy(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(set(findings), key=Finding.sort_key))


def clash_finding(rule: str, focus: str, axiom: Iterable[str], triples: Iterable[tuple[str, str, str]]) -> Finding:
    """A contradiction found by inference, in terms of N-Triples syntax."""
    facts = "; ".join(" ".join(map(_short, triple)) for triple in triples)
    terms = ", ".join(map(_short, axiom))
    return Finding(
        rule=rule,
        severity=Severity.VIOLATION,
        focus=focus.strip("<>"),
        value=facts,
        message=f"contradiction under {rule}" + (f" ({terms})" if terms else ""),
        hint="correct one of the facts, or the axiom",
    )


def _short(term: str) -> str:
    return compact(term[1:-1]) if term.startswith("<") else term
