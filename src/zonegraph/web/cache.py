"""Complete answers, kept by ETag and bounded by bytes."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections import OrderedDict
from typing import Final

import orjson

#: Larger answers are not kept.
MAX_ENTRY: Final = 4 * 1024 * 1024
#: Smaller answers are not worth compressing.
MIN_GZIP: Final = 1024
_OVERHEAD: Final = 512


class Entry:
    """One kept answer: plain bytes, the same bytes compressed once somebody wants them, rows."""

    __slots__ = ("_packed", "content_type", "data", "rows")

    def __init__(self, content_type: str, data: bytes, compressed: bytes | None, rows: int) -> None:
        self.content_type = content_type
        self.data = data
        self.rows = rows
        self._packed = compressed

    @classmethod
    def from_data(cls, content_type: str, data: bytes, rows: int) -> Entry:
        """Compressed at the first request for it, for everybody."""
        return cls(content_type, data, None if len(data) >= MIN_GZIP else b"", rows)

    @property
    def compressed(self) -> bytes:
        """The bytes compressed; empty when that does not pay. Two threads at once give the same bytes."""
        if self._packed is None:
            packed = gzip.compress(self.data, 5, mtime=0)
            self._packed = packed if len(packed) < len(self.data) * 0.9 else b""
        return self._packed

    @property
    def ready(self) -> bool:
        """Whether the compressed form needs no work any more."""
        return self._packed is not None

    @property
    def size(self) -> int:
        """Bytes held at most; never changes."""
        return len(self.data) * (2 if len(self.data) >= MIN_GZIP else 1) + _OVERHEAD


class ResponseCache:
    """Least recently used goes first. Thread-safe."""

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._lock = threading.Lock()
        self.bytes = 0
        self.hits = 0
        self.misses = 0

    def get(self, key: str) -> Entry | None:
        """The entry, now the most recent."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                self.misses += 1
                return None
            self._entries.move_to_end(key)
            self.hits += 1
            return entry

    def put(self, key: str, entry: Entry) -> None:
        """Keep an answer unless it is large."""
        if len(entry.data) > MAX_ENTRY or entry.size > self._max:
            return
        with self._lock:
            old = self._entries.pop(key, None)
            self.bytes += entry.size - (old.size if old else 0)
            self._entries[key] = entry
            while self.bytes > self._max:
                _, gone = self._entries.popitem(last=False)
                self.bytes -= gone.size

    def __len__(self) -> int:
        return len(self._entries)


def fingerprint(*parts: object) -> str:
    """A short digest that names one answer: equal parts give equal names."""
    try:
        text = orjson.dumps(parts)
    except TypeError:  # lone surrogates
        text = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:32]
