"""Languages, catalogues, times in words: pure parts."""

from __future__ import annotations

import ast
import re
from datetime import date
from pathlib import Path

import pytest
import werkzeug.exceptions
from hypothesis import given
from hypothesis import strategies as st

import zonegraph
from zonegraph.web.pages import catalogue, complaints
from zonegraph.web.pages.language import LANGUAGES, negotiate, supported
from zonegraph.web.pages.periods import Period, in_words

WORDS = catalogue.load_catalogues()
TEMPLATES = Path(catalogue.__file__).parent / "templates"


@pytest.mark.parametrize(
    ("asked", "cookie", "header", "expected"),
    [
        ("", "", "", "en"),
        ("", "", "zh-CN,zh;q=0.9,en;q=0.8", "zh-hans"),
        ("", "", "fr, zh-TW;q=0.8, en;q=0.9", "en"),
        ("", "", "fr, zh-Hant-HK;q=0.8", "zh-hant"),
        ("", "zh-hant", "en", "zh-hant"),
        ("zh-Hans", "zh-hant", "en", "zh-hans"),
        ("klingon", "", "zh;q=0, en", "en"),
        ("", "", "*", "en"),
        ("", "", ";;q=,,\x00", "en"),
    ],
)
def test_language_of_a_page(asked: str, cookie: str, header: str, expected: str) -> None:
    assert negotiate(asked, cookie, header) == expected


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=80))
def test_any_text_gives_a_language_of_ours(asked: str, cookie: str, header: str) -> None:
    assert negotiate(asked, cookie, header) in LANGUAGES


def test_every_language_supports_itself() -> None:
    assert [supported(tag) for tag in LANGUAGES] == list(LANGUAGES)


def test_catalogues_have_the_same_keys_and_slots() -> None:
    english = WORDS["en"].words
    for lang in LANGUAGES:
        words = WORDS[lang].words
        assert set(words) == set(english), lang
        for key, text in words.items():
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english[key])), (lang, key)


def test_every_key_of_a_template_has_words() -> None:
    used = {
        (path.name, key)
        for path in TEMPLATES.glob("*.html")
        for key in re.findall(r"""\bt(?:\.count)?\(\s*["']([a-z-]+\.[a-z0-9-]+)["']\s*[,)]""", path.read_text("utf-8"))
    }
    assert used
    assert not {pair for pair in used if not WORDS["en"].has(pair[1])}


def test_every_text_of_a_catalogue_is_used() -> None:
    folder = TEMPLATES.parent
    source = "".join(path.read_text("utf-8") for path in (*folder.glob("*.py"), *TEMPLATES.glob("*.html")))
    # keys that are put together: f"date.{…}", t("nav." ~ key)
    made = re.findall(r"""["']([a-z]+\.[a-z-]*)(?:\{|["']\s*~)""", source)
    made += ["date.", "month.", "yasgui.", "entity.facts-of-document", "entity.things-in-document"]
    unused = [
        key for key in WORDS["en"].words if key.removesuffix("-one") not in source and not key.startswith(tuple(made))
    ]
    assert unused == []


def test_errors_are_said_in_every_language() -> None:
    for text in complaints.texts():
        assert set(text) == set(LANGUAGES)
        slots = {lang: sorted(complaints.SLOT.findall(text[lang])) for lang in LANGUAGES}
        assert slots["zh-hans"] == slots["zh-hant"] == slots["en"], text
    assert complaints.said_in("there are 3 pages", "zh-hans").text == "共有 3 页"
    assert complaints.said_in("there are 3 pages", "en").text == "there are 3 pages"
    assert complaints.said_in("no such words", "zh-hans").lang == "en"


def test_errors_of_the_catalogue_are_still_those_of_the_code() -> None:
    folder = Path(zonegraph.__file__).parent
    said = {_plain(node) for path in folder.rglob("*.py") for node in ast.walk(ast.parse(path.read_text("utf-8")))}
    said |= {werkzeug.exceptions.NotFound.description, werkzeug.exceptions.MethodNotAllowed.description}
    assert [t["en"] for t in complaints.texts() if complaints.SLOT.sub("{}", t["en"]) not in said] == []


def _plain(node: ast.AST) -> str:
    """A text of the code with ``{}`` where something is put in."""
    if isinstance(node, ast.JoinedStr):
        return re.sub(r"(\{\})+", "{}", "".join(_plain(part) or "{}" for part in node.values))
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return complaints.SLOT.sub("{}", node.value)
    return ""


@pytest.mark.parametrize(
    ("edtf", "english", "chinese"),
    [
        ("2011", "2011", "2011年"),
        ("2011-01", "Jan 2011", "2011年1月"),
        ("2011-01-02", "2 Jan 2011", "2011年1月2日"),
        ("2018-12~", "about Dec 2018", "约2018年12月"),
        ("../2019-08", "until Aug 2019", "截至2019年8月"),
        ("2010/..", "since 2010", "自2010年起"),
        ("2019/2020~", "2019 to about 2020", "2019年至约2020年"),
        ("199X", "1990s", "1990年代"),
        ("19XX", "century 20", "20世纪"),
        ("2018-33", "Q1 2018", "2018年一季度"),
        ("no date", "no date", "no date"),
    ],
)
def test_times_in_words(edtf: str, english: str, chinese: str) -> None:
    assert in_words(edtf, WORDS["en"]) == english
    assert in_words(edtf, WORDS["zh-hans"]) == chinese


def test_a_known_day_is_not_vague() -> None:
    day = date(2011, 1, 2)
    assert not Period(day, day, "2011-01-02", "").vague
    assert Period(day, day, "2011-01-02~", "").vague
    assert Period(day, None, "2011-01-02/..", "").vague


def test_no_template_has_style_or_script_of_its_own() -> None:
    for path in TEMPLATES.glob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)|\|\s*safe", text), path.name
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), path.name
