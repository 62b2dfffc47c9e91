"""Charts, strips and maps: where things are drawn."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonegraph.web.pages.charts import Datum, bar_chart, line_chart, read_sizes, short_number, steps
from zonegraph.web.pages.periods import Period
from zonegraph.web.pages.places import WIDTH as MAP_WIDTH
from zonegraph.web.pages.places import Position, Projection
from zonegraph.web.pages.reader import Link
from zonegraph.web.pages.strips import WIDTH, Axis, Dated, strip

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
LINK = Link("x", "", "", "")


def datum(day: date, value: str, series: str = "a", **more: object) -> Datum:
    return Datum(day, day, Decimal(value), series, value, **more)  # type: ignore[arg-type]


@given(st.lists(st.tuples(DAYS, st.decimals(0, 10**15, allow_nan=False, places=2)), min_size=1, max_size=20))
def test_every_point_lies_on_the_drawing(found: list[tuple[date, Decimal]]) -> None:
    chart = line_chart([Datum(day, day, value, "a", "") for day, value in found])
    assert chart is not None
    for mark in chart.series[0].marks:
        assert 0 <= mark.x <= 100
        assert 0 <= mark.y <= chart.height


@given(st.floats(0.001, 1e15))
def test_steps_reach_the_top_and_are_few(top: float) -> None:
    found = steps(top)
    assert found[0] == 0
    assert found[-1] >= top * (1 - 1e-9)
    assert 2 <= len(found) <= 7
    assert found == sorted(found)


def test_a_break_breaks_the_line_and_a_target_is_not_joined() -> None:
    data = [
        datum(date(2009, 7, 1), "1", breaks=True),
        datum(date(2010, 7, 1), "1", breaks=True),
        datum(date(2018, 7, 1), "3"),
        datum(date(2019, 7, 1), "4"),
        datum(date(2025, 7, 1), "9", kind="target"),
    ]
    chart = line_chart(data, [(date(2011, 1, 2), "merger")])
    assert chart is not None
    assert [segment.broken for segment in chart.series[0].segments] == [False, True, False]
    assert len(chart.series[0].marks) == 5
    assert chart.series[0].marks[1].x < chart.events[0].at < chart.series[0].marks[2].x


def test_nothing_gives_no_chart() -> None:
    assert line_chart([]) is None
    assert bar_chart([("a", Decimal(0), "")]) is None
    assert strip([]) is None


def test_bars_are_shares_of_the_longest() -> None:
    chart = bar_chart([("a", Decimal(50), ""), ("b", Decimal("100.5"), "")])
    assert chart is not None
    assert [bar.width for bar in chart.bars] == [49.75, 100.0]
    assert [bar.text for bar in chart.bars] == ["50", "100.5"]


def test_less_than_nothing_is_drawn_as_such() -> None:
    bars = bar_chart([("a", Decimal(-50), ""), ("b", Decimal(100), ""), ("c", Decimal(0), "")])
    assert bars is not None
    assert [(bar.name, bar.width, bar.text, bar.less) for bar in bars.bars] == [
        ("a", 50.0, "-50", True),
        ("b", 100.0, "100", False),
    ]
    lines = line_chart([datum(date(2010, 7, 1), "-3"), datum(date(2011, 7, 1), "0"), datum(date(2012, 7, 1), "5")])
    assert lines is not None
    below, zero, above = (mark.y for mark in lines.series[0].marks)
    assert below > zero > above
    assert next(line.at for line in lines.down if line.label == "0") == zero


@given(st.integers(-(10**15), 10**15), st.integers(-(10**15), 10**15))
def test_steps_hold_all_figures_and_are_few(one: int, other: int) -> None:
    low, top = min(one, other) / 100, max(one, other) / 100
    found = steps(top, low)
    slack = 1e-6 * max(abs(low), abs(top))
    assert found[0] <= min(low, 0) + slack
    assert found[-1] >= max(top, 0) - slack
    assert 2 <= len(found) <= 8


def test_numbers_in_the_words_of_a_language() -> None:
    chinese = read_sizes("1e8 亿, 1e4 万")
    assert short_number(Decimal(113_400_000_000), chinese) == "1134亿"
    assert short_number(12_000, chinese) == "1.2万"
    assert short_number(999, chinese) == "999"


@given(st.lists(st.tuples(st.none() | DAYS, st.integers(0, 4000)), min_size=1, max_size=30))
def test_bars_of_a_strip_stay_on_the_axis(found: list[tuple[date | None, int]]) -> None:
    periods = [Period(day, None if day is None else day + timedelta(days), "x", "") for day, days in found]
    drawn = strip([Dated(period, LINK, "") for period in periods])
    if drawn is None:
        assert all(day is None for day, _ in found)
        return
    for bar in drawn.bars:
        assert 0 <= bar.x <= WIDTH
        assert bar.width > 0


def test_a_day_a_year_and_an_open_end_look_different() -> None:
    day = Period(date(2011, 1, 2), date(2011, 1, 2), "2011-01-02", "")
    year = Period(date(2011, 1, 1), date(2011, 12, 31), "2011", "")
    still = Period(date(2012, 1, 1), None, "2012/..", "")
    drawn = strip([Dated(p, LINK, "") for p in (day, year, still)])
    assert drawn is not None
    by_edtf = {bar.edtf: bar for bar in drawn.bars}
    assert by_edtf["2011-01-02"].exact
    assert not by_edtf["2011"].exact
    assert by_edtf["2012/.."].open_end
    assert not by_edtf["2011"].open_end


def test_axis_ticks_are_whole_years_and_few() -> None:
    day = date(1949, 10, 1)
    axis = Axis.over([Period(day, date(2022, 7, 16), "x", "")])
    assert axis is not None
    assert 2 <= len(axis.ticks()) <= 9


@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), min_size=1, max_size=20))
def test_places_lie_on_the_map(found: list[tuple[float, float]]) -> None:
    positions = [Position(lat, long) for lat, long in found]
    projection = Projection.over(positions)
    for position in positions:
        x, y = projection.at(position)
        assert -0.1 <= x <= MAP_WIDTH + 0.1
        assert -0.1 <= y <= projection.height + 0.1


@pytest.mark.parametrize(("lat", "long"), [(43.8, 87.6), (51.0, 10.0)])
def test_north_is_up_and_east_is_right(lat: float, long: float) -> None:
    projection = Projection.over([Position(lat, long), Position(30, 100)])
    x, y = projection.at(Position(lat, long))
    assert projection.at(Position(lat - 1, long))[1] > y
    assert projection.at(Position(lat, long + 1))[0] > x
