"""What every writer is: a `Format` with a function from a job to parts; a part is a file name and a stream of text.

A new format is one module in this folder with a ``FORMAT``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from zonegraph.graph.model import Graph
from zonegraph.graph.options import ExportOptions
from zonegraph.graph.source import Source

#: Characters that XML 1.0 cannot carry, not even escaped (https://www.w3.org/TR/xml/#charsets).
NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: Characters that end a string in the C libraries behind a reader, or that it shows as nothing.
NOT_PLAIN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: What JSON cannot carry: nothing that RDF can.
NOT_JSON: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Job:
    """One export: the graph, what was asked for, and the store for formats that are no graph."""

    graph: Graph
    options: ExportOptions
    store: Source


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an export: its name and its text, piece by piece."""

    name: str
    chunks: Iterable[str]


@dataclass(frozen=True, slots=True)
class Format:
    """A format: how the command line, files and HTTP call it, how it is written, what text it cannot carry.

    ``merges`` says that the tools behind it hold one edge per source, target and kind. ``limit`` is the number of
    edges beyond which the format is of no use.
    """

    name: str
    title: str
    extension: str
    media_type: str
    write: Callable[[Job], Iterator[Part]]
    refuses: re.Pattern[str] = NOT_XML
    multi: bool = False
    merges: bool = False
    limit: int | None = None
    needs_graph: bool = True

    @property
    def file_name(self) -> str:
        """The name of the file, or of the zip that holds several."""
        return f"zonegraph-{self.name}.zip" if self.multi else f"zonegraph.{self.extension}"
