"""Numbers as Chinese texts write them."""

from __future__ import annotations

from decimal import Decimal, localcontext

import cn2an  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonegraph.errors import ValueFormatError
from zonegraph.values import Number, read_integer, read_number, to_simplified

SCALES = {0: "", 4: "万", 8: "亿", 12: "万亿"}

READ = [
    # text, stated, scale, value
    ("1134亿", "1134", 8, "113400000000"),
    ("434.44億", "434.44", 8, "43444000000"),
    ("1273.2 亿", "1273.2", 8, "127320000000"),
    ("164.2\n6亿", "164.26", 8, "16426000000"),
    ("1.20亿", "1.20", 8, "120000000"),
    ("1.2万", "1.2", 4, "12000"),
    ("1.2万亿", "1.2", 12, "1200000000000"),
    ("1兆", "1", 12, "1000000000000"),
    ("3.5千万", "3.5", 7, "35000000"),
    ("3千", "3", 3, "3000"),
    ("千亿", "1000", 8, "100000000000"),
    ("千億", "1000", 8, "100000000000"),
    ("千\n萬", "1000", 4, "10000000"),
    ("亿", "1", 8, "100000000"),
    ("万亿", "1", 12, "1000000000000"),
    ("五千九百", "5900", 0, "5900"),
    ("一万二千亿", "12000", 8, "1200000000000"),
    ("一亿二千万", "12000", 4, "120000000"),
    ("1亿2000万", "12000", 4, "120000000"),
    ("3万5千", "35", 3, "35000"),
    ("六十六万七千八百", "667800", 0, "667800"),
    ("一万二", "12000", 0, "12000"),
    ("一百五", "150", 0, "150"),
    ("一百零五", "105", 0, "105"),
    ("一萬零五百", "10500", 0, "10500"),
    ("二千零一十", "2010", 0, "2010"),
    ("兩百万", "200", 4, "2000000"),
    ("十", "10", 0, "10"),
    ("十五", "15", 0, "15"),
    ("廿五", "25", 0, "25"),
    ("二〇一一", "2011", 0, "2011"),
    ("零", "0", 0, "0"),
    ("壹仟贰佰叁拾肆", "1234", 0, "1234"),
    ("壹仟貳佰參拾肆", "1234", 0, "1234"),
    ("三点五亿", "3.5", 8, "350000000"),
    ("一百二十點五万", "120.5", 4, "1205000"),
    ("一万零一点五", "10001.5", 0, "10001.5"),
    ("１２．５亿", "12.5", 8, "1250000000"),
    ("9,000", "9000", 0, "9000"),
    ("９，０００", "9000", 0, "9000"),
    ("1,234,567.8", "1234567.8", 0, "1234567.8"),
    ("007", "007", 0, "7"),
    ("0.0", "0.0", 0, "0"),
    ("-3.5", "-3.5", 0, "-3.5"),
    ("負三", "-3", 0, "-3"),
    ("半", "0.5", 0, "0.5"),
]


@pytest.mark.parametrize(("text", "stated", "scale", "value"), READ)
def test_reads_the_figure_its_scale_and_its_value(text: str, stated: str, scale: int, value: str) -> None:
    number = read_number(text)
    assert (number.stated, number.scale, str(number.value)) == (stated, scale, value)


@pytest.mark.parametrize(
    ("text", "value", "sign"),
    [
        ("百分之七十二", "72", "%"),
        ("百分之百", "100", "%"),
        ("百分之五点六", "5.6", "%"),
        ("千分之三", "3", "‰"),
        ("萬分之二", "2", "‱"),
        ("36.9%", "36.9", "%"),
        ("７％", "7", "%"),
        ("两成", "20", "%"),
        ("三成五", "35", "%"),
    ],
)
def test_parts_of_a_hundred_are_the_number_as_printed(text: str, value: str, sign: str) -> None:
    number = read_number(text)
    assert (str(number.value), number.sign) == (value, sign)


def test_fractions_keep_both_numbers() -> None:
    third = read_number("三分之一")
    assert (third.numerator, third.denominator) == (1, 3)
    assert str(third.value) == "0.333333333333333333"
    quarter = read_number("4分之3")
    assert (quarter.numerator, quarter.denominator, str(quarter.value)) == (3, 4, "0.75")


@pytest.mark.parametrize(
    ("text", "value", "surplus"),
    [
        ("十餘", 10, "more"),
        ("50余", 50, "more"),
        ("50多", 50, "more"),
        ("1800餘", 1800, "more"),
        ("5900 余", 5900, "more"),
        ("300余亿", 30_000_000_000, "more"),
        ("三十多万", 300_000, "more"),
        ("十几", 10, "more"),
        ("百余", 100, "more"),
        ("十来", 10, "about"),
        ("100万余", 1_000_000, "more"),
    ],
)
def test_surplus_words_inside_a_number(text: str, value: int, surplus: str) -> None:
    number = read_number(text)
    assert number.value == value
    assert number.surplus == surplus


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0),
        ("元", 0),
        ("數十", 0),
        ("七八", 0),
        ("三五", 0),
        ("七八十", 0),
        ("12,34", 2),
        ("1234,567", 0),
        ("1.2.3", 3),
        ("1.2亿3000", 4),
        ("一千零", 3),
        ("100零5", 3),
        ("亿万", 1),
        ("0亿", 1),
        ("一亿二万亿", 3),
        ("二百三千", 3),
        ("1134亿元", 5),
        ("零分之一", 1),
        ("三分之", 3),
        ("\n 1.2\n.3", 6),
        ("1" * 65, 0),
        ("一" * 65, 0),
    ],
)
def test_refuses_with_the_offset(text: str, offset: int) -> None:
    with pytest.raises(ValueFormatError) as caught:
        read_number(text)
    assert caught.value.where.offset == offset
    assert caught.value.hint


def test_a_kilo_unit_is_no_numeral() -> None:
    for text in ("20万千瓦", "5千米", "0.3百分点"):
        with pytest.raises(ValueFormatError, match="more than a number"):
            read_number(text)


def test_integers() -> None:
    assert read_integer("二百\n一十九") == 219
    assert read_integer("1.2万") == 12000
    with pytest.raises(ValueFormatError, match="whole number"):
        read_integer("1.25")


WHOLES = st.integers(0, 10**15).map(str)
FIGURES = st.one_of(WHOLES, st.builds("{}.{:03d}".format, WHOLES, st.integers(0, 999)))


@given(FIGURES, st.sampled_from(sorted(SCALES)))
def test_any_figure_with_any_scale_round_trips(figure: str, scale: int) -> None:
    if not Decimal(figure):
        scale = 0
    number = read_number(figure + SCALES[scale])
    with localcontext() as context:
        context.prec = 60
        assert number.value == Decimal(figure).scaleb(scale)
        assert number.value == Decimal(number.stated).scaleb(number.scale)
    assert (number.stated, number.scale) == (figure, scale)
    assert "E" not in str(number.value) or not number.value


@given(st.integers(0, 10**16 - 1), st.sampled_from(["low", "up"]))
def test_agrees_with_cn2an_on_whole_numbers(value: int, mode: str) -> None:
    assert read_number(cn2an.an2cn(value, mode)).value == value


@given(st.integers(0, 10**8), st.integers(1, 9999))
def test_agrees_with_cn2an_on_decimals(whole: int, part: int) -> None:
    figure = f"{whole}.{part:04d}"
    assert read_number(cn2an.an2cn(figure, "low")).value == Decimal(figure)


@given(st.integers(1, 10**12))
def test_agrees_with_cn2an_in_reading(value: int) -> None:
    text = cn2an.an2cn(value, "low")
    assert cn2an.cn2an(text, "normal") == read_integer(text)


@given(st.sampled_from(READ), st.data())
def test_white_space_does_not_matter(row: tuple[str, str, int, str], data: st.DataObject) -> None:
    text = "".join(
        character + data.draw(st.sampled_from(["", " ", "\n", "\u3000", "\r\n", "\u200b"])) for character in row[0]
    )
    assert read_number(text) == read_number(row[0])


@given(st.sampled_from(READ))
def test_script_does_not_matter(row: tuple[str, str, int, str]) -> None:
    assert read_number(to_simplified(row[0])) == read_number(row[0])


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_order_is_kept(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert read_number(cn2an.an2cn(low)).value <= read_number(cn2an.an2cn(high)).value


NUMERALS = "0123456789,.%-零〇一二两三五七九十百千万亿兆點点廿余多几来成分之半負\n "


@given(st.one_of(st.text(), st.text(alphabet=NUMERALS, max_size=24)))
def test_any_text_is_a_number_or_a_value_error(text: str) -> None:
    number = _try(text)
    if isinstance(number, ValueFormatError):
        assert 0 <= (number.where.offset or 0) <= len(text)
    elif number.denominator is None:
        with localcontext() as context:
            context.prec = 200
            assert number.value == Decimal(number.stated).scaleb(number.scale)


def _try(text: str) -> Number | ValueFormatError:
    try:
        return read_number(text)
    except ValueFormatError as error:
        return error


@pytest.mark.parametrize("character", ["1", "一", "万", "十", "零", ",", " ", "余", "1,", "百分之", "三点", "1万"])
def test_long_input_is_refused_at_once(character: str) -> None:
    with pytest.raises(ValueFormatError):
        read_number(character * 100_000)
