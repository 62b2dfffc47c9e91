"""Cells: values of the graph as a page shows them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

import pyoxigraph as ox

from zonegraph.names import XSD, ZG, ZGC, ZGI
from zonegraph.web.backend import Term
from zonegraph.web.pages.addresses import page_of
from zonegraph.web.pages.gather import Claim, Span
from zonegraph.web.pages.language import html_tag
from zonegraph.web.pages.periods import Period
from zonegraph.web.pages.reader import Link, Names, text_of

_NUMBERS: Final = {XSD + name for name in ("decimal", "integer", "double", "float")}
_DIGITS: Final = 40
EXACT: Final = ZGC + "qualifier-exact"
EXPLICIT: Final = ZGC + "basis-explicit"


@dataclass(frozen=True, slots=True)
class Source:
    """What a fact rests on: the first place as text, how many more there are, the page that shows them."""

    text: str
    more: int
    href: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: links or texts, in a role that the style knows (``number``, ``written``, ``period`` or empty)."""

    links: tuple[Link, ...] = ()
    kind: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        """What it says, as one line."""
        return ", ".join(link.text for link in self.links) + (f" {self.note}" if self.note else "")


def plain(text: str, lang: str = "") -> Link:
    """Text without a page."""
    return Link(text, lang, "", "")


def read_number(text: str) -> Decimal | None:
    """A number that can be shown and drawn; None for anything else, such as one with a thousand digits."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and -_DIGITS < number.adjusted() < _DIGITS else None


def grouped(text: str) -> str:
    """A number with its thousands apart, without zeros that say nothing; other text as it is."""
    number = read_number(text)
    if number is None:
        return text
    shown = format(number, ",f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def value_link(value: Term, names: Names) -> Link:
    """One value: a link for an IRI, the text of a literal."""
    if isinstance(value, ox.NamedNode):
        return names.link(value.value)
    if isinstance(value, ox.Literal):
        if value.datatype.value in _NUMBERS:
            return plain(grouped(value.value))
        tag = (value.language or "").lower()
        return plain(value.value, html_tag(tag) if tag and tag != names.lang else "")
    return plain(str(value))


def cell(values: Iterable[Term], names: Names, kind: str = "") -> Cell:
    """A cell of several values."""
    return Cell(tuple(value_link(value, names) for value in values), kind)


def quantity(claim: Claim, names: Names) -> Cell:
    """The number of a claim and its unit."""
    number, unit = claim.first(ZG + "value"), claim.iris(ZG + "unit")
    if not number:
        return Cell()
    return Cell((plain(grouped(number)),), "number", names.text(unit[0])[0] if unit else "")


def periods_of(claim: Claim, names: Names) -> tuple[Period, ...]:
    """When a claim holds, earliest first: its most exact times where they were worked out, else those it states."""
    for prop in ("preferredPeriod", "period", "attestedAt"):
        found = [period for iri in claim.iris(ZG + prop) if (period := names.period(iri)) is not None]
        if found:
            return tuple(sorted(found, key=lambda p: p.sort_key))
    return ()


def period_iris(claim: Claim) -> tuple[str, ...]:
    """The times a claim points to."""
    return tuple(iri for prop in ("preferredPeriod", "period", "attestedAt") for iri in claim.iris(ZG + prop))


def source_of(claim: str, spans: tuple[Span, ...], names: Names) -> Source | None:
    """Where a claim was read."""
    if not spans:
        return None
    return Source(place(spans[0], names), len(spans) - 1, "/source" + address_path(claim))


def address_path(iri: str) -> str:
    """The path of a thing below ``/doc``."""
    return page_of(iri).removeprefix("/doc")


def place(span: Span, names: Names) -> str:
    """Document and characters, such as ``003:594-606``; the label of a source that is no document."""
    if not span.document and span.iri not in names.texts:
        return names.words("entity.origin-derived" if span.iri.startswith(ZGI) else "entity.origin-external")
    if not span.document:
        return names.text(span.iri)[0]
    return f"{span.document.rsplit('/', 1)[-1]}:{span.start}-{span.end}"


def basis_of(claim: Claim, names: Names) -> Link | None:
    """How a claim is known, where it is not simply stated."""
    basis = claim.iris(ZG + "basis")
    return names.link(basis[0]) if basis and basis[0] != EXPLICIT else None


def first_text(values: Iterable[Term]) -> str:
    """The text of the first value."""
    return text_of(next(iter(values), None))
