"""Dumps kept on disk while their version is served, so that a download in parts is made once."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from typing import BinaryIO, Final, cast

from zonegraph.web.backend import Body
from zonegraph.web.web import Web

MAX_DUMPS: Final = 8


class Shelf:
    """Complete answers in unlinked files, by entity tag; the oldest goes first. Thread-safe."""

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self._files: OrderedDict[str, tuple[BinaryIO, int, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, tag: str) -> tuple[Body, int] | None:
        """A body of its own on the kept file, and its rows."""
        with self._lock:
            found = self._files.get(tag)
            if found is None:
                return None
            self._files.move_to_end(tag)
            return Body(file=_again(found[0])), found[2]

    def put(self, tag: str, body: Body, rows: int) -> None:
        """Keep the file of a body that is on disk and small enough to be one of several."""
        file = body.file
        if file is None or body.length > self._max // 2:
            return
        with self._lock:
            self._drop(tag)
            self._files[tag] = (_again(file), body.length, rows)
            while len(self._files) > MAX_DUMPS or sum(size for _, size, _ in self._files.values()) > self._max:
                self._drop(next(iter(self._files)))

    def _drop(self, tag: str) -> None:
        gone = self._files.pop(tag, None)
        if gone is not None:
            gone[0].close()


def shelf_of(web: Web) -> Shelf:
    """The one shelf of a server process: dumps and large exports share its room."""
    shelf: Shelf = web.state.setdefault("shelf", Shelf(web.config.max_spool_bytes // 2))
    return shelf


def _again(file: BinaryIO) -> BinaryIO:
    """Another handle on the same bytes; reads name their offsets, so the shared position does not matter."""
    return cast(BinaryIO, os.fdopen(os.dup(file.fileno()), "rb", buffering=0))
