"""Texts that differ only in their IRIs are read once.

Clients ask the same question of one thing after another. A text is cut at its IRIs; what is left, its shape, is read
with numbered slots in their place, and the result is filled with the IRIs of each text. This is only done where it
cannot change how the text is read: for absolute IRIs without quotes, brackets or escapes, and never for a text that
calls other servers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from zonegraph.sparql.patterns import Pattern

if TYPE_CHECKING:
    from zonegraph.sparql.guard import QueryFacts

#: Cuts a text: every second piece is an IRI.
IRI: Final = re.compile(r"""<([A-Za-z][A-Za-z0-9+.\-]*:[^<>"'{}()|^`\\\x00-\x20]*)>""")
_SLOT: Final = "zonegraph-slot:"
_FIND_SLOT: Final = re.compile(_SLOT + r"(\d+);")
Part = str | int
Slotted = tuple[int, str] | str | None


@dataclass(frozen=True, slots=True)
class Shape:
    """What a text with slots says; `filled` says it of a text with IRIs."""

    facts: QueryFacts
    normalised: tuple[Part, ...]
    patterns: tuple[tuple[Slotted, Slotted, Slotted], ...]

    def filled(self, iris: Sequence[str]) -> QueryFacts:
        """The facts of the text with these IRIs."""
        text = "".join([part if isinstance(part, str) else iris[part] for part in self.normalised])
        patterns = tuple([Pattern(*[_filled(term, iris) for term in pattern]) for pattern in self.patterns])
        return replace(self.facts, normalised=text, reading=self.facts.reading._replace(patterns=patterns))


def shape_of(others: tuple[str, ...], inspect: Callable[[str], QueryFacts]) -> Shape | None:
    """The shape of a text by what is left of it without its IRIs; None for texts that must be read each for itself."""
    if any(_SLOT in piece for piece in others):
        return None
    slots = [f"<{_SLOT}{number};>" for number in range(len(others) - 1)]
    facts = inspect("".join([piece for pair in zip(others, [*slots, ""], strict=True) for piece in pair]))
    if facts.calls_service or facts.loads:
        return None
    pieces = _FIND_SLOT.split(facts.normalised)
    normalised = tuple(int(piece) if number % 2 else piece for number, piece in enumerate(pieces))
    patterns = tuple((_slotted(s), _slotted(p), _slotted(o)) for s, p, o in facts.reading.patterns)
    return Shape(facts, normalised, patterns)


def _slotted(term: str | None) -> Slotted:
    found = _FIND_SLOT.match(term) if term is not None else None
    return (int(found[1]), found.string[found.end() :]) if found else term


def _filled(term: Slotted, iris: Sequence[str]) -> str | None:
    return iris[term[0]] + term[1] if isinstance(term, tuple) else term
