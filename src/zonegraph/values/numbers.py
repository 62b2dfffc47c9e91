"""Exact reading of numbers as Chinese texts write them: 434.44亿, 五千九百餘, 千億, 百分之七十二, 三分之一.

Digits, Han numerals (both scripts, everyday and formal) and mixtures are read into exact decimals; white space
and line breaks inside a number do not matter. Nothing is guessed: 数十 and 七八 are errors, not numbers.
One pass, left to right: linear in the length of the text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Final

from zonegraph.values._amount import DIGITS, LONGEST, NUMBER_HINT, UNIT_START, AmountReader, Number, plain
from zonegraph.values._slice import Slice

_RATIO: Final = re.compile("([百千万])分之")
_RATIO_SIGN: Final = {"百": "%", "千": "‰", "万": "‱"}
_SIGN: Final = re.compile("[-−+负]")
_TENTHS_END: Final = re.compile("成(?:$|[以左上多余的、，。])")
_RUNS_ON: Final = re.compile("[0-9]|[.,][0-9]|[零〇一二三四五六七八九十百千万亿兆]")
# the engines hold xsd:decimal with 18 fractional digits; one third is rounded there and kept as 1 and 3
_FRACTION_DIGITS: Final = Decimal(1).scaleb(-18)


def read_number(text: str) -> Number:
    """Read *text*, all of it, as one number.

    Raises ValueFormatError, with the offset into *text*, when it is none.
    """
    piece = Slice.from_text(text)
    number, end = scan_number(piece, 0)
    if end < len(piece.text):
        raise piece.fail("there is more than a number here", end, NUMBER_HINT)
    return number


def read_integer(text: str) -> int:
    """Read *text* as a whole number. Raises ValueFormatError when it is none."""
    number = read_number(text)
    if number.value != number.value.to_integral_value():
        raise Slice.from_text(text).fail("this is not a whole number", 0, "mark a whole number")
    return int(number.value)


def scan_number(piece: Slice, start: int) -> tuple[Number, int]:
    """Read the number that begins at *start*; give it and the position after it."""
    sign = _SIGN.match(piece.text, start)
    number, end = _scan_unsigned(piece, sign.end() if sign else start)
    if _RUNS_ON.match(piece.text, end) and not UNIT_START.match(piece.text, end):
        raise piece.fail("the number runs on in a way that has no single reading", end, NUMBER_HINT)
    return (number.negated() if sign and sign.group() != "+" else number), end


def _scan_unsigned(piece: Slice, start: int) -> tuple[Number, int]:
    text = piece.text
    ratio = _RATIO.match(text, start)
    if ratio:
        number, end = AmountReader(piece, ratio.end()).read()
        return replace(number, sign=_RATIO_SIGN[ratio.group(1)]), end
    half = next((word for word in ("一半", "半") if text.startswith(word, start)), None)
    if half:
        return Number("0.5", 0, Decimal("0.5")), start + len(half)
    number, end = AmountReader(piece, start).read()
    if text.startswith("分之", end):
        return _scan_fraction(piece, number, end)
    if text[end : end + 1] in {"%", "‰", "‱"}:
        return replace(number, sign=text[end]), end + 1
    return _scan_tenths(text, number, end)


def _scan_fraction(piece: Slice, below: Number, end: int) -> tuple[Number, int]:
    above, stop = AmountReader(piece, end + 2).read()
    if below.value != below.value.to_integral_value() or above.value != above.value.to_integral_value():
        raise piece.fail("a fraction has whole numbers above and below", end, "write it as 三分之一 or 2/3")
    if not below.value:
        raise piece.fail("a fraction divides by zero", end, "mark a fraction that has a value")
    with localcontext() as context:
        context.prec = 2 * LONGEST + 50
        value = (above.value / below.value).quantize(_FRACTION_DIGITS)
    value = plain(value)
    fraction = Number(f"{value:f}", 0, value, "", above.surplus, int(above.value), int(below.value))
    return fraction, stop


def _scan_tenths(text: str, number: Number, end: int) -> tuple[Number, int]:
    """两成 is 20 %, 三成五 is 35 %; any other 成 belongs to the words after the number."""
    if number.scale or not 0 < number.value <= 10:
        return number, end
    digit = DIGITS.get(text[end + 1 : end + 2])
    if text[end : end + 1] == "成" and digit:
        value = number.value * 10 + digit
        return replace(number, stated=f"{number.stated}.{digit}", scale=1, value=value, sign="%"), end + 2
    if _TENTHS_END.match(text, end):
        return replace(number, scale=1, value=number.value * 10, sign="%"), end + 1
    return number, end
