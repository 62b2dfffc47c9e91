"""What is known of one thing or claim, packed: names, attributes, times, evidence. Pure.

A thing's facts lie together in one packed piece instead of in a row each, so that one look-up brings all of them.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

#: Rank, language, text; see `vocabulary.best_label`.
Label = tuple[int, str, str]
#: Number of the attribute's name (see `stage.Names`), language, column type, text.
Cell = tuple[int, str, str, str]
#: First day, last day, the text as it was.
Time = tuple[str, str, str]
#: Source, span, address and date of the source.
Evidence = tuple[str, str, str, str]
#: Type of an attribute that stands for a claim which is drawn nowhere: its labels (see `remark_of`).
REMARK: Final = "remark"
_VERSION: Final = 2  # of marshal: the same values give the same bytes


class Piece(NamedTuple):
    """What is known of one thing or claim; lists, to be added to while its facts pass by."""

    labels: Sequence[Label] = ()
    cells: Sequence[Cell] = ()
    times: Sequence[Time] = ()
    evidence: Sequence[Evidence] = ()


EMPTY: Final = Piece()


def packed(piece: Iterable[Sequence[tuple[object, ...]]]) -> bytes:
    """The four lists of a piece as bytes."""
    return marshal.dumps([*piece], _VERSION)


def unpacked(data: bytes | None) -> Piece:
    """The piece of these bytes; an empty one where nothing is known."""
    return Piece._make(marshal.loads(data)) if data else EMPTY  # noqa: S302 - our own bytes, from a private file


def joined(one: bytes, other: bytes) -> bytes:
    """Two pieces about the same as one."""
    return packed([*first, *second] for first, second in zip(unpacked(one), unpacked(other), strict=True))


def sources(data: bytes | None) -> str:
    """The documents that a piece rests on, one after another."""
    return " ".join(sorted({source for source, *_ in unpacked(data).evidence}))
