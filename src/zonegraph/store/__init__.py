"""The store: immutable versions on disk, read handles and dumps.

The only package that opens a `pyoxigraph.Store` on disk. It knows quads, not documents.
"""

from zonegraph.store.change import ChangedCopy
from zonegraph.store.dump import RDF_FORMATS, RdfDump, dump_quads, dump_triples
from zonegraph.store.merged import is_merged, mark_merged, named_quads, refresh_merged
from zonegraph.store.read import ReadStore
from zonegraph.store.versions import StoreDir, Version
from zonegraph.store.write import VersionWriter, digest_lines

__all__ = [
    "RDF_FORMATS",
    "ChangedCopy",
    "RdfDump",
    "ReadStore",
    "StoreDir",
    "Version",
    "VersionWriter",
    "digest_lines",
    "dump_quads",
    "dump_triples",
    "is_merged",
    "mark_merged",
    "named_quads",
    "refresh_merged",
]
