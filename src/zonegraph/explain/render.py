"""An explanation as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from zonegraph.explain.gather import Explanation, Fact, Quote, explain
from zonegraph.names import compact, local_name
from zonegraph.store import ReadStore

_SHOWN = 60


def explain_iri(store: ReadStore, iri: str) -> str:
    """`explain`, rendered."""
    return render(explain(store, iri))


def render(found: Explanation) -> str:
    """Names, facts, the characters they were read from, and the claims that point here."""
    return "\n".join(_lines(found))


def _lines(found: Explanation) -> Iterator[str]:
    yield found.iri
    yield from (f"  {label}" for label in found.labels)
    yield from _facts("stated", [fact for fact in found.facts if not fact.inferred])
    yield from _facts("inferred", [fact for fact in found.facts if fact.inferred])
    if found.quotes:
        yield "\nread from"
        yield from (f"  {_quote(quote)}" for quote in found.quotes)
    if found.incoming:
        yield f"\nclaims that point here ({len(found.incoming)})"
        for claim in found.incoming[:_SHOWN]:
            yield f"  {claim.label}  [{claim.predicate_label}]  <{compact(claim.subject)}>"
            # the longest slices say most
            best = sorted(claim.quotes, key=lambda quote: quote.start - quote.end)[:3]
            yield from (f"      {_quote(quote)}" for quote in sorted(best))
        if len(found.incoming) > _SHOWN:
            yield f"  … and {len(found.incoming) - _SHOWN} more"


def _facts(title: str, facts: list[Fact]) -> Iterator[str]:
    if not facts:
        return
    yield f"\n{title}"
    width = min(24, max(_width(fact.predicate_label) for fact in facts))
    for fact in facts:
        pad = " " * max(1, width + 2 - _width(fact.predicate_label))
        graphs = ", ".join(compact(graph) for graph in fact.graphs)
        yield f"  {fact.predicate_label}{pad}{fact.value_label}  ({graphs})"


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _quote(quote: Quote) -> str:
    exact = " ".join(quote.exact.split())
    return f"{local_name(quote.document)} [{quote.start},{quote.end})  {exact}"
