"""One Turtle file with vocabulary and data for Protégé and neosemantics: every property that is used is declared."""

from __future__ import annotations

from collections.abc import Iterator

from zonegraph.graph.full_turtle import full_turtle
from zonegraph.graph.writers.base import NOT_JSON, Format, Job, Part


def write(job: Job) -> Iterator[Part]:
    """One file, from the store itself: a profile or a slice does not apply."""
    yield Part("zonegraph-full.ttl", full_turtle(job.store))


FORMAT = Format(
    name="full",
    title="Turtle with every term declared (Protégé, neosemantics)",
    extension="full.ttl",
    media_type="text/turtle",
    write=write,
    refuses=NOT_JSON,
    needs_graph=False,
)
