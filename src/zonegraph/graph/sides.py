"""Two ordered streams read in step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Side:
    """A side table in step with a main pass: rows come in order of their first column."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._rows = rows
        self._head = next(rows, None)

    def take(self, position: int) -> list[tuple[Any, ...]]:
        """The rows of one position, without it."""
        taken: list[tuple[Any, ...]] = []
        while self._head is not None and self._head[0] <= position:
            if self._head[0] == position:
                taken.append(self._head[1:])
            self._head = next(self._rows, None)
        return taken
