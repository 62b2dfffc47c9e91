"""The left-to-right reader of one amount: figures, Han numerals, scale words; no signs, ratios or units."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from zonegraph.values._slice import Slice

#: Numerals after folding to simplified characters.
DIGITS: Final[dict[str, int]] = {
    character: value
    for value, characters in enumerate(
        ("零〇○", "一壹", "二两贰", "三叁参", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for character in characters
}
_SMALL: Final = {"十": 1, "拾": 1, "百": 2, "佰": 2, "千": 3, "仟": 3}
_MYRIAD: Final = {"万": 4, "亿": 8, "兆": 12}
_TENS: Final = {"廿": 20, "卅": 30, "卌": 40}
_FIGURE: Final = re.compile(r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?", re.ASCII)
_HAN_RUN: Final = re.compile(f"[{''.join(DIGITS)}]+")
# 千米, 千瓦, 兆瓦 are units of their own, and so is 百分点: their first character is no numeral
UNIT_START: Final = re.compile("[千兆][米克瓦伏卡帕赫字比]|百分")
LONGEST: Final = 64
NUMBER_HINT = "write one number, such as 1134亿, 五千九百 or 72%"


@dataclass(frozen=True, slots=True)
class Number:
    """One number: ``value == Decimal(stated) * 10**scale``, exactly, unless it is a non-terminating fraction.

    ``stated`` is the figure as printed without its scale words (``"434.44"``), ``scale`` their power of ten
    (8 for 亿). ``sign`` is ``%``, ``‰``, ``‱`` or empty. ``surplus`` is ``more`` (余, 多, 几), ``about`` (来) or
    empty. A fraction (三分之一) has ``numerator`` and ``denominator``; its value is rounded to 18 decimals.
    """

    stated: str
    scale: int
    value: Decimal
    sign: str = ""
    surplus: str = ""
    numerator: int | None = None
    denominator: int | None = None

    def negated(self) -> Number:
        """Give the number with the opposite sign."""
        numerator = None if self.numerator is None else -self.numerator
        return replace(self, stated=f"-{self.stated}", value=plain(self.value.copy_negate()), numerator=numerator)


def plain(value: Decimal) -> Decimal:
    """Strip fractional zeros without leaving exponents: 1.20 is 1.2, and 100 stays 100."""
    if not value:
        return Decimal(0)
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    figures = list(digits)
    while exponent < 0 and figures[-1] == 0:
        figures.pop()
        exponent += 1
    return Decimal((sign, tuple(figures) + (0,) * max(exponent, 0), min(exponent, 0)))


def _shifted(whole: int, power: int) -> Decimal:
    """Give ``whole * 10**power`` exactly, whatever the precision of the context."""
    return plain(Decimal((0, tuple(int(figure) for figure in str(whole)), power)))


@dataclass(slots=True)
class AmountReader:
    """One left-to-right reading: closed 万/亿/兆 parts, the open section below them, the pending coefficient.

    All is counted in units of ``10**-decimals``, so that everything stays an integer.
    """

    piece: Slice
    index: int
    parts: list[tuple[int, int]] = field(default_factory=list)
    section: int = 0
    small: int = 4
    pending: int | None = None
    pending_is_ascii: bool = False
    last_power: int = 0
    trailing: int = 0
    zero: bool = False
    decimals: int = 0
    printed: str | None = None
    figures: int = 0
    surplus: str = ""
    start: int = field(init=False)

    def __post_init__(self) -> None:
        self.start = self.index

    def read(self) -> tuple[Number, int]:
        while self._step():
            if self.index - self.start > LONGEST:
                raise self._fail("the number is too long", self.start, "mark only the number")
        self._check_read()
        whole = self._close()
        value = _shifted(whole, -self.decimals)
        stated = self.printed if self._is_printed() else f"{_shifted(whole, -self.decimals - self.trailing):f}"
        assert stated is not None
        return Number(stated, self.trailing, value, surplus=self.surplus), self.index

    def _step(self) -> bool:
        """Take one token; false at the end of the number."""
        character = self.piece.text[self.index : self.index + 1]
        if not character or (self._has_read() and UNIT_START.match(self.piece.text, self.index)):
            return False
        if character in _MYRIAD:
            return self._take_myriad(_MYRIAD[character])
        if self.surplus:
            return False
        if character in "0123456789":
            return self._take_figure()
        if character in DIGITS:
            return self._take_han()
        return self._take_other(character)

    def _take_other(self, character: str) -> bool:
        if character in _SMALL:
            return self._take_small(_SMALL[character])
        if character in _TENS:
            return self._take_tens(_TENS[character])
        if character == "点":
            return self._take_point()
        return self._take_surplus(character)

    def _take_figure(self) -> bool:
        match = _FIGURE.match(self.piece.text, self.index)
        if match is None or self.pending is not None or self.decimals:
            return False
        # measured before int(): long figures are costly, and refused by Python itself
        if match.end() - self.index > LONGEST:
            raise self._fail("the number is too long", self.index, "mark only the number")
        head, _, tail = match.group().partition(".")
        groups = head.split(",")
        if len(groups) > 1 and len(groups[0]) > 3:
            raise self._fail("misplaced thousands separator", self.index, "write 1,234 or 1234")
        if tail and self._has_read():
            raise self._fail("a decimal inside a composed number", self.index, "write one decimal, such as 1.2亿")
        self._set_pending("".join(groups), tail, is_ascii=True)
        self.index = match.end()
        return True

    def _set_pending(self, head: str, tail: str, *, is_ascii: bool) -> None:
        self.pending = int(head + tail)
        self.pending_is_ascii = is_ascii
        self.decimals = len(tail)
        self.printed = f"{head}.{tail}" if tail else head
        self.figures += 1
        self.trailing = 0

    def _take_han(self) -> bool:
        match = _HAN_RUN.match(self.piece.text, self.index)
        if match is None or self.pending is not None or self.decimals:
            return False
        run = match.group()
        if len(run) > LONGEST:
            raise self._fail("the number is too long", self.index, "mark only the number")
        digits = "".join(str(DIGITS[character]) for character in run)
        if self._has_read():
            self._take_after_unit(digits)
        else:
            self._check_pair(digits)
            self._set_pending(digits, "", is_ascii=False)
        self.index = match.end()
        return True

    def _take_after_unit(self, digits: str) -> None:
        """零五 after a unit: the zero says that a power is left out; at most one digit may follow."""
        significant = digits.lstrip("0")
        self.zero = len(significant) < len(digits)
        if len(significant) > 1:
            raise self._fail("two digits where one is expected", self.index, NUMBER_HINT)
        if significant:
            self._set_pending(significant, "", is_ascii=False)

    def _check_pair(self, digits: str) -> None:
        """七八 and 三五 name a range, not 78 or 35."""
        if len(digits) == 2 and digits[0] != "0" and (int(digits[1]) - int(digits[0]) == 1 or digits == "35"):
            raise self._fail("two numerals side by side name a range", self.index, "mark one number")

    def _take_small(self, power: int) -> bool:
        coefficient = 1 if self.pending is None else self.pending
        if power >= self.small or (self.pending is None and self.section and power != 1):
            return False
        if coefficient > 9 and not self.pending_is_ascii:
            raise self._fail("several digits before one unit", self.index, NUMBER_HINT)
        self.trailing = power if self.pending is not None and self.pending_is_ascii else 0
        self._close_small(coefficient * 10**power, power)
        self.index += 1
        return True

    def _take_tens(self, value: int) -> bool:
        if self.pending is not None or self.small <= 1:
            return False
        self.trailing = 0
        self._close_small(value, 1)
        self.index += 1
        return True

    def _close_small(self, value: int, power: int) -> None:
        if self.section and value >= 10**self.small * 10**self.decimals:
            raise self._fail("a part is larger than the one before it", self.index, NUMBER_HINT)
        self.section += value
        self.small = self.last_power = power
        self.pending = None
        self.zero = False

    def _take_point(self) -> bool:
        match = _HAN_RUN.match(self.piece.text, self.index + 1)
        if match is None or self.decimals or self.pending_is_ascii or not self._has_read():
            return False
        if len(match.group()) > LONGEST:
            raise self._fail("the number is too long", self.index, "mark only the number")
        whole = self._close()
        tail = "".join(str(DIGITS[character]) for character in match.group())
        self.parts, self.section, self.last_power, self.figures = [], 0, 0, 0
        self._set_pending(str(whole), tail, is_ascii=False)
        self.small = 0  # only 万, 亿, 兆 may follow
        self.index = match.end()
        return True

    def _take_myriad(self, power: int) -> bool:
        content = self._open_content()
        below = 0
        height = power
        while self.parts and self.parts[-1][1] < power:
            value, lower = self.parts.pop()
            below += value
            height = max(height, power + lower)
        if not content and not below:
            if self.parts or (self.pending is not None):
                raise self._fail("scale words in an order that has no reading", self.index, NUMBER_HINT)
            content = 1
        self._push((content + below) * 10**power, height)
        self.trailing = (self.trailing if self.pending is None else 0) + power
        self.section, self.small, self.pending, self.last_power, self.zero = 0, 4, None, power, False
        self.index += 1
        return True

    def _push(self, value: int, height: int) -> None:
        if self.parts and value >= 10 ** (self.parts[-1][1] + self.decimals):
            raise self._fail("a part is larger than the one before it", self.index, NUMBER_HINT)
        self.parts.append((value, height))

    def _open_content(self) -> int:
        """Sum the open section and its pending digit, 两千三万 being 23000000."""
        if self.pending is None:
            return self.section
        return self.section + self._pending_value()

    def _pending_value(self) -> int:
        """一万二 is 12000: a single last digit counts in the next lower power, unless a zero stands before it."""
        assert self.pending is not None
        if not self.last_power:
            return self.pending
        if self.pending >= 10**self.last_power:
            raise self._fail("a part is larger than the one before it", self.index, NUMBER_HINT)
        colloquial = self.pending <= 9 and not self.zero
        return self.pending * 10 ** (self.last_power - 1) if colloquial else self.pending

    def _take_surplus(self, character: str) -> bool:
        if not self._has_read() or self.zero:
            return False
        if character in {"余", "馀", "多", "几"}:
            self.surplus = "more"
        elif character == "来" and self.section and self.pending is None and not self.parts:
            self.surplus = "about"
        else:
            return False
        self.index += 1
        return True

    def _close(self) -> int:
        if self.zero and self.pending is None:
            raise self._fail("the number ends in the middle", self.index, NUMBER_HINT)
        rest = self._open_content()
        if self.last_power and self.pending is not None:
            self.trailing = 0
        return sum(value for value, _ in self.parts) + rest

    def _is_printed(self) -> bool:
        """Whether the number is one figure and scale words, so that its figure stands in the text."""
        return self.figures == 1 and self.printed is not None and self._only_scaled()

    def _only_scaled(self) -> bool:
        first = self.piece.text[self.start]
        return first in "0123456789" or self.last_power == 0 or self.decimals > 0

    def _has_read(self) -> bool:
        return self.pending is not None or bool(self.section) or bool(self.parts)

    def _check_read(self) -> None:
        if not self._has_read():
            raise self._fail("there is no number here", self.start, NUMBER_HINT)

    def _fail(self, message: str, index: int, hint: str) -> Exception:
        return self.piece.fail(message, index, hint)
