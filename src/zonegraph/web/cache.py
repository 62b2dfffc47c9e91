"""Complete answers, kept by ETag and bounded by bytes."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

#: Larger answers are not kept.
MAX_ENTRY: Final = 4 * 1024 * 1024
#: Smaller answers are not worth compressing.
MIN_GZIP: Final = 1024
_OVERHEAD: Final = 512


@dataclass(frozen=True, slots=True)
class Entry:
    """One kept answer: plain bytes, the same bytes compressed (empty when that does not pay), rows."""

    content_type: str
    data: bytes
    compressed: bytes
    rows: int

    @classmethod
    def from_data(cls, content_type: str, data: bytes, rows: int) -> Entry:
        """Compress once, for everybody."""
        packed = gzip.compress(data, 5, mtime=0) if len(data) >= MIN_GZIP else b""
        return cls(content_type, data, packed if len(packed) < len(data) * 0.9 else b"", rows)

    @property
    def size(self) -> int:
        """Bytes held."""
        return len(self.data) + len(self.compressed) + _OVERHEAD


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
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
