"""What earlier versions knew: an address that once led somewhere is gone (410), not unknown (404)."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox

from zonegraph.errors import ZonegraphError
from zonegraph.store import ReadStore, StoreDir

#: How many earlier versions are looked into, newest first.
DEPTH: Final = 5


class FormerVersions:
    """Read handles on the versions before the current one, opened when first needed. Thread-safe."""

    def __init__(self, store: StoreDir) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._current = ""
        self._handles: dict[str, ReadStore] = {}

    def knew(self, current: str, iris: Iterable[str]) -> bool:
        """Whether one of these was described before the version ``current``; a look-up by key, no query."""
        subjects = [ox.NamedNode(iri) for iri in iris]
        return any(_describes(handle, subjects) for handle in self._before(current))

    def _before(self, current: str) -> list[ReadStore]:
        with self._lock:
            if current != self._current:
                self._handles = self._opened(current)
                self._current = current
            return list(self._handles.values())

    def _opened(self, current: str) -> dict[str, ReadStore]:
        try:
            versions = self._store.versions()
            at = next(n for n, version in enumerate(versions) if version.id == current)
        except (ZonegraphError, StopIteration):
            return {}
        found: dict[str, ReadStore] = {}
        for version in reversed(versions[max(0, at - DEPTH) : at]):
            try:
                found[version.id] = self._handles.get(version.id) or version.open()
            except ZonegraphError:
                continue  # pruned in this moment
        return found


def _describes(handle: ReadStore, subjects: list[ox.NamedNode]) -> bool:
    return any(next(handle.raw.quads_for_pattern(s, None, None, None), None) is not None for s in subjects)
