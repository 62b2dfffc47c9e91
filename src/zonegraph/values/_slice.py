"""A slice of text as the readers see it: without white space, half-width, simplified; with its way back."""

from __future__ import annotations

from dataclasses import dataclass

from zonegraph.errors import ValueFormatError, Where
from zonegraph.values.folding import WIDTH_TABLE, has_invisible, is_invisible, squeeze, to_simplified


@dataclass(frozen=True, slots=True)
class Slice:
    """``text[i]`` stands at ``raw[offsets[i]]``; every reader works on ``text`` and reports in ``raw``."""

    raw: str
    text: str
    offsets: tuple[int, ...]

    @classmethod
    def from_text(cls, raw: str) -> Slice:
        """Fold *raw* character by character, leaving out white space."""
        if has_invisible(raw):
            offsets = tuple(index for index, character in enumerate(raw) if not is_invisible(character))
            dense = "".join(raw[index] for index in offsets).translate(WIDTH_TABLE)
        else:
            offsets, dense = tuple(range(len(raw))), raw.translate(WIDTH_TABLE)
        return cls(raw, to_simplified(dense), offsets)

    def at(self, index: int) -> int:
        """Give the offset in the raw text of the folded position *index* (which may be the end)."""
        return self.offsets[index] if index < len(self.offsets) else len(self.raw)

    def written(self, start: int = 0, end: int | None = None) -> str:
        """Give what the source writes between two folded positions, white space squeezed."""
        stop = len(self.raw) if end is None else self.at(end)
        return squeeze(self.raw[self.at(start) : stop])

    def fail(self, message: str, index: int, hint: str) -> ValueFormatError:
        """Make the error that points at the folded position *index*."""
        return ValueFormatError(message, where=Where(offset=self.at(index)), hint=hint)
