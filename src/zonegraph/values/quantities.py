"""Reading of quantities: qualifier, number and unit words of one annotated slice.

The unit stays text: the code list of units, not Python, knows what 列 or TEU（標箱） mean, so a new unit is a new
label in the ontology. What the words bound is stated by ``lower`` and ``upper``; no bound is invented.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from zonegraph.values._amount import Number
from zonegraph.values._slice import Slice
from zonegraph.values.numbers import scan_number

EXACT: Final = "exact"
MORE_THAN: Final = "more-than"
AT_LEAST: Final = "at-least"
LESS_THAN: Final = "less-than"
NEARLY: Final = "nearly"
ABOUT: Final = "about"
THRESHOLD: Final = "threshold"

#: Every qualifier that a quantity can have; the local names of the qualifier codes.
QUALIFIERS: Final = (EXACT, MORE_THAN, AT_LEAST, LESS_THAN, NEARLY, ABOUT, THRESHOLD)


def _by_word(words: dict[str, str]) -> dict[str, str]:
    return {word: qualifier for qualifier, line in words.items() for word in line.split()}


# grammar words of the language, in simplified characters; names of things and units stand in the ontology
_BEFORE: Final = _by_word(
    {
        EXACT: "达到 达 高达 多达 已达 将达 将达到 已达到 共 共计 总计 合计 累计 仅 为",
        THRESHOLD: "首次突破 首次超过 首次超 首次逾 首破 首次达到 首次迈上",
        MORE_THAN: "突破 超过 超 逾 多于 高于 大于 超出 已超 已超过 已突破 跨过 越过 >",
        AT_LEAST: "不低于 不少于 不小于 至少 最少 起码 不下 不下于 ≥",
        LESS_THAN: "不足 不到 未满 不满 少于 低于 小于 不超过 不超 不高于 不大于 不多于 至多 最多 < ≤",
        NEARLY: "近 将近 接近 逼近",
        ABOUT: "约 约有 约为 约合 大约 大约为 大概 大致 差不多 ~",
    }
)
_AFTER: Final = _by_word(
    {
        EXACT: "大关",
        MORE_THAN: "余 多",
        AT_LEAST: "以上 及以上 或以上 以上的 及以上的",
        LESS_THAN: "以下 及以下 以内 之内 以下的 及以下的 以内的 之内的",
        ABOUT: "左右 左右的 上下 上下的",
    }
)

# 首次 before and 左右 after are at most this many words; a longer chain is no quantity
_MOST_WORDS: Final = 4
_RANGE: Final = re.compile("[-—–─~至到](?:第|约)?[0-9一二三四五六七八九十百千万亿两]")
_HINT: Final = "mark the qualifier, the number and the unit, such as 超过721.4亿元"


@dataclass(frozen=True, slots=True)
class Quantity:
    """What one slice says: ``value`` of ``unit_text``, qualified.

    ``stated``, ``scale``: the figure as printed and the power of ten of its scale words. ``unit_text``: the words
    after the number as the source writes them, white space squeezed, ``%`` for any way to write per cent (whose
    value is the number as printed: 7 for 7 %). ``qualifier``: one of ``QUALIFIERS``. ``lower``, ``upper``: the
    bound that the wording states, if any. ``numerator``, ``denominator``: set for fractions such as 三分之一.
    """

    value: Decimal
    stated: str
    scale: int
    unit_text: str
    qualifier: str
    lower: Decimal | None
    upper: Decimal | None
    as_written: str
    numerator: int | None = None
    denominator: int | None = None


def read_quantity(text: str) -> Quantity:
    """Read one annotated slice as a quantity or an ordinal (第36位: value 36, unit 位).

    Raises ValueFormatError, with the offset into *text* and what to do, when it holds no number, more than one
    (a range), or a number without a single reading.
    """
    piece = Slice.from_text(text)
    if not piece.text:
        raise piece.fail("the slice is empty", 0, _HINT)
    before, start = _words_before(piece.text)
    is_ordinal = piece.text.startswith("第", start)
    number, end = scan_number(piece, start + is_ordinal)
    _check_one_number(piece, end)
    first, last, after = _unit_span(piece.text, end)
    qualifier = _combine([*before, *_surplus_qualifier(number), *after])
    unit = number.sign + piece.written(first, last) if first < last else number.sign
    if is_ordinal:
        _check_ordinal(piece, number, start)
        unit = unit or "位"
    return _as_quantity(number, unit, qualifier, piece.written())


def _as_quantity(number: Number, unit: str, qualifier: str, as_written: str) -> Quantity:
    lower = number.value if qualifier in {MORE_THAN, AT_LEAST, THRESHOLD} else None
    upper = number.value if qualifier in {LESS_THAN, NEARLY} else None
    return Quantity(
        number.value, number.stated, number.scale, unit, qualifier, lower, upper, as_written,
        number.numerator, number.denominator,
    )  # fmt: skip


def _words_before(text: str) -> tuple[list[str], int]:
    """Take the qualifier words at the beginning, longest first; give them and where they end."""
    found: list[str] = []
    index = 0
    while len(found) < _MOST_WORDS:
        word = next((text[index : index + size] for size in (4, 3, 2, 1) if _starts(text, index, size)), "")
        if not word:
            break
        found.append(_BEFORE[word])
        index += len(word)
    return found, index


def _starts(text: str, index: int, size: int) -> bool:
    word = text[index : index + size]
    return len(word) == size and word in _BEFORE


def _unit_span(text: str, end: int) -> tuple[int, int, list[str]]:
    """Give where the unit words stand after *end*, and the qualifiers taken from both of their ends."""
    found: list[str] = []
    first, last = end, len(text)
    while len(found) < _MOST_WORDS:
        word = next((text[last - size : last] for size in (4, 3, 2, 1) if _ends(text, first, last, size)), "")
        if not word:
            break
        found.append(_AFTER[word])
        last -= len(word)
    head = next((text[first : first + size] for size in (3, 2, 1) if _heads(text, first, last, size)), "")
    if head:
        found.append(_AFTER[head])
    return first + len(head), last, found


def _ends(text: str, first: int, last: int, size: int) -> bool:
    return last - size >= first and text[last - size : last] in _AFTER


def _heads(text: str, first: int, last: int, size: int) -> bool:
    # 上下 and 以内 may begin real unit words; only these never do
    return first + size <= last and text[first : first + size] in {"余", "多", "以上", "以下", "左右", "及以上"}


def _surplus_qualifier(number: Number) -> list[str]:
    return {"more": [MORE_THAN], "about": [ABOUT]}.get(number.surplus, [])


def _combine(found: list[str]) -> str:
    """Join the qualifiers of one slice; words that disagree leave no more than ``about``."""
    said = set(found) - {EXACT}
    if not said:
        return EXACT
    if len(said) == 1:
        return said.pop()
    if THRESHOLD in said and said <= {THRESHOLD, MORE_THAN, AT_LEAST}:
        return THRESHOLD
    if said == {MORE_THAN, AT_LEAST}:
        return AT_LEAST
    return LESS_THAN if said == {NEARLY, LESS_THAN} else ABOUT


def _check_one_number(piece: Slice, end: int) -> None:
    if range_at := _RANGE.search(piece.text, end):
        raise piece.fail("a range is not one quantity", range_at.start(), "mark each end on its own")


def _check_ordinal(piece: Slice, number: Number, start: int) -> None:
    is_whole = number.value == number.value.to_integral_value()
    if not is_whole or number.value < 1 or number.sign or number.surplus:
        raise piece.fail("an ordinal is a whole number from 1", start, "mark it as 第36位 or 第三")
