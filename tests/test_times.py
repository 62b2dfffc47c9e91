"""EDTF and Chinese dates."""

from __future__ import annotations

import calendar
from datetime import date

import pytest
from edtf import parse_edtf
from hypothesis import given
from hypothesis import strategies as st

from zonegraph.errors import ValueFormatError
from zonegraph.values import TimeValue, contains, latest_of, overlaps, read_chinese_date, read_edtf, to_simplified

EDTF = [
    ("2011", "2011-01-01", "2011-12-31", "year"),
    ("2011-01", "2011-01-01", "2011-01-31", "month"),
    ("2011-01-02", "2011-01-02", "2011-01-02", "day"),
    ("2012-02", "2012-02-01", "2012-02-29", "month"),
    ("0001", "0001-01-01", "0001-12-31", "year"),
    ("9999-12-31", "9999-12-31", "9999-12-31", "day"),
    ("2018-12~", "2018-12-01", "2018-12-31", "month"),
    ("2018?", "2018-01-01", "2018-12-31", "year"),
    ("2018-12-03%", "2018-12-03", "2018-12-03", "day"),
    ("199X", "1990-01-01", "1999-12-31", "decade"),
    ("199X~", "1990-01-01", "1999-12-31", "decade"),
    ("19XX", "1900-01-01", "1999-12-31", "century"),
    ("2018-XX", "2018-01-01", "2018-12-31", "year"),
    ("2018-12-XX", "2018-12-01", "2018-12-31", "month"),
    ("2018-33", "2018-01-01", "2018-03-31", "season"),
    ("2018-40~", "2018-01-01", "2018-06-30", "season"),
    ("2016/2020", "2016-01-01", "2020-12-31", "interval"),
    ("2018-09-30~/2018-10-31~", "2018-09-30", "2018-10-31", "interval"),
    ("199X/2018", "1990-01-01", "2018-12-31", "interval"),
    ("../2018-09", None, "2018-09-30", "interval"),
    ("2018-09/..", "2018-09-01", None, "interval"),
]


@pytest.mark.parametrize(("text", "earliest", "latest", "precision"), EDTF)
def test_edtf(text: str, earliest: str | None, latest: str | None, precision: str) -> None:
    value = read_edtf(text)
    assert value.edtf == text
    assert value.earliest == (earliest and date.fromisoformat(earliest))
    assert value.latest == (latest and date.fromisoformat(latest))
    assert value.precision == precision


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0),
        ("/2018", 0),
        ("2018/", 5),
        ("/", 0),
        ("../..", 0),
        ("2020/2016", 5),
        ("2018/2019/2020", 9),
        ("2011-02-30", 0),
        ("2011-13", 0),
        ("2018/2011-02-30", 5),
        ("0000", 0),
        ("00XX", 0),
        ("000X", 0),
        ("2011-1-2", 0),
        (" 2011", 0),
        ("2011\n", 0),
        ("２０１１", 0),
        ("20XX-12", 0),
        ("XXXX", 0),
        ("[2018,2019]", 0),
        ("-0100", 0),
        ("Y12345", 0),
        ("unknown/2018", 0),
        ("2011" * 30_000, 0),
    ],
)
def test_refuses_edtf_with_the_offset(text: str, offset: int) -> None:
    with pytest.raises(ValueFormatError) as caught:
        read_edtf(text)
    assert caught.value.where.offset == offset
    assert caught.value.hint


DAYS = st.dates(min_value=date(1, 1, 1))


@given(DAYS, st.sampled_from([4, 7, 10]), st.sampled_from(["", "~", "?", "%"]))
def test_plain_dates_agree_with_the_library(day: date, width: int, mark: str) -> None:
    text = day.isoformat()[:width] + mark
    value, oracle = read_edtf(text), parse_edtf(text)
    assert value.earliest == date(*oracle.lower_strict()[:3])
    assert value.latest == date(*oracle.upper_strict()[:3])


@given(DAYS, DAYS)
def test_first_day_is_never_after_the_last(one: date, other: date) -> None:
    low, high = sorted((one, other))
    value = read_edtf(f"{low}/{high}")
    assert value.span == (low, high)
    if low < high:
        with pytest.raises(ValueFormatError, match="before it begins"):
            read_edtf(f"{high}/{low}")


@given(st.one_of(st.text(), st.text(alphabet="0123456789X-/.~?%[]{}YSE", max_size=24)))
def test_any_text_is_edtf_or_a_value_error(text: str) -> None:
    try:
        value = read_edtf(text)
    except ValueFormatError:
        return
    assert value.span[0] <= value.span[1]
    assert read_edtf(value.edtf) == value


PLAIN = [
    ("2011年1月2日", "2011-01-02"),
    ("2011 年 1 月\n2 日", "2011-01-02"),
    ("2019年 10月 8日", "2019-10-08"),
    ("2011年1月", "2011-01"),
    ("1961年", "1961"),
    ("1\n961年", "1961"),
    ("二〇一一年", "2011"),
    ("二零一八年十二月三日", "2018-12-03"),
    ("二〇一八年十二月三十一日", "2018-12-31"),
    ("2017年度", "2017"),
    ("2016-2020", "2016/2020"),
    ("2016—2020年", "2016/2020"),
    ("2010年至2018年", "2010/2018"),
    ("從2010年起", "2010/.."),
    ("2010年以后", "2010/.."),
    ("2011年前", "../2011"),
    ("2019年9月至10月", "2019-09/2019-10"),
    ("截至2018年9月", "../2018-09"),
    ("截至 2022 年 6 月底", "../2022-06"),
    ("截止到2018年底", "../2018"),
    ("2018年底", "2018-12~"),
    ("2018年年初", "2018-01~"),
    ("2018年上半年", "2018-01/2018-06"),
    ("2018年第三季度", "2018-07/2018-09"),
    ("2018年首季度", "2018-01/2018-03"),
    ("2018年前三季度", "2018-01/2018-09"),
    ("2018年2月下旬", "2018-02-21/2018-02-28"),
    ("二十世紀九十年代", "199X"),
    ("20世纪90年代末", "199X~"),
    ("1990年代", "199X"),
    ("20世纪", "19XX"),
    ("2018-09", "2018-09"),
]


@pytest.mark.parametrize(("text", "edtf"), PLAIN)
def test_dates_that_stand_alone(text: str, edtf: str) -> None:
    assert read_chinese_date(text, None) == (read_edtf(edtf), False)
    assert read_chinese_date(text, read_edtf("2022-07-16")) == (read_edtf(edtf), False)


DEICTIC = [
    ("2018-12~", "今年", "2018"),
    ("2018-12~", "去年", "2017"),
    ("2018-12~", "明年", "2019"),
    ("2018-12~", "今年以來", "2018-01/2018-12~"),
    ("2018-12~", "今年2月", "2018-02"),
    ("2018-12~", "今年4月28日", "2018-04-28"),
    ("2018-12~", "8月", "2018-08"),
    ("2018-12~", "8月底", "2018-08-31~"),
    ("2018-12~", "12月3日", "2018-12-03"),
    ("2018-12~", "目前", "2018-12~"),
    ("2018-12~", "如今", "2018-12~"),
    ("2018-12~", "截至目前", "../2018-12~"),
    ("2018-12~", "今年上半年", "2018-01/2018-06"),
    ("2018-12~", "上半年", "2018-01/2018-06"),
    ("2018-12~", "今年9月底至10月底", "2018-09-30~/2018-10-31~"),
    ("2018-12~", "今\n年9月底至10月底", "2018-09-30~/2018-10-31~"),
    ("2018-12~", "今年1-8月", "2018-01/2018-08"),
    ("2018-12~", "5月1日至3日", "2018-05-01/2018-05-03"),
    ("2018-12~", "上世紀九十年代末", "199X~"),
    ("2018-12~", "90年代", "199X"),
    ("2018-12~", "40多年前", "../1978"),
    ("2018-12~", "过去40年", "1978/2018-12~"),
    ("2018-12~", "上月", "2018-11"),
    ("2019-01", "上个月", "2018-12"),
    ("2019-09~", "27年前", "1992"),
    ("2019-09~", "约30年前", "1989~"),
    ("2019-09~", "截至今年8月底", "../2019-08"),
    ("2019-09~", "截至今年8月", "../2019-08"),
    ("2020~", "2019年以来", "2019/2020~"),
    ("2020~", "今年以来", "2020~"),
    ("2022-07-16", "今年以来", "2022-01/2022-07-16"),
    ("2022-07-16", "7 月 12 日", "2022-07-12"),
    ("2022-07-16", "1994年至今", "1994/2022-07-16"),
    ("2018-12-03/..", "今年", "2018"),
    ("2019-09/2019-12", "截至目前", "../2019-12"),
]


@pytest.mark.parametrize(("anchor", "text", "edtf"), DEICTIC)
def test_dates_that_rest_on_the_issue_date(anchor: str, text: str, edtf: str) -> None:
    assert read_chinese_date(text, read_edtf(anchor)) == (read_edtf(edtf), True)


@pytest.mark.parametrize("text", ["今年", "8月底", "截至目前", "目前", "27年前", "今年以来5月", "上世纪", "90年代"])
def test_deictic_dates_need_an_anchor(text: str) -> None:
    with pytest.raises(ValueFormatError) as caught:
        read_chinese_date(text, None)
    assert caught.value.hint


def test_an_anchor_may_have_no_year_or_no_month() -> None:
    with pytest.raises(ValueFormatError, match="no year"):
        read_chinese_date("今年", read_edtf("201X"))
    with pytest.raises(ValueFormatError, match="no month"):
        read_chinese_date("上月", read_edtf("2018"))
    with pytest.raises(ValueFormatError, match="0001 to 9999"):
        read_chinese_date("5000年前", read_edtf("2018"))


@pytest.mark.parametrize(
    "text",
    ["", "2011年2月30日", "2011年13月", "0000年", "98年", "初", "近年来", "多年来", "2018年至2011年", "元", "3日至5日",
     "截至", "至", "2018年9月至", "1990年代至"],
)  # fmt: skip
def test_refuses_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueFormatError) as caught:
        read_chinese_date(text, read_edtf("2018-12~"))
    assert caught.value.where.offset is not None
    assert caught.value.hint


@given(DAYS)
def test_any_day_round_trips(day: date) -> None:
    text = f"{day.year:04d}年{day.month}月{day.day}日"
    assert read_chinese_date(text, None)[0] == read_edtf(day.isoformat())
    until = read_chinese_date(f"截至{day.year:04d}年{day.month}月", None)[0]
    assert until.latest == date(day.year, day.month, calendar.monthrange(day.year, day.month)[1])


@given(st.sampled_from(PLAIN), st.data())
def test_white_space_and_script_do_not_matter(row: tuple[str, str], data: st.DataObject) -> None:
    gaps = st.sampled_from(["", " ", "\n", "\u3000"])
    text = "".join(character + data.draw(gaps) for character in row[0])
    assert read_chinese_date(text, None)[0].edtf == row[1]
    assert read_chinese_date(to_simplified(text), None)[0].edtf == row[1]


WORDS = "今去明年月日底初末以来前后截至到目世纪代上下半旬季度近0123456789一二九十-/~自从约多 \n"


@given(
    st.one_of(st.text(), st.text(alphabet=WORDS, max_size=16)),
    st.sampled_from([None, "2018-12~", "201X", "0001", "9999-12", "2018-09/..", "../2018", "2018-33"]),
)
def test_any_text_is_a_date_or_a_value_error(text: str, anchor: str | None) -> None:
    value = _try(text, read_edtf(anchor) if anchor else None)
    if isinstance(value, ValueFormatError):
        assert 0 <= (value.where.offset or 0) <= len(text)
    else:
        assert read_edtf(value.edtf) == value


def _try(text: str, anchor: TimeValue | None) -> TimeValue | ValueFormatError:
    try:
        return read_chinese_date(text, anchor)[0]
    except ValueFormatError as error:
        return error


@pytest.mark.parametrize("character", ["今", "年", "至", "1", "截至", " ", "一"])
def test_long_input_is_refused_at_once(character: str) -> None:
    with pytest.raises(ValueFormatError):
        read_chinese_date(character * 100_000, None)


def _value(text: str) -> TimeValue:
    return read_edtf(text)


def test_comparisons() -> None:
    assert contains(_value("2011"), _value("2011-01-02"))
    assert contains(_value("../2018-09"), _value("../2017"))
    assert not contains(_value("2011-01"), _value("2011"))
    assert not contains(_value("2018"), _value("2018/.."))
    assert overlaps(_value("2011-01"), _value("2010-06/2011-01-01"))
    assert not overlaps(_value("2010"), _value("2011"))
    assert latest_of(_value("2010"), _value("2018-09"), _value("2011")).edtf == "2018-09"
    assert latest_of(_value("2018/.."), _value("2020")).edtf == "2018/.."


@given(DAYS, DAYS, DAYS, DAYS)
def test_containing_implies_overlapping(a: date, b: date, c: date, d: date) -> None:
    outer, inner = _value(f"{min(a, b)}/{max(a, b)}"), _value(f"{min(c, d)}/{max(c, d)}")
    assert overlaps(outer, inner) == overlaps(inner, outer)
    if contains(outer, inner):
        assert overlaps(outer, inner)
        assert latest_of(outer, inner).latest == outer.latest
