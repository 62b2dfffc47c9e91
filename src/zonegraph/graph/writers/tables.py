"""CSV as RFC 4180 has it, with line feeds: UTF-8, quotes only where needed. A mark at the start is optional (Excel).

The standard library leaves a bare carriage return unquoted when rows end in a line feed, hence the own quoting.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

BOM: Final = "\ufeff"
_QUOTED: Final = re.compile('[",\r\n]|^[ \t]|[ \t]$')


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, bom: bool = False) -> Iterator[str]:
    """The lines of a table, one by one."""
    yield (BOM if bom else "") + _line(header)
    yield from map(_line, rows)


def _line(cells: Sequence[str]) -> str:
    return ",".join([_quoted(cell) for cell in cells]) + "\n"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _QUOTED.search(cell) else cell
