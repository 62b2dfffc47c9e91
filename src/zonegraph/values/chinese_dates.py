"""Reading of dates as Chinese texts write them, into EDTF.

What a reader can only know from the issue date of the document (今年, 8月底, 截至目前, 27年前) is *deictic*: it
needs that date as ``anchor`` and is reported as such. A month without a year is taken in the anchor's year.
The last days of a period (8月底) are its last day, approximately; 截至8月底 is the whole month, up to its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from zonegraph.errors import ValueFormatError
from zonegraph.values._period import Period, Scope, anchor_year, completed, read_period, year_of
from zonegraph.values._slice import Slice
from zonegraph.values.quantities import ABOUT, EXACT, LESS_THAN, MORE_THAN, read_quantity
from zonegraph.values.times import OPEN, TimeValue, read_edtf

_LONGEST: Final = 64
_HINT: Final = "mark one date, such as 2011年1月2日, 今年以来 or 截至2018年9月, or give its value as EDTF"

_NOW: Final = frozenset(("目前", "当前", "现在", "如今", "今天", "今日", "现今", "眼下", "当下", "此时"))
_UNTIL_NOW: Final = frozenset(("至今", "迄今", "迄今为止", "到目前为止"))
_UNTIL: Final = re.compile("截[至止](?:到|至)?|(?:到|至)(?=.+(?:为止|止)$)")
_RANGE: Final = re.compile("(.+?)(?:至|到|-{1,2}|[—–─]{1,2}|~)(.+)")
_SINCE: Final = re.compile("(?:自|从)?(.+?)(?:以来|至今)")
_FROM: Final = re.compile("(?:自|从)?(.+?)(?:起|开始|以后|之后|后)")
_BEFORE: Final = re.compile("(.+?)(?:以前|之前|前)")
_AGO: Final = re.compile("(.{1,12}?)年(多|余)?(?:以前|之前|前)")
_PAST: Final = re.compile("(?:过去|近|最近|这)(.{1,12}?)年(?:来|以来|间|里)?|(.{1,12}?)年来")
_ISO: Final = re.compile("[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?", re.ASCII)


def read_chinese_date(text: str, anchor: TimeValue | None = None) -> tuple[TimeValue, bool]:
    """Read *text* as a date or interval; say whether its meaning rests on *anchor*, the document's issue date.

    Raises ValueFormatError, with the offset into *text*, when it is no date, names a day that does not exist,
    or is deictic and there is no anchor with a year.
    """
    piece = Slice.from_text(text)
    if not 0 < len(piece.text) <= _LONGEST:
        raise piece.fail("this is not one date", 0, _HINT)
    reader = _Reader(piece, anchor)
    edtf, deictic = reader.read(piece.text)
    try:
        return read_edtf(edtf), deictic
    except ValueFormatError as error:
        raise piece.fail(error.message, 0, _HINT) from error


@dataclass(frozen=True, slots=True)
class _Reader:
    piece: Slice
    anchor: TimeValue | None

    def read(self, text: str) -> tuple[str, bool]:
        """Give the EDTF of the whole slice and whether it is deictic."""
        if _ISO.fullmatch(text):
            return text, False
        if text in _NOW:
            return self._now(), True
        if text in _UNTIL_NOW:
            return f"{OPEN}/{self._now()}", True
        until = _UNTIL.match(text)
        if until:
            return self._until(text[until.end() :])
        for pattern, method in ((_AGO, self._ago), (_PAST, self._past), (_SINCE, self._since)):
            match = pattern.fullmatch(text)
            if match and (found := method(match)):
                return found
        return self._period_or_interval(text)

    def _period_or_interval(self, text: str) -> tuple[str, bool]:
        period = self._period(text)
        if period:
            return period.edtf, period.deictic
        since, before = _FROM.fullmatch(text), _BEFORE.fullmatch(text)
        if since and (start := self._period(since.group(1))):
            return f"{start.start}/{OPEN}", start.deictic
        if before and (end := self._period(before.group(1))):
            return f"{OPEN}/{end.end}", end.deictic
        return self._range(text)

    def _until(self, rest: str) -> tuple[str, bool]:
        bare = re.sub("(?:为止|止)$", "", rest)
        if bare in _NOW:
            return f"{OPEN}/{self._now()}", True
        end = self._period(bare, closing=True)
        if end is None:
            raise self._no_date()
        return f"{OPEN}/{end.end}", end.deictic

    def _since(self, match: re.Match[str]) -> tuple[str, bool] | None:
        start = self._period(match.group(1))
        if start is None:
            return None
        if self.anchor is None:
            return f"{start.start}/{OPEN}", False
        begin, now = start.start, self._now()
        if start.deictic and len(begin) == 4 and len(now) > 5:
            begin += "-01"  # 今年以来 counts from January
        return (now if begin == now.rstrip("~?%") else f"{begin}/{now}"), True

    def _ago(self, match: re.Match[str]) -> tuple[str, bool] | None:
        years, qualifier = self._years(match.group(1) + (match.group(2) or ""))
        if years is None:
            return None
        year = self._year_before(years)
        if qualifier == MORE_THAN:
            return f"{OPEN}/{year}", True
        return (year if qualifier == EXACT else f"{year}~"), True

    def _past(self, match: re.Match[str]) -> tuple[str, bool] | None:
        years, qualifier = self._years(match.group(1) or match.group(2))
        if years is None:
            return None
        start = self._year_before(years)
        return f"{start}{'' if qualifier == EXACT else '~'}/{self._now()}", True

    def _years(self, text: str) -> tuple[int | None, str]:
        """Read the number of years in 27年前; nothing when it is a calendar year (2011年前) or no number."""
        if re.fullmatch("(?:约|近)?[12一二][0-9〇零一二三四五六七八九]{3}", text):
            return None, EXACT
        try:
            quantity = read_quantity(text)
        except ValueFormatError:
            return None, EXACT
        is_years = quantity.unit_text == "" and 1 <= quantity.value <= 9998
        if not is_years or quantity.value != int(quantity.value):
            return None, EXACT
        qualifier = ABOUT if quantity.qualifier == LESS_THAN else quantity.qualifier
        return int(quantity.value), qualifier

    def _range(self, text: str) -> tuple[str, bool]:
        match = _RANGE.fullmatch(re.sub("^(?:自|从)", "", text))
        if match is None:
            raise self._no_date()
        left, right = match.groups()
        if re.fullmatch("[0-9]{4}", left) and re.fullmatch("[0-9]{4}年?", right):
            return f"{left}/{right[:4]}", False
        start = self._period(completed(left, right))
        if start is None:
            raise self._no_date()
        if right in _NOW or right == "今":
            return f"{start.start}/{self._now()}", True
        end = self._period(right, context=start)
        if end is None:
            raise self._no_date()
        return f"{start.start}/{end.end}", start.deictic or end.deictic

    def _period(self, text: str, *, closing: bool = False, context: Period | None = None) -> Period | None:
        scope = Scope(self._now() if self.anchor else None, closing, context)
        try:
            return read_period(text, scope)
        except ValueFormatError as error:
            raise self.piece.fail(error.message, 0, error.hint) from error

    def _now(self) -> str:
        """Give the anchor as one point: the closed end of an interval, the later one when both are."""
        if self.anchor is None:
            raise self.piece.fail(
                "this date rests on the issue date of the document, which is not given",
                0,
                "give the document its issue date (issued), or the mention its value as EDTF",
            )
        start, _, end = self.anchor.edtf.rpartition("/")
        return start if end == OPEN else end

    def _year_before(self, years: int) -> str:
        try:
            return year_of(anchor_year(self._now()) - years)
        except ValueFormatError as error:
            raise self.piece.fail(error.message, 0, error.hint) from error

    def _no_date(self) -> ValueFormatError:
        return self.piece.fail("there is no date here that can be read", 0, _HINT)
