"""Graph exports: RDF projected to a property graph by profiles, written in the formats that tools open."""

from zonegraph.graph.export import export_etag, export_graph, find_format
from zonegraph.graph.lint import Finding
from zonegraph.graph.lint_files import lint_file
from zonegraph.graph.options import DEFAULT_PROFILE, ExportOptions, ExportReport, LeftOut
from zonegraph.graph.prepare import prepare
from zonegraph.graph.prepared import made_for, prepared_name
from zonegraph.graph.profiles import Profile, load_profile, profile_names
from zonegraph.graph.writers import FORMATS, Format

__all__ = [
    "DEFAULT_PROFILE",
    "FORMATS",
    "ExportOptions",
    "ExportReport",
    "Finding",
    "Format",
    "LeftOut",
    "Profile",
    "export_etag",
    "export_graph",
    "find_format",
    "lint_file",
    "load_profile",
    "made_for",
    "prepare",
    "prepared_name",
    "profile_names",
]
