"""The answer of a stored question as a table: headings, links in place of IRIs, times and truth in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from zonegraph.names import XSD
from zonegraph.web.backend import Row, Term
from zonegraph.web.pages import headings
from zonegraph.web.pages.paging import Pager
from zonegraph.web.pages.periods import in_words
from zonegraph.web.pages.reader import Link, Names, Reader, text_of
from zonegraph.web.pages.values import plain, read_number, value_link

#: Rows on one page.
SHOWN: Final = 60
_LOOKED_AT: Final = 50


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the answer."""

    name: str
    title: str
    numeric: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """A page of the answer: columns, rows of links, how many rows there are in all."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Link, ...], ...]
    total: int
    pager: Pager


def reply(columns: Sequence[str], rows: Sequence[Row], names: Names, who: Reader, found: Pager) -> Reply:
    """A table in which ``xLabel`` is the text of the link of ``x``."""
    shown = [name for name in columns if not (name.endswith("Label") and name.removesuffix("Label") in columns)]
    return Reply(
        tuple(Column(name, headings.column(name, who), _is_numeric(name, rows)) for name in shown),
        tuple(tuple(cell(row, name, names) for name in shown) for row in rows[found.start : found.start + SHOWN]),
        len(rows),
        found,
    )


def _is_numeric(name: str, rows: Sequence[Row]) -> bool:
    values = [row[name] for row in rows[:_LOOKED_AT] if name in row]
    return bool(values) and not headings.is_time(name) and all(_is_number(value) for value in values)


def _is_number(value: Term) -> bool:
    return isinstance(value, ox.Literal) and read_number(value.value) is not None


def cell(row: Row, name: str, names: Names) -> Link:
    """What stands in one column of a row."""
    value, label = row.get(name), row.get(f"{name}Label")
    if value is None:
        return plain(text_of(label))
    if isinstance(value, ox.Literal) and (text := _said(value, name, names)):
        return plain(text)
    link = value_link(value, names)
    if link.href and (text := text_of(label)).strip():
        return Link(text, link.lang, link.href, link.iri, link.local)
    return link


def _said(value: ox.Literal, name: str, names: Names) -> str:
    """Times, truth values and scripts in words; empty for all else."""
    if headings.is_time(name):
        return in_words(value.value, names.words)
    if value.datatype.value == XSD + "boolean":
        return names.words("query.yes" if value.value in {"true", "1"} else "query.no")
    key = f"language.{value.value.lower()}"
    return names.words(key) if name == "script" and names.words.has(key) else ""
