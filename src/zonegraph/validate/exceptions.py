"""Exceptions: findings that somebody has looked at and accepts, with the reason.

``queries/checks/exceptions.toml``::

    [[exception]]
    rule = "orphan-entity"
    focus = "zgi:place/kashgar"
    reason = "named in the external division codes only"

An exception that no longer matches anything is itself a finding.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zonegraph.errors import ValidationError, Where
from zonegraph.names import compact, expand
from zonegraph.validate.findings import Finding, Severity

UNUSED: Final = "unused-exception"


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted finding: the rule, the focus (an IRI) and why."""

    rule: str
    focus: str
    reason: str


def read_exceptions(path: Path) -> tuple[Accepted, ...]:
    """Read the file; none when it does not exist. Raises `ValidationError` for entries that are not complete."""
    if not path.is_file():
        return ()
    where = Where(file=str(path))
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("exception", [])
    except tomllib.TOMLDecodeError as error:
        raise ValidationError(f"not legal TOML: {error}", where=where) from error
    found = []
    for number, entry in enumerate(entries, start=1):
        values = [str(entry.get(key, "")).strip() for key in ("rule", "focus", "reason")]
        if not all(values):
            raise ValidationError(
                f"exception {number} is not complete", where=where, hint="give rule, focus and reason"
            )
        found.append(Accepted(values[0], expand(values[1]), values[2]))
    return tuple(found)


def apply_exceptions(findings: Iterable[Finding], accepted: Sequence[Accepted]) -> tuple[list[Finding], list[Finding]]:
    """Findings that remain (with one for each unused exception), and those that are accepted."""
    known = {(a.rule, a.focus) for a in accepted}
    remaining, silenced = list[Finding](), list[Finding]()
    for finding in findings:
        (silenced if (finding.rule, finding.focus) in known else remaining).append(finding)
    used = {(f.rule, f.focus) for f in silenced}
    remaining += [_unused(a) for a in accepted if (a.rule, a.focus) not in used]
    return remaining, silenced


def _unused(accepted: Accepted) -> Finding:
    return Finding(
        rule=UNUSED,
        severity=Severity.WARNING,
        focus=accepted.focus,
        value=accepted.rule,
        message=f"the exception to {accepted.rule} for {compact(accepted.focus)} matches nothing",
        hint="take it out of the exceptions",
    )
