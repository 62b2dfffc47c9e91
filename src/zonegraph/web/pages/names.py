"""Finding things by name: the index of the version, or one made from the graph where no index came with it."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from zonegraph.search import INDEX_NAME, NameSearch, build_index
from zonegraph.web.backend import Row, VersionInfo
from zonegraph.web.pages.reader import STALE_SECONDS, ask
from zonegraph.web.web import Web

_STATE: Final = "pages.names"
_lock: Final = threading.Lock()


class _Asked:
    """The part of a store that the index is made from, over the endpoint's own workers or a remote service."""

    def __init__(self, web: Web, version: VersionInfo) -> None:
        self._web, self._version = web, version

    def select(self, text: str, **_: Any) -> list[Row]:
        """The rows of a SELECT."""
        return ask(self._web, self._version, text)


def search_of(web: Web, version: VersionInfo) -> NameSearch:
    """The names of a version."""
    if version.path:
        shipped = Path(version.path).parent / INDEX_NAME
        if shipped.is_file():
            return NameSearch(shipped)
    with _lock:
        return _made(web, version)


def _made(web: Web, version: VersionInfo) -> NameSearch:
    state: dict[str, Any] = web.state.setdefault(_STATE, {})
    known: Mapping[str, Any] | None = state.get("index")
    fresh = known and known["digest"] == version.digest
    if known and fresh and (version.stable or time.monotonic() - known["at"] < 10 * STALE_SECONDS):
        return NameSearch(known["path"])
    path = Path(tempfile.mkdtemp(prefix="zonegraph-names-")) / INDEX_NAME
    build_index(_Asked(web, version), path)  # type: ignore[arg-type]
    # kept until the next one is made, or until the server ends
    if known:
        known["remove"]()
    remove = weakref.finalize(web, shutil.rmtree, path.parent, ignore_errors=True)
    state["index"] = {"digest": version.digest, "at": time.monotonic(), "path": path, "remove": remove}
    return NameSearch(path)
