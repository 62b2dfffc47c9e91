"""Folding of names; white space; scripts."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

import zonegraph.values
from zonegraph.values import fold, script_of, squeeze, to_simplified

HARD = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("烏魯木齊乌乾著瞭於（）ＡＢhH\u0331\u0301\u212a\u212b\ud800 \n\u3000\u200b"),
    )
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("烏魯木齊經濟技術開發區", "乌鲁木齐经济技术开发区"),
        ("經開區（頭區）", "经开区(头区)"),
        ("中歐\n班列", "中欧班列"),
        ("中 欧\u3000班列", "中欧班列"),
        ("ＴＥＵ", "teu"),
        ("PVC 材料", "pvc材料"),
        ("区政合\n一", "區政合一"),
        ("２１９", "219"),
    ],
)
def test_spellings_of_one_name_fold_to_one_key(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("高新区", "高新区（新市区）"), ("经开区", "经开"), ("A", "Ä")])
def test_different_names_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(HARD)
def test_fold_is_idempotent_and_dense(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert not any(character.isspace() for character in folded)


@given(HARD)
def test_fold_ignores_composition(text: str) -> None:
    dense = "".join(text.split())
    assert fold(unicodedata.normalize("NFC", dense)) == fold(unicodedata.normalize("NFC", fold(dense)))


@given(HARD)
def test_simplifying_keeps_every_offset(text: str) -> None:
    assert len(to_simplified(text)) == len(text)


def test_simplifying_never_rewords() -> None:
    assert to_simplified("軟體") == "软体"
    assert to_simplified("\ud800烏\x00") == "\ud800乌\x00"


@pytest.mark.parametrize(
    ("text", "squeezed"),
    [
        ("1273.2 亿\n\n元", "1273.2亿元"),
        ("中歐\n班列", "中歐班列"),
        ("世界 500强", "世界500强"),
        ("Global   Times", "Global Times"),
        (" Global Times\n报道 ", "Global Times报道"),
        ("PVC 材料", "PVC材料"),
        ("“3 + 1”", "“3+ 1”".replace(" ", "")),
        ("", ""),
        ("\u3000\n", ""),
    ],
)
def test_squeeze(text: str, squeezed: str) -> None:
    assert squeeze(text) == squeezed


@given(HARD)
def test_squeeze_is_idempotent_and_only_removes_white_space(text: str) -> None:
    once = squeeze(text)
    assert squeeze(once) == once
    assert "".join(once.split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("烏魯木齊經濟技術開發區", "zh-hant"),
        ("乌鲁木齐高新区", "zh-hans"),
        ("新疆", "zh"),
        ("Urumqi", "en"),
        ("TEU（標箱）", "zh-hant"),
        ("2011", "zh"),
        ("", "zh"),
    ],
)
def test_script(text: str, tag: str) -> None:
    assert script_of(text) == tag


@given(HARD)
def test_script_is_always_one_of_four(text: str) -> None:
    assert script_of(text) in {"zh", "zh-hans", "zh-hant", "en"}


def test_threads_share_the_converter() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(to_simplified, ["烏魯木齊經濟技術開發區" * 20] * 200)) == {"乌鲁木齐经济技术开发区" * 20}


def test_public_names_are_sorted_and_there() -> None:
    names = zonegraph.values.__all__
    assert names == sorted(names)
    assert all(hasattr(zonegraph.values, name) for name in names)
