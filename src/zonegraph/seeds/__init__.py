"""Annotated seeds: the format, reading it, checking it, proving it against the texts."""

from zonegraph.seeds.fmt import format_record, format_seed, natural
from zonegraph.seeds.read import finding_from, parse_seed, read_seed, refuse_seed, seed_files
from zonegraph.seeds.records import MAX_SLICE, Document, Event, Finding, Mention, Record, Seed, Span
from zonegraph.seeds.verify import find_text, verify_seed

__all__ = [
    "MAX_SLICE",
    "Document",
    "Event",
    "Finding",
    "Mention",
    "Record",
    "Seed",
    "Span",
    "find_text",
    "finding_from",
    "format_record",
    "format_seed",
    "natural",
    "parse_seed",
    "read_seed",
    "refuse_seed",
    "seed_files",
    "verify_seed",
]
