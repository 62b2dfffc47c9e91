"""A writable copy of a version, for the one process that changes it."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from zonegraph.errors import Where
from zonegraph.store.merged import refresh_merged
from zonegraph.store.read import ReadStore, translated


class ChangedCopy:
    """A copy that shares the unchanged files with its original (hard links): it costs the same for any size."""

    def __init__(self, source: Path, target: Path) -> None:
        """Copy the Oxigraph directory; raises `StoreError` when one cannot be read or the other not written."""
        self._before = ReadStore.open(source)
        with translated(Where(file=str(target))):
            self._before.raw.backup(str(target))
            self.store = ox.Store(str(target))

    @property
    def merged(self) -> bool:
        """Whether the default graph is the merged copy of the named graphs."""
        return self._before.merged

    def finish(self) -> ReadStore:
        """Bring the merged graph up to date and write everything to disk; returns a handle that reads the result."""
        if self.merged:
            refresh_merged(self.store, self._before.raw)
        self.store.flush()
        return ReadStore(self.store, self.merged)
