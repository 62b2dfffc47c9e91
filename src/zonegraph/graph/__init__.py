"""Graph exports: RDF projected to a property graph by profiles, written in the formats that tools open."""

from zonegraph.graph.export import export_etag, export_graph, find_format
from zonegraph.graph.lint import Finding
from zonegraph.graph.lint_files import lint_file
from zonegraph.graph.options import ExportOptions, ExportReport, LeftOut
from zonegraph.graph.profiles import profile_names
from zonegraph.graph.writers import FORMATS, Format

__all__ = [
    "FORMATS",
    "ExportOptions",
    "ExportReport",
    "Finding",
    "Format",
    "LeftOut",
    "export_etag",
    "export_graph",
    "find_format",
    "lint_file",
    "profile_names",
]
