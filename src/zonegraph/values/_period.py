"""One period of a Chinese date expression: a year, half, quarter, month, day, decade or century."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from typing import Final

from zonegraph.errors import ValueFormatError
from zonegraph.values._amount import DIGITS
from zonegraph.values.numbers import read_integer

_NUM: Final = "(?:[0-9]{1,2}|[一二三四五六七八九十廿卅]{1,4})"
_YEAR: Final = (
    "(?:(?P<year>[0-9]{4}|[〇○零一二三四五六七八九]{4})年|(?P<rel>今年|本年|去年|上年|明年|来年|前年|后年)度?)"
)
_MONTH: Final = f"(?:(?P<month>{_NUM})月份?|(?P<relmonth>本月|上个?月|下个?月)份?)"
_IN_MONTH: Final = f"(?:(?P<day>{_NUM})[日号]|(?P<part>初|底|末|中旬|上旬|下旬))"
_IN_YEAR: Final = (
    "(?P<half>[上下]半年)|(?:第?(?P<quarter>[一二三四1-4首])|(?P<quarters>前[二两三23])个?)季度"
    "|年?(?P<edge>初|底|末|中)"
)
_CALENDAR: Final = re.compile(f"{_YEAR}?度?(?:{_IN_YEAR}|{_MONTH}{_IN_MONTH}?|(?P<lone>{_NUM})[日号])?", re.ASCII)
_AGE: Final = re.compile(
    f"(?:(?P<cent>{_NUM})世纪|(?P<rel>上个?世纪|本世纪))?"
    "(?:(?P<dec>(?:[0-9]{2})?[0-9]0|[一二三四五六七八九]十)年代)?(?P<edge>初期?|末期?|中期?|前期|后期|中后期)?",
    re.ASCII,
)
_RELATIVE_YEAR: Final = {"今": 0, "本": 0, "去": -1, "上": -1, "明": 1, "来": 1, "前": -2, "后": 2}
_RELATIVE_MONTH: Final = {"本": 0, "上": -1, "下": 1}
_DAYS: Final = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31)}
_QUARTERS: Final = {"首": 1, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4}
_NO_ANCHOR: Final = "give the document its issue date (issued), or the mention its value as EDTF"


@dataclass(frozen=True, slots=True)
class Period:
    """A period as EDTF points; ``start`` and ``end`` are equal unless it is a run of months or days."""

    start: str
    end: str
    deictic: bool

    @property
    def edtf(self) -> str:
        """The EDTF of the whole."""
        return self.start if self.start == self.end else f"{self.start}/{self.end}"


@dataclass(frozen=True, slots=True)
class Scope:
    """What surrounds a period: the issue date as one EDTF point, 截至 before it, the left half of its range."""

    now: str | None = None
    closing: bool = False
    context: Period | None = None

    def issued(self) -> str:
        """Give the issue date. Raises ValueFormatError when there is none."""
        if self.now is None:
            raise ValueFormatError(
                "this date rests on the issue date of the document, which is not given", hint=_NO_ANCHOR
            )
        return self.now


def read_period(text: str, scope: Scope) -> Period | None:
    """Read one period, or ``None`` when *text* has not its form.

    With ``closing`` the end of a period (月底) is its whole; ``context`` lends its year and month to the second
    half of a range. Raises ValueFormatError without an offset.
    """
    age = _AGE.fullmatch(text)
    if age and (age["cent"] or age["rel"] or age["dec"]):
        return _read_age(age, scope)
    match = _CALENDAR.fullmatch(text)
    if not match or not any(match.groups()) or _is_bare(match, text):
        return None
    year, deictic = _year(match, scope)
    if match["month"] or match["relmonth"] or match["lone"]:
        return Period(*_read_month(match, year, scope), deictic)
    return Period(*_read_in_year(match, year_of(year), scope), deictic)


def completed(left: str, right: str) -> str:
    """Give the left half of a range the unit that only the right one writes: 1-8月, 5至8日, 2010-2018年."""
    unit = right[-1:]
    return left + unit if left[-1:].isnumeric() and unit in {"年", "月", "日", "号"} else left


def year_of(year: int) -> str:
    """Write a year in four digits. Raises ValueFormatError outside 0001 to 9999."""
    if not 1 <= year <= 9999:
        raise ValueFormatError("the year is outside 0001 to 9999", hint="mark a year of the calendar")
    return f"{year:04d}"


def anchor_year(now: str) -> int:
    """Give the year of an issue date. Raises ValueFormatError when it has none (201X)."""
    if not now[:4].isdecimal():
        raise ValueFormatError("the issue date of the document has no year", hint=_NO_ANCHOR)
    return int(now[:4])


def _is_bare(match: re.Match[str], text: str) -> bool:
    """初 or 中 alone is no date; 年初 and 今年初 are."""
    return bool(match["edge"]) and not (match["year"] or match["rel"] or text.startswith("年"))


def _year(match: re.Match[str], scope: Scope) -> tuple[int, bool]:
    if match["year"]:
        return int("".join(str(DIGITS.get(figure, figure)) for figure in match["year"])), False
    lender = scope.context
    if lender and not match["rel"] and not match["relmonth"] and lender.start[:4].isdecimal():
        return int(lender.start[:4]), lender.deictic
    year = anchor_year(scope.issued())
    return year + (_RELATIVE_YEAR[match["rel"][0]] if match["rel"] else 0), True


def _read_month(match: re.Match[str], year: int, scope: Scope) -> tuple[str, str]:
    if match["lone"]:
        month = _lent_month(scope.context)
    elif match["relmonth"]:
        year, month = _relative_month(match["relmonth"], scope.issued())
    else:
        month = read_integer(match["month"])
    if not 1 <= month <= 12:
        raise ValueFormatError("there is no such month", hint="a year has the months 1 to 12")
    head = f"{year_of(year)}-{month:02d}"
    day = match["day"] or match["lone"]
    if day:
        return _twice(f"{head}-{read_integer(day):02d}")
    return _read_part(match["part"], head, calendar.monthrange(year, month)[1], closing=scope.closing)


def _read_part(part: str | None, head: str, last: int, *, closing: bool) -> tuple[str, str]:
    if part is None or (closing and part in {"底", "末"}):
        return _twice(head)
    if part in _DAYS:
        first, final = _DAYS[part]
        return f"{head}-{first:02d}", f"{head}-{min(final, last):02d}"
    return _twice(f"{head}-01~" if part == "初" else f"{head}-{last:02d}~")


def _lent_month(context: Period | None) -> int:
    if context is None or not re.fullmatch("[0-9]{2}", context.start[5:7]):
        raise ValueFormatError("a day without its month", hint="mark the month too, or give the value as EDTF")
    return int(context.start[5:7])


def _relative_month(word: str, now: str) -> tuple[int, int]:
    if not re.fullmatch("[0-9]{4}-(?:0[1-9]|1[0-2])", now[:7]):
        raise ValueFormatError("the issue date of the document has no month", hint=_NO_ANCHOR)
    months = anchor_year(now) * 12 + int(now[5:7]) - 1 + _RELATIVE_MONTH[word[0]]
    return months // 12, months % 12 + 1


def _read_in_year(match: re.Match[str], year: str, scope: Scope) -> tuple[str, str]:
    if match["half"]:
        first, last = (1, 6) if match["half"].startswith("上") else (7, 12)
    elif match["quarter"]:
        last = 3 * _quarter(match["quarter"])
        first = last - 2
    elif match["quarters"]:
        first, last = 1, 3 * _quarter(match["quarters"][-1])
    else:
        return _twice(_edge_of_year(match["edge"], year, closing=scope.closing))
    return f"{year}-{first:02d}", f"{year}-{last:02d}"


def _quarter(word: str) -> int:
    return _QUARTERS.get(word) or int(word)


def _edge_of_year(edge: str | None, year: str, *, closing: bool) -> str:
    if edge is None or (closing and edge in {"底", "末"}):
        return year
    month = {"初": "01", "中": "06"}.get(edge, "12")
    return f"{year}-{month}~"


def _read_age(match: re.Match[str], scope: Scope) -> Period:
    decade = read_integer(match["dec"]) if match["dec"] else None
    if decade is not None and decade >= 100:  # 1990年代 names its century itself
        if match["cent"] or match["rel"]:
            raise ValueFormatError("a decade with two centuries", hint="write 1990年代 or 20世纪90年代")
        (century, decade), deictic = divmod(decade, 100), False
    else:
        century, deictic = _century(match, decade, scope)
    if not 0 <= century <= 99:
        raise ValueFormatError("there is no such century", hint="write 19世纪, 20世纪 or 21世纪")
    core = f"{century:02d}" + ("XX" if decade is None else f"{decade // 10}X")
    return Period(*_twice(core + ("~" if match["edge"] else "")), deictic)


def _century(match: re.Match[str], decade: int | None, scope: Scope) -> tuple[int, bool]:
    if match["cent"]:
        return read_integer(match["cent"]) - 1, False
    century, tens = divmod(anchor_year(scope.issued()), 100)
    if match["rel"]:
        return century - (1 if match["rel"].startswith("上") else 0), True
    # 90年代 without its century: the last one that had begun when the document was issued
    return century - (1 if (decade or 0) > tens else 0), True


def _twice(edtf: str) -> tuple[str, str]:
    return edtf, edtf
