"""The ontology compiled: names to IRIs, roles, value kinds, recipes for IRIs and labels."""

from zonegraph.plan.compile import compile_plan
from zonegraph.plan.model import ClassPlan, Constraint, Kind, NameIndex, Plan, Role, Thing, ValueKind
from zonegraph.plan.sources import Sources, as_lines, read_all, with_labels

__all__ = [
    "ClassPlan",
    "Constraint",
    "Kind",
    "NameIndex",
    "Plan",
    "Role",
    "Sources",
    "Thing",
    "ValueKind",
    "as_lines",
    "compile_plan",
    "read_all",
    "with_labels",
]
