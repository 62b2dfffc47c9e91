"""Quantities: qualifier, number, unit words, bounds."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonegraph.errors import ValueFormatError
from zonegraph.values import Quantity, read_quantity, to_simplified
from zonegraph.values.quantities import QUALIFIERS

READ = [
    # text, value, unit, qualifier
    ("434.44亿元", "43444000000", "元", "exact"),
    ("1134亿元", "113400000000", "元", "exact"),
    ("1273.2 亿\n\n元", "127320000000", "元", "exact"),
    ("164.2\n6亿元", "16426000000", "元", "exact"),
    ("757.83\n億", "75783000000", "", "exact"),
    ("886万元", "8860000", "元", "exact"),
    ("45.76万人", "457600", "人", "exact"),
    ("約1.2万名", "12000", "名", "about"),
    ("约67平方公里", "67", "平方公里", "about"),
    ("大概3条", "3", "条", "about"),
    ("3000家左右", "3000", "家", "about"),
    ("十来年", "10", "年", "about"),
    ("9000餘家", "9000", "家", "more-than"),
    ("5900 余列", "5900", "列", "more-than"),
    ("1800餘列", "1800", "列", "more-than"),
    ("300 余亿元", "30000000000", "元", "more-than"),
    ("30多平方公里", "30", "平方公里", "more-than"),
    ("50餘個", "50", "個", "more-than"),
    ("200 多个", "200", "个", "more-than"),
    ("十餘個", "10", "個", "more-than"),
    ("5年多", "5", "年", "more-than"),
    ("超过721.4亿元", "72140000000", "元", "more-than"),
    ("超千亿元", "100000000000", "元", "more-than"),
    ("逾百家", "100", "家", "more-than"),
    ("突破千億元大關", "100000000000", "元", "more-than"),
    ("首次突破100億元", "10000000000", "元", "threshold"),
    ("首次突破100餘億元", "10000000000", "元", "threshold"),
    ("不低于100家", "100", "家", "at-least"),
    ("不低於3亿元", "300000000", "元", "at-least"),
    ("不少于5个", "5", "个", "at-least"),
    ("至少 2 条", "2", "条", "at-least"),
    ("80%以上", "80", "%", "at-least"),
    ("80%以上的", "80", "%", "at-least"),
    ("億元以上", "100000000", "元", "at-least"),
    ("千\n萬元以上", "10000000", "元", "at-least"),
    ("超过1000家以上", "1000", "家", "at-least"),
    ("近120家", "120", "家", "nearly"),
    ("不到4\n個月", "4", "個月", "less-than"),
    ("不足10家", "10", "家", "less-than"),
    ("30岁以下", "30", "岁", "less-than"),
    ("近50余个", "50", "个", "about"),
    ("达到\n97.6%", "97.6", "%", "exact"),
    ("已達250億元", "25000000000", "元", "exact"),
    ("７％", "7", "%", "exact"),
    ("百分之七十二", "72", "%", "exact"),
    ("两成以上", "20", "%", "at-least"),
    ("-0.5%", "-0.5", "%", "exact"),
    ("0.3 个百分点", "0.3", "个百分点", "exact"),
    ("0.3百分点", "0.3", "百分点", "exact"),
    ("80万TEU\n（標箱）", "800000", "TEU（標箱）", "exact"),
    ("400萬TEU（標箱）", "4000000", "TEU（標箱）", "exact"),
    ("1400列", "1400", "列", "exact"),
    ("41個項目", "41", "個項目", "exact"),
    ("682项", "682", "项", "exact"),
    ("14处", "14", "处", "exact"),
    ("34座", "34", "座", "exact"),
    ("8地", "8", "地", "exact"),
    ("20万千瓦", "200000", "千瓦", "exact"),
    ("12 square  km", "12", "square km", "exact"),
    ("第36\n位", "36", "位", "exact"),
    ("第三", "3", "位", "exact"),
    ("第十一屆", "11", "屆", "exact"),
    ("3起", "3", "起", "exact"),
]


@pytest.mark.parametrize(("text", "value", "unit", "qualifier"), READ)
def test_reads_value_unit_and_qualifier(text: str, value: str, unit: str, qualifier: str) -> None:
    quantity = read_quantity(text)
    assert (str(quantity.value), quantity.unit_text, quantity.qualifier) == (value, unit, qualifier)


@pytest.mark.parametrize(("text", "value", "unit", "qualifier"), READ)
def test_bounds_are_those_of_the_wording(text: str, value: str, unit: str, qualifier: str) -> None:
    quantity = read_quantity(text)
    lower = Decimal(value) if qualifier in {"more-than", "at-least", "threshold"} else None
    upper = Decimal(value) if qualifier in {"less-than", "nearly"} else None
    assert (quantity.lower, quantity.upper) == (lower, upper)


def test_keeps_what_is_written() -> None:
    quantity = read_quantity("1273.2 亿\n\n元")
    assert (quantity.stated, quantity.scale, quantity.as_written) == ("1273.2", 8, "1273.2亿元")
    assert read_quantity(" 約 3,000 餘家 ").as_written == "約3,000餘家"


def test_fraction() -> None:
    third = read_quantity("三分之一")
    assert (third.numerator, third.denominator, third.unit_text, third.scale) == (1, 3, "", 0)


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("", 0, "empty"),
        (" \n", 2, "empty"),
        ("元", 0, "no number"),
        ("数十家", 0, "no number"),
        ("超过", 2, "no number"),
        ("3-5家", 1, "range"),
        ("20至30家", 2, "range"),
        ("3家到5家", 2, "range"),
        ("七八家", 0, "range"),
        ("第0位", 0, "ordinal"),
        ("第1.5位", 0, "ordinal"),
        ("近期80万TEU", 1, "no number"),
        ("超过 1.2.3家", 6, "runs on"),
    ],
)
def test_refuses_with_the_offset(text: str, offset: int, message: str) -> None:
    with pytest.raises(ValueFormatError, match=message) as caught:
        read_quantity(text)
    assert caught.value.where.offset == offset
    assert caught.value.hint


@given(st.sampled_from(READ), st.data())
def test_white_space_does_not_matter(row: tuple[str, str, str, str], data: st.DataObject) -> None:
    dense = row[0].replace(" ", "").replace("\n", "")
    gaps = st.sampled_from(["", " ", "\n", "\u3000", "\n\n"])
    text = "".join(character + data.draw(gaps) for character in dense)
    plain, spaced = read_quantity(dense), read_quantity(text)
    assert (plain.value, plain.qualifier, plain.stated) == (spaced.value, spaced.qualifier, spaced.stated)
    assert plain.unit_text == spaced.unit_text.replace(" ", "")


@given(st.sampled_from(READ))
def test_script_does_not_matter(row: tuple[str, str, str, str]) -> None:
    one, other = read_quantity(row[0]), read_quantity(to_simplified(row[0]))
    assert (one.value, one.qualifier, to_simplified(one.unit_text)) == (
        other.value,
        other.qualifier,
        other.unit_text,
    )


@given(
    st.sampled_from(["", "超过", "約", "首次突破", "不低于", "近", "不足"]),
    st.integers(1, 10**9),
    st.sampled_from(["", "万", "亿"]),
    st.sampled_from(["元", "列", "家", "TEU", "平方公里", "個項目", "%"]),
)
def test_unit_and_number_are_read_apart(before: str, value: int, scale: str, unit: str) -> None:
    quantity = read_quantity(f"{before}{value}{scale}{unit}")
    assert quantity.value == value * {"": 1, "万": 10**4, "亿": 10**8}[scale]
    assert quantity.unit_text == unit


@given(st.one_of(st.text(), st.text(alphabet="12,.%第约近超余多以上下左右首次突破不至到-亿万元家三分之成 \n")))
def test_any_text_is_a_quantity_or_a_value_error(text: str) -> None:
    quantity = _try(text)
    if isinstance(quantity, ValueFormatError):
        assert 0 <= (quantity.where.offset or 0) <= len(text)
        return
    assert quantity.qualifier in QUALIFIERS
    assert quantity.lower in {None, quantity.value}
    assert quantity.upper in {None, quantity.value}


def _try(text: str) -> Quantity | ValueFormatError:
    try:
        return read_quantity(text)
    except ValueFormatError as error:
        return error


@pytest.mark.parametrize("character", ["约", "以上", "近", " ", "至", "1", "第"])
def test_long_input_ends(character: str) -> None:
    with pytest.raises(ValueFormatError):
        read_quantity(character * 100_000)
    assert read_quantity("1家" + "以上" * 50_000).value == 1
