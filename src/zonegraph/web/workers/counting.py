"""A writer that counts rows and bytes while the engine serialises, stops it at a cap, and spills to disk."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import BinaryIO, Final, cast

INLINE: Final = 256 * 1024
_LINE: Final = b"\n"


class CapReachedError(Exception):
    """A cap on ``rows`` or ``bytes`` was passed."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class RowCounter:
    """Rows of a SELECT answer, read from its bytes; exact for every format the engine writes.

    XML escapes ``<``; TSV escapes line ends; CSV doubles quotes, so a line end counts only between an even number
    of them; JSON escapes ``"`` inside strings, so ``},{"`` stands between rows and nowhere else.
    """

    _MARKS: Final = {"xml": b"<result>", "tsv": _LINE, "json": b'},{"', "csv": _LINE}

    def __init__(self, form: str) -> None:
        self._form = form
        self._mark = self._MARKS[form]
        self._tail = b""
        self._quoted = False
        self._count = 0

    def feed(self, chunk: bytes) -> None:
        """Read the next piece."""
        if self._form == "csv":
            self._feed_csv(chunk)
            return
        data = self._tail + chunk
        self._count += data.count(self._mark)
        if self._form == "json":
            self._count += data.count(b"},{}")
        self._tail = data[-(len(self._mark) - 1) :] if len(self._mark) > 1 else b""

    def _feed_csv(self, chunk: bytes) -> None:
        pieces = chunk.split(b'"')
        outside = pieces[1::2] if self._quoted else pieces[::2]
        self._count += sum(piece.count(_LINE) for piece in outside)
        self._quoted ^= len(pieces) % 2 == 0

    def rows(self, last: bytes = b"") -> int:
        """Rows so far; ``last`` is the end of the whole answer, once it is there."""
        if self._form in {"csv", "tsv"}:
            return max(0, self._count - 1)
        if self._form == "json":
            return 0 if last.endswith(b'"bindings":[]}}') else self._count + 1
        return self._count


class Spool:
    """A binary writer: memory up to `INLINE` bytes, then an unlinked file; raises `CapReachedError` at the caps."""

    def __init__(self, folder: Path, max_bytes: int, max_rows: int, counter: RowCounter | None = None) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._max_rows = max_rows
        self._counter = counter
        self._chunks: list[bytes] = []
        self._last = b""
        self.size = 0
        self.file: BinaryIO | None = None

    def write(self, chunk: bytes) -> int:
        """Take one piece."""
        self.size += len(chunk)
        if self.size > self._max_bytes:
            raise CapReachedError("bytes")
        if self._counter is not None:
            self._counter.feed(chunk)
            if self._counter.rows() > self._max_rows:
                raise CapReachedError("rows")
        self._keep(chunk)
        return len(chunk)

    def _keep(self, chunk: bytes) -> None:
        self._last = chunk if len(chunk) > 32 else self._last + chunk
        if self.file is not None:
            self.file.write(chunk)
            return
        self._chunks.append(chunk)
        if self.size > INLINE:
            self.file = cast(BinaryIO, tempfile.TemporaryFile(dir=self._folder, buffering=1024 * 1024))  # noqa: SIM115
            self.file.write(b"".join(self._chunks))
            self._chunks.clear()

    def flush(self) -> None:
        """Write through; the engine calls it."""
        if self.file is not None:
            self.file.flush()

    @property
    def rows(self) -> int:
        """Rows counted."""
        return self._counter.rows(self._last) if self._counter else 0

    def data(self) -> bytes:
        """What is in memory."""
        return b"".join(self._chunks)


class Few:
    """A binary writer for few bytes; raises `CapReachedError` for more."""

    __slots__ = ("_chunks", "_left")

    def __init__(self, max_bytes: int) -> None:
        self._left = max_bytes
        self._chunks: list[bytes] = []

    def write(self, chunk: bytes) -> int:
        """Take one piece."""
        self._left -= len(chunk)
        if self._left < 0:
            raise CapReachedError("bytes")
        self._chunks.append(chunk)
        return len(chunk)

    def flush(self) -> None:
        """Nothing to do; the engine calls it."""

    def data(self) -> bytes:
        """All bytes."""
        return b"".join(self._chunks)
