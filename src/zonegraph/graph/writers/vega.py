"""Statistics: a tidy table, one row per observation, and a Vega-Lite chart for each indicator and unit."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from zonegraph.graph.model import Observation
from zonegraph.graph.writers.base import NOT_PLAIN, Format, Job, Part
from zonegraph.graph.writers.cyjs import dumps
from zonegraph.graph.writers.tables import table

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_TABLE = "observations.csv"
_FIELDS = tuple(field.name for field in dataclasses.fields(Observation))
_FIRST = "toDate(datum.period_start || datum.period_end || null)"
_LAST = "toDate(datum.period_end || datum.period_start || null)"
_MIDDLE = f"(+{_FIRST} + +{_LAST}) / 2"
_SHAPES = {"domain": ["in series", "before a break"], "range": ["circle", "diamond"]}
_FONT = "Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif"


def write(job: Job) -> Iterator[Part]:
    """The table, then the charts."""
    rows = (_row(observation) for observation in job.graph.observations())
    yield Part(_TABLE, table(_FIELDS, rows, bom=job.options.bom))
    keys = groupby(job.graph.observations(), key=lambda o: (o.indicator, o.unit, o.indicator_label, o.unit_label))
    seen: set[str] = set()
    for (indicator, unit, title, unit_title), _ in keys:
        name = f"{indicator}__{unit}" if unit else indicator
        if name not in seen:
            seen.add(name)
            yield Part(f"{name}.vl.json", [dumps(_chart(indicator, unit, title, unit_title)) + "\n"])


def _row(observation: Observation) -> list[str]:
    values = (getattr(observation, name) for name in _FIELDS)
    return [value if isinstance(value, str) else repr(value) for value in values]


def _chart(indicator: str, unit: str, title: str, unit_title: str) -> dict[str, Any]:
    """Points in the middle of their periods, and lines; targets and forecasts are dashed, no line crosses a break."""
    value_title = f"{title} ({unit_title})" if unit_title else title
    tooltip = [{"field": name} for name in ("subject_label", "period", "value", "written", "continuity", "source")]
    legend = {"orient": "top", "labelLimit": 400}
    bottom = {**legend, "orient": "bottom"}
    return {
        "$schema": _SCHEMA,
        "description": value_title,
        "data": {"url": _TABLE, "format": {"type": "csv", "parse": {"value": "number"}}},
        "transform": [
            {"filter": {"field": "indicator", "equal": indicator}},
            {"filter": {"field": "unit", "equal": unit}},
            {"calculate": _MIDDLE, "as": "day"},
            {"calculate": "datum.series_break == 'true' ? 'before a break' : 'in series'", "as": "continuity"},
            {"calculate": "datum.variant == '' ? 'Observation' : datum.variant", "as": "claimed"},
        ],
        "width": 640,
        "height": 360,
        "config": {"font": _FONT},
        "mark": {"type": "line", "point": {"filled": True, "size": 80}},
        "encoding": {
            "x": {"field": "day", "type": "temporal", "title": None},
            "y": {"field": "value", "type": "quantitative", "title": value_title},
            "color": {"field": "subject_label", "type": "nominal", "title": None, "legend": legend},
            "strokeDash": {
                "field": "claimed",
                "type": "nominal",
                "title": None,
                "legend": bottom,
            },
            "shape": {"field": "continuity", "type": "nominal", "title": None, "legend": bottom, "scale": _SHAPES},
            "detail": {"field": "continuity"},
            "tooltip": tooltip,
        },
    }


FORMAT = Format(
    name="vega",
    title="Tidy table of observations with Vega-Lite charts",
    extension="csv",
    media_type="text/csv",
    write=write,
    refuses=NOT_PLAIN,
    multi=True,
)
