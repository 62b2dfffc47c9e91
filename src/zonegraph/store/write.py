"""Writing a new version: load N-Quads lines into a staged Oxigraph directory, count, digest, adopt.

The digest of a version is the SHA-256 of its sorted, distinct N-Quads lines, so the same facts give the same
version whatever order, process count or hash seed they came from.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any

import pyoxigraph as ox

from zonegraph.errors import StoreError, Where
from zonegraph.store.merged import merge_graphs
from zonegraph.store.versions import StoreDir, Version


def digest_lines(lines: Iterable[str]) -> str:
    """SHA-256 over N-Quads lines that are already sorted and distinct, each ended by a line feed."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode("utf-8") + b"\n")
    return digest.hexdigest()


class VersionWriter:
    """A version in the making. Use as a context manager: left without `finish`, nothing remains of it."""

    def __init__(self, store_dir: StoreDir) -> None:
        self._dir = store_dir
        self.path = store_dir.staging()
        self.store = self._open()

    def _open(self) -> ox.Store:
        try:
            return ox.Store(str(self.path / "data"))
        except OSError as error:
            raise StoreError(f"cannot write the store: {error}", where=Where(file=str(self.path))) from error

    def __enter__(self) -> VersionWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        del self.store
        shutil.rmtree(self.path, ignore_errors=True)

    def load_lines(self, lines: Iterable[str]) -> None:
        """Add N-Quads lines (without line ends)."""
        self.load_bytes(("\n".join(lines) + "\n").encode("utf-8"))

    def load_bytes(self, data: bytes) -> None:
        """Add an N-Quads document."""
        try:
            self.store.bulk_load(data, format=ox.RdfFormat.N_QUADS)
        except SyntaxError as error:
            raise StoreError(f"not N-Quads: {error}", hint="report this: the converter wrote it") from error
        except OSError as error:
            raise StoreError(f"cannot write the store: {error}", where=Where(file=str(self.path))) from error

    def lines(self) -> list[str]:
        """The sorted N-Quads lines of all named graphs; raises `StoreError` where a quad stands in none."""
        stray = next(self.store.quads_for_pattern(None, None, None, ox.DefaultGraph()), None)
        if stray is not None:
            raise StoreError(
                f"{stray.subject} {stray.predicate} stands in no named graph",
                hint="name a graph for every quad: the default graph is made from them",
            )
        # so the engine's own dump holds named graphs only
        dump = self.store.dump(format=ox.RdfFormat.N_QUADS)
        return sorted(dump.decode("utf-8").split("\n")[:-1]) if dump else []

    def finish(self, extra: Mapping[str, Any] | None = None, *, digest: str | None = None) -> Version:
        """Flush, digest and adopt; the version is complete but not yet the current one."""
        lines = self.lines()
        graphs = _count_graphs(lines)
        meta = {
            "digest": digest or digest_lines(lines),
            "quads": sum(graphs.values()),
            "graphs": graphs,
            **(extra or {}),
        }
        merge_graphs(self.store, self.path, lines)
        self.store.optimize()
        self.store.flush()
        del self.store
        self.store = ox.Store()
        return self._dir.adopt(self.path, meta)


def _count_graphs(lines: Iterable[str]) -> dict[str, int]:
    """Quads per named graph, by graph IRI: in N-Quads the graph is the last term but the full stop."""
    counts = Counter(line.rpartition(" <")[2].removesuffix("> .") for line in lines)
    return dict(sorted(counts.items()))
