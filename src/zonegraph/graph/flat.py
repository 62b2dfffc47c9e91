"""Flattening for formats without time: series and spells as text beside the plain attributes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from zonegraph.graph.model import Column, Edge, Node, Spell, Timed, Value


def flat_columns(columns: Iterable[Column]) -> tuple[Column, ...]:
    """The columns with every dynamic number as a list ``…_series`` and a list of spells."""
    flat = [Column(f"{c.name}_series", "strings", iri=c.iri) if c.dynamic else c for c in columns]
    return (*flat, Column("spells", "strings"))


def flat_values(element: Node | Edge) -> Mapping[str, Value]:
    """The attributes, with series and spells as texts; absent ones stay absent."""
    if not element.series and not element.spells:
        return element.attributes
    values = dict(element.attributes)
    for name, series in element.series.items():
        values[f"{name}_series"] = tuple(f"{interval_text(timed)}: {timed.value}" for timed in series)
    if element.spells:
        values["spells"] = tuple(interval_text(spell) for spell in element.spells)
    return values


def interval_text(spell: Spell | Timed) -> str:
    """An ISO 8601 interval of full dates, ``..`` for an open end."""
    return f"{spell.start or '..'}/{spell.end or '..'}"


def number_text(value: float) -> str:
    """Every digit of a number, but no empty fraction."""
    return repr(value).removesuffix(".0")


def joined(value: Value) -> str:
    """A value as one text: lists joined by a bar (a bar or backslash inside is escaped by a backslash)."""
    if isinstance(value, tuple):
        return "|".join(text.replace("\\", "\\\\").replace("|", "\\|") for text in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)
