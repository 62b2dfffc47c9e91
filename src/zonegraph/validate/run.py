"""Validation as a whole: shapes, checks and exceptions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from zonegraph.names import GRAPH_DERIVED, GRAPH_INFERRED
from zonegraph.validate.checks import read_checks
from zonegraph.validate.constraints import run_constraints, without_constraints
from zonegraph.validate.exceptions import Accepted, apply_exceptions
from zonegraph.validate.findings import Finding, Report
from zonegraph.validate.shapes import as_rdflib, hoisted, read_shapes, run_shapes, shape_names


def validate(
    store: ox.Store,
    ontology_dir: Path,
    queries_dir: Path,
    exceptions: Sequence[Accepted] = (),
    *,
    clashes: Iterable[Finding] = (),
) -> Report:
    """Validate a store: ``ontology_dir/shapes`` and ``queries_dir/checks`` on the union of its graphs.

    ``clashes`` are the contradictions that inference found; they join the report under the same exceptions.
    Raises `ValidationError` when shapes or checks cannot be read or run.
    """
    shapes = read_shapes(ontology_dir / "shapes")
    checks = read_checks(queries_dir / "checks")
    store = merged(store)
    found = [*clashes, *run_constraints(store, shapes)]
    for check in checks:
        found += check.run(store)
    core = without_constraints(hoisted(shapes))
    found += run_shapes(as_rdflib(store.quads_for_pattern(None, None, None, ox.DefaultGraph())), core)
    remaining, silenced = apply_exceptions(found, exceptions)
    return Report.from_findings(
        (_placed(store, f) for f in remaining), silenced, rules_run=len(checks) + len(shape_names(shapes))
    )


def merged(store: ox.Store) -> ox.Store:
    """The store itself when its default graph holds the union of its graphs; else a copy in memory that does so.

    Oxigraph's own union yields a triple once for each graph that holds it, which multiplies findings and time.
    """
    if next(store.quads_for_pattern(None, None, None, ox.DefaultGraph()), None) is not None:
        return store
    copy = ox.Store()
    copy.bulk_extend(store)
    copy.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in store)
    return copy


def _placed(store: ox.Store, finding: Finding) -> Finding:
    """The finding with the graph that describes its focus: stated before derived, the first by name."""
    if finding.graph or not finding.focus or finding.focus.startswith("_:"):
        return finding
    quads = store.quads_for_pattern(ox.NamedNode(finding.focus), None, None, None)
    names = {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, ox.NamedNode)}
    stated = sorted(names - {GRAPH_INFERRED}, key=lambda name: (name == GRAPH_DERIVED, name))
    return replace(finding, graph=stated[0]) if stated else finding
