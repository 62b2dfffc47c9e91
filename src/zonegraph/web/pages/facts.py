"""Claims as tables: one table per kind of claim, its columns chosen from the roles that occur. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from zonegraph.names import PROV, RDFS, ZG, local_name
from zonegraph.web.pages.gather import Claim, Span
from zonegraph.web.pages.reader import Link, Names, text_of
from zonegraph.web.pages.values import (
    EXACT,
    Cell,
    Source,
    basis_of,
    cell,
    period_iris,
    periods_of,
    plain,
    quantity,
    source_of,
)
from zonegraph.web.pages.vocabulary import Vocabulary

#: Rows of a table on the page of a thing; the page of the group has the rest.
ROWS: Final = 8
ROWS_OF_GROUP: Final = 100
COLUMNS: Final = 5
#: Kinds of so few characters stay on one line.
_SHORT: Final = 14
BESIDE_FIGURES: Final = 2
#: Kinds that are shown as one table each, whatever their subclasses; the rest is shown class by class.
TOGETHER: Final = tuple(ZG + name for name in ("ChangeEvent", "Event", "Comparator"))
_QUANTITY: Final = ZG + "QuantityClaim"
_FIRST: Final = tuple(
    ZG + name
    for name in (
        "ChangeEvent", "ParticipantOutcome", "Observation", "Target", "Forecast", "Comparator", "Ranking",
        "FirstnessClaim", "DesignationClaim", "FirmRelation", "IndustryCluster", "TransportService", "Event",
    )
)  # fmt: skip
#: Not roles: what every claim has, or what another column says already.
_SILENT: Final = frozenset(
    {
        RDFS + "label",
        PROV + "wasDerivedFrom",
        *(
            ZG + name
            for name in (
                "basis", "confidence", "annotatedBy", "period", "preferredPeriod", "attestedAt", "scale", "statedValue",
                "value", "unit", "valueAsWritten", "qualifier", "accumulation", "lowerBound", "upperBound", "order",
                "impliedValue", "seriesBreak", "hasComparator", "indicator",
                "documentCount", "evidence", "occasion", "inDocument", "method",
            )
        ),
    }
)  # fmt: skip
#: Claims that are shown elsewhere on the page.
ELSEWHERE: Final = (ZG + "NameUse", ZG + "StatementClaim")


@dataclass(frozen=True, slots=True)
class Row:
    """One claim; ``cells`` go with the columns of its table."""

    href: str
    cells: tuple[Cell, ...]
    source: Source | None
    basis: Link | None
    series_break: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and what is in it for the style."""

    title: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The claims of one kind around a thing; ``more`` leads to all of them when there are more than are shown."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: int
    more: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Claims to be shown together."""

    kind: str
    claims: tuple[Claim, ...]


def kind_of(claim: Claim, vocabulary: Vocabulary) -> str:
    """The class whose table a claim goes into."""
    own = vocabulary.narrowest(claim.types)
    if not own:
        return claim.types[0] if claim.types else ""
    return next((root for root in TOGETHER if vocabulary.is_a(own[0], root)), own[0])


def grouped_claims(claims: Iterable[Claim], vocabulary: Vocabulary) -> list[Group]:
    """The claims by kind, the telling kinds first."""
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        kind = kind_of(claim, vocabulary)
        if kind not in ELSEWHERE:
            groups.setdefault(kind, []).append(claim)
    order = {kind: number for number, kind in enumerate(_FIRST)}
    ranked = sorted(groups, key=lambda kind: (order.get(kind, len(order)), kind))
    return [Group(kind, tuple(groups[kind])) for kind in ranked]


def classes_of(kind: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The classes whose claims go into the table of a kind."""
    return tuple(vocabulary.below(kind)) if kind in TOGETHER else (kind,)


def total_of(group: Group, counts: Mapping[str, int], vocabulary: Vocabulary) -> int:
    """How many claims of a kind there are, also where not all were read."""
    return max(len(group.claims), sum(counts.get(kind, 0) for kind in classes_of(group.kind, vocabulary)))


def needed(group: Group, shown: Sequence[Claim]) -> set[str]:
    """The IRIs whose names a table needs."""
    wanted = {iri for claim in group.claims for iri in period_iris(claim)}
    wanted |= {claim.iri for claim in shown}
    return wanted | {iri for claim in shown for prop in claim.values for iri in claim.iris(prop)}


def in_order(claims: Iterable[Claim], names: Names) -> list[Claim]:
    """By time, then by indicator, then by IRI; what has no time comes last."""

    def key(claim: Claim) -> tuple[int, str, str, str]:
        periods = periods_of(claim, names)
        first = periods[0].sort_key[0].isoformat() if periods else ""
        return (0 if periods else 1, first, claim.first(ZG + "indicator"), claim.iri)

    return sorted(claims, key=key)


def table(
    group: Group,
    shown: Sequence[Claim],
    names: Names,
    sources: Mapping[str, tuple[Span, ...]],
    *,
    node: str,
    total: int,
    more: str = "",
) -> Table:
    """The table of a group; ``node`` is the thing whose page it is on, which needs no column of its own."""
    vocabulary = names.vocabulary
    is_quantity = any(vocabulary.is_a(kind, _QUANTITY) for claim in shown for kind in claim.types)
    mixed = group.kind in TOGETHER
    roles = _roles(shown, vocabulary, node, BESIDE_FIGURES if is_quantity else COLUMNS)
    columns = (
        *([Column(names.words("facts.kind"))] if mixed else []),
        *([Column(vocabulary.label(ZG + "indicator", names.lang))] if is_quantity else []),
        *(Column(vocabulary.label(role, names.lang)) for role in roles),
        *(_quantity_columns(names) if is_quantity or group.kind == ZG + "Comparator" else []),
        Column(vocabulary.label(ZG + "period", names.lang), "period"),
    )
    rows = tuple(_row(claim, roles, names, sources, (mixed, is_quantity, group.kind), node) for claim in shown)
    kept = _used(columns, rows)
    return Table(
        local_name(group.kind),
        vocabulary.label(group.kind, names.lang),
        tuple(column for column, keep in zip(columns, kept, strict=True) if keep),
        tuple(_cut(row, kept) for row in rows),
        total,
        more,
    )


def _quantity_columns(names: Names) -> list[Column]:
    label = names.vocabulary.label
    return [
        Column(label(ZG + "valueAsWritten", names.lang), "written"),
        Column(label(ZG + "value", names.lang), "number"),
        Column(label(ZG + "qualifier", names.lang)),
        Column(label(ZG + "hasComparator", names.lang)),
    ]


def _roles(claims: Sequence[Claim], vocabulary: Vocabulary, node: str, most: int) -> list[str]:
    """The roles worth a column: in the order of the label's template, then by how often they occur."""
    counts: Counter[str] = Counter()
    templates = " ".join(
        term.template for kind in {t for c in claims for t in c.types} if (term := vocabulary.term(kind))
    )
    slots = re.findall(r"\{([\w:]+)\}", templates)
    for claim in claims:
        for role, values in claim.values.items():
            if role not in _SILENT and any(getattr(value, "value", "") != node for value in values):
                counts[role] += 1

    def rank(role: str) -> tuple[int, int, str]:
        name = local_name(role)
        return (slots.index(name) if name in slots else len(slots), -counts[role], role)

    return sorted(counts, key=rank)[:most]


def _row(
    claim: Claim,
    roles: Sequence[str],
    names: Names,
    sources: Mapping[str, tuple[Span, ...]],
    shape: tuple[bool, bool, str],
    node: str,
) -> Row:
    mixed, is_quantity, kind = shape
    cells = [
        *([_kind_cell(claim, names)] if mixed else []),
        *([cell(claim.values.get(ZG + "indicator", ()), names)] if is_quantity else []),
        *(cell((v for v in claim.values.get(role, ()) if text_of(v) != node), names) for role in roles),
        *(_quantity_cells(claim, names) if is_quantity or kind == ZG + "Comparator" else []),
        Cell(tuple(plain(period.text) for period in periods_of(claim, names)), "period"),
    ]
    return Row(
        names.link(claim.iri).href,
        tuple(cells),
        source_of(claim.iri, sources.get(claim.iri, ()), names),
        basis_of(claim, names),
        claim.first(ZG + "seriesBreak") == "true",
    )


def _kind_cell(claim: Claim, names: Names) -> Cell:
    own = names.vocabulary.narrowest(claim.types) or claim.types
    text = names.vocabulary.label(own[0], names.lang) if own else ""
    return Cell((Link(text, "", names.link(claim.iri).href, claim.iri),), "short" if len(text) <= _SHORT else "")


def _quantity_cells(claim: Claim, names: Names) -> list[Cell]:
    qualifiers = claim.iris(ZG + "qualifier")
    return [
        cell(claim.values.get(ZG + "valueAsWritten", ()), names, "written"),
        quantity(claim, names),
        Cell(tuple(names.link(q) for q in qualifiers), "exact" if qualifiers == (EXACT,) else ""),
        cell(claim.values.get(ZG + "hasComparator", ()), names),
    ]


def _used(columns: Sequence[Column], rows: Sequence[Row]) -> list[bool]:
    """Which columns have anything in them."""
    return [any(row.cells[number].links for row in rows) for number in range(len(columns))]


def _cut(row: Row, kept: Sequence[bool]) -> Row:
    cells = tuple(found for found, keep in zip(row.cells, kept, strict=True) if keep)
    return Row(row.href, cells, row.source, row.basis, row.series_break)
