"""Folding of names across scripts, widths and line wraps; white space in Chinese press text.

Only OpenCC's ``t2s`` is used: it maps every character to exactly one, so offsets into a folded text are offsets
into the text itself. No text is ever converted from simplified to traditional: that direction is ambiguous.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final

import opencc

#: Full-width ASCII (U+FF01 to U+FF5E, brackets and digits among them) to half-width; length-preserving.
WIDTH_TABLE: Final[dict[int, int]] = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}

_LOWER: Final[dict[int, int]] = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
# str.isspace() leaves out the zero-width characters that web pages and PDF tools scatter in names
_INVISIBLE: Final = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
_SURROGATES: Final = re.compile(r"([\ud800-\udfff]+)")
_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_LATIN: Final = re.compile(r"[A-Za-z\u00c0-\u024f]")
_WIDE: Final = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U000323af]")


@cache
def _converter(config: str) -> opencc.OpenCC:
    # built on first use: it reads dictionaries; convert() itself keeps no state
    return opencc.OpenCC(config)


def _convert(config: str, text: str) -> str:
    """Convert by OpenCC, position by position; lone surrogates, which it cannot encode, stay as they are."""
    pieces = _SURROGATES.split(text)
    return "".join(piece if index % 2 else _aligned(config, piece) for index, piece in enumerate(pieces) if piece)


def _aligned(config: str, text: str) -> str:
    converted: str = _converter(config).convert(text)
    if len(converted) == len(text):
        return converted
    characters = [_converter(config).convert(character) for character in text]
    return "".join(new if len(new) == 1 else old for new, old in zip(characters, text, strict=True))


def to_simplified(text: str) -> str:
    """Give *text* in simplified characters, position by position: the length never changes."""
    simplified = _convert("t2s", text)
    assert len(simplified) == len(text)
    return simplified


def strip_invisible(text: str) -> str:
    """Remove every white-space and zero-width character."""
    return _INVISIBLE.sub("", text)


def has_invisible(text: str) -> bool:
    """Whether any character of *text* is white space or has no width."""
    return _INVISIBLE.search(text) is not None


def is_invisible(character: str) -> bool:
    """Whether *character* is white space or has no width."""
    return _INVISIBLE.match(character) is not None


@lru_cache(maxsize=8192)
def fold(label: str) -> str:
    """Give the form under which names are compared: no white space, half-width, lower case, NFC, simplified.

    Idempotent. Only ASCII letters lose their case. The result is a key, never shown to anybody.
    """
    # lower case before NFC: "h" has combined forms that "H" lacks; and after, for U+212A becomes "K"
    narrow = strip_invisible(label).translate(WIDTH_TABLE).translate(_LOWER)
    return to_simplified(unicodedata.normalize("NFC", narrow)).translate(_LOWER)


def squeeze(text: str) -> str:
    """Remove white space that touches a CJK character or a digit; leave one space between other words.

    ``"1273.2 亿\\n\\n元"`` becomes ``"1273.2亿元"``, ``"Global  Times"`` keeps one space. Idempotent.
    """
    words = text.split()
    pieces = words[:1]
    for before, after in pairwise(words):
        pieces.append(after if _is_tight(before[-1]) or _is_tight(after[0]) else f" {after}")
    return "".join(pieces)


def _is_tight(character: str) -> bool:
    return character.isdigit() or _WIDE.match(character) is not None


def script_of(text: str) -> str:
    """Guess the language tag of *text*: ``zh-hant``, ``zh-hans``, ``zh`` or ``en``.

    Without Han characters: ``en`` when there is a Latin letter, else ``zh``. With them: the positions that
    ``t2s`` would change speak for traditional, those that ``s2t`` would change for simplified; the majority
    decides, and a tie (新疆 is the same in both) is plain ``zh``. A heuristic for names, not a language detector.
    """
    if not _HAN.search(text):
        return "en" if _LATIN.search(text) else "zh"
    traditional = _changes("t2s", text)
    simplified = _changes("s2t", text)
    if traditional == simplified:
        return "zh"
    return "zh-hant" if traditional > simplified else "zh-hans"


def _changes(config: str, text: str) -> int:
    return sum(old != new for old, new in zip(text, _convert(config, text), strict=True))
