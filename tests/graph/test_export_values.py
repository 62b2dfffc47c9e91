"""Laws of the pure parts: spells, ids, merging, flattening, options."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonegraph.errors import UsageError
from zonegraph.graph import FORMATS, ExportOptions, export_etag
from zonegraph.graph.ids import PALETTE, edge_id, node_id, palette_colors
from zonegraph.graph.lint import time_findings
from zonegraph.graph.model import Spell
from zonegraph.graph.spells import Reading, covers, sort_out, union, weight_pieces, widen

from .graph_tools import HERE, as_bytes, load

DAYS = st.dates(dt.date(1990, 1, 1), dt.date(1990, 3, 1)).map(dt.date.isoformat)


@st.composite
def spells(draw: st.DrawFn) -> Spell:
    start, end = draw(st.none() | DAYS), draw(st.none() | DAYS)
    if start and end and start > end:
        start, end = end, start
    return Spell(start, end)


ALL_DAYS = [(dt.date(1989, 12, 25) + dt.timedelta(days=i)).isoformat() for i in range(80)]


@given(st.lists(spells(), max_size=6))
def test_a_union_covers_the_same_days_without_overlap(given_spells: list[Spell]) -> None:
    joined = union(given_spells)
    assert not list(time_findings("x", "", joined))
    for day in ALL_DAYS:
        assert any(covers(s, day) for s in joined) == any(covers(s, day) for s in given_spells)


@given(st.lists(st.tuples(spells(), st.integers(1, 5)), min_size=1, max_size=5))
def test_weights_add_up_on_every_day(relations: list[tuple[Spell, int]]) -> None:
    pieces = weight_pieces([(spell, float(weight)) for spell, weight in relations])
    assert not list(time_findings("x", "", pieces))
    for day in ALL_DAYS:
        expected = sum(weight for spell, weight in relations if covers(spell, day))
        assert sum(piece.value for piece in pieces if covers(piece, day)) == expected


@given(
    st.lists(
        st.builds(
            lambda s, rank, value: Reading(rank, s.start, s.end, value, "", f"c{value}"),
            spells(),
            st.integers(1, 3),
            st.integers(0, 9),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_series_never_overlap_and_lose_nothing(readings: list[Reading]) -> None:
    series = sort_out(readings)
    assert not list(time_findings("x", "", series.values))
    assert len(set(readings)) == len(series.rest) + max(len(series.values), 1)
    assert sort_out(reversed(readings)) == series


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2018", ("2018-01-01", "2018-12-31")),
        ("2018-02", ("2018-02-01", "2018-02-28")),
        ("2018Q2", ("2018-04-01", "2018-06-30")),
        ("2018-06-30", ("2018-06-30", "2018-06-30")),
        ("2018-06-30T08:00:00+08:00", ("2018-06-30", "2018-06-30")),
        ("2018-13", None),
        ("2018-02-30", None),
        ("unknown", None),
    ],
)
def test_partial_dates_become_full_days(text: str, days: tuple[str, str] | None) -> None:
    assert widen(text) == days


@pytest.mark.parametrize(
    ("iri", "expected"),
    [
        ("https://w3id.org/zonegraph/id/zone/urumqi-etdz", "zgi:zone.urumqi-etdz"),
        ("https://w3id.org/zonegraph/ontology#Zone", "zg:Zone"),
        ("https://w3id.org/zonegraph/id/zone/两江", "zgi:zone.两江"),
    ],
)
def test_ids_are_short(iri: str, expected: str) -> None:
    assert node_id(iri) == expected


@given(
    st.sets(
        st.text(st.characters(codec="utf-8", exclude_characters='<>"{}|^`\\ '), min_size=1, max_size=12),
        min_size=2,
        max_size=20,
    )
)
def test_ids_are_names_and_keep_differences(paths: set[str]) -> None:
    ids = {node_id(f"https://w3id.org/zonegraph/id/{path}") for path in paths}
    assert len(ids) == len(paths)
    assert all(re.fullmatch(r"[A-Za-z_][\w:.\-]*", found) for found in ids)


def test_edge_ids_are_stable() -> None:
    assert len(edge_id("a", "k", "b", "e")) == 18
    assert edge_id("a", "k", "b", "e") != edge_id("a", "k", "b", "f")


@given(st.sets(st.text(min_size=1), max_size=30), st.text(min_size=1))
def test_colours_differ_while_there_are_enough_and_hold_when_a_later_kind_comes(kinds: set[str], other: str) -> None:
    colors = palette_colors(kinds)
    assert len(set(colors.values())) == min(len(kinds), len(PALETTE))
    more = palette_colors(kinds | {other + max(kinds, default="")})
    assert all(more[kind] == color for kind, color in colors.items() if kind < other + max(kinds, default=""))


@pytest.mark.parametrize("form", sorted(set(FORMATS) - {"svg"}))
def test_the_same_world_gives_the_same_bytes(world, form: str) -> None:
    text = (HERE / "world.trig").read_bytes()
    assert as_bytes(load(text), form) == as_bytes(world, form)


def test_options_of_an_address() -> None:
    asked = {
        "center": "zone/a",
        "hops": "2",
        "kinds": "A, B",
        "as-of": "2018-06-30",
        "lang": "zh-Hant,en",
        "max-nodes": "9",
    }
    options = ExportOptions.from_query(asked, version="v", max_edges=100)
    assert options == ExportOptions(
        center="zone/a",
        hops=2,
        kinds=("A", "B"),
        as_of="2018-06-30",
        languages=("zh-Hant", "en"),
        max_nodes=9,
        version="v",
        max_edges=100,
    )


@pytest.mark.parametrize(
    "asked",
    [
        {"colour": "red"},
        {"hops": "x", "center": "a"},
        {"profile": "../secret"},
        {"max-nodes": "-1"},
        {"max-nodes": "9" * 40},
    ],
)
def test_bad_addresses_are_refused(asked: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        ExportOptions.from_query(asked)


def test_etags_differ_by_version_format_and_options() -> None:
    tags = {
        export_etag("v1", "gexf", ExportOptions()),
        export_etag("v2", "gexf", ExportOptions()),
        export_etag("v1", "cyjs", ExportOptions()),
        export_etag("v1", "gexf", ExportOptions(max_nodes=3)),
    }
    assert len(tags) == 4
