"""Validation: SHACL shapes and SPARQL checks on a store, with exceptions and reports."""

from zonegraph.validate.checks import Check, read_checks
from zonegraph.validate.exceptions import Accepted, read_exceptions
from zonegraph.validate.findings import Finding, Report, Severity, clash_finding
from zonegraph.validate.render import FORMATS, render
from zonegraph.validate.run import merged, validate

__all__ = [
    "FORMATS",
    "Accepted",
    "Check",
    "Finding",
    "Report",
    "Severity",
    "clash_finding",
    "merged",
    "read_checks",
    "read_exceptions",
    "render",
    "validate",
]
