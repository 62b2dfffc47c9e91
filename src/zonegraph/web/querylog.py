"""The query log: one JSON object a line for each query, update and graph read."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Record:
    """What one request did; filled while it is answered."""

    started: float
    text: str = ""
    version: str = ""
    rows: int = 0
    outcome: str = ""
    format: str = ""

    @classmethod
    def begin(cls, text: str) -> Record:
        """Start the clock."""
        return cls(time.perf_counter(), text=text)

    @property
    def hash(self) -> str:
        """Names the query without showing it."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.perf_counter() - self.started


class QueryLog:
    """Appends whole lines; several processes may share the file. Without a path it does nothing."""

    def __init__(self, path: Path | None, *, with_text: bool = False) -> None:
        self._with_text = with_text
        self._lock = threading.Lock()
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640) if path else None

    @property
    def writes(self) -> bool:
        """Whether there is a file."""
        return self._descriptor is not None

    def write(self, record: Record, *, status: int, size: int, request_id: str = "") -> None:
        """One line."""
        if self._descriptor is None:
            return
        line: dict[str, Any] = {
            "at": time.time(),
            "hash": record.hash,
            "seconds": round(record.seconds, 6),
            "rows": record.rows,
            "bytes": size,
            "status": status,
            "outcome": record.outcome,
            "format": record.format,
            "version": record.version,
            "request": request_id,
        }
        if self._with_text:
            line["query"] = record.text
        with self._lock:
            os.write(self._descriptor, (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "replace"))

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
