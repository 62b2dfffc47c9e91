"""Proposals: what is found in a text, what is left alone, and that the work grows with the text alone."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zonegraph.convert import convert_seed
from zonegraph.errors import SeedError, ValueFormatError
from zonegraph.seeds import format_seed, parse_seed
from zonegraph.seeds.suggest import BY, Trie, suggest_seed

TEXT = (
    "2011年1月2日，烏魯木齊經濟技\n術開發區与头屯河区合并。"
    "截至2018年9月，地区生产总值超过1134.5亿元，增长7%，今年计划开行1400列。"
)


def proposals(plan, text, **more):
    seed = suggest_seed(plan, text.encode(), identifier="t", **more)
    assert all("".join(text[b:e] for b, e in m.spans) == m.text for m in seed.mentions)
    assert all(m.by == BY and m.conf for m in seed.mentions)
    return {m.text: m for m in seed.mentions}


def test_names_codes_dates_and_quantities(plan):
    found = proposals(plan, TEXT)
    kinds = {text: (m.type, m.ref) for text, m in found.items()}
    assert kinds == {
        "2011年1月2日": ("TimeExtent", ""),
        "烏魯木齊經濟技\n術開發區": ("EconomicTechnologicalDevelopmentZone", "zone/urumqi-etdz"),
        "头屯河区": ("District", "district/toutunhe"),
        "截至2018年9月": ("TimeExtent", ""),
        "地区生产总值": ("Indicator", "indicator-gdp"),
        "超过1134.5亿元": ("Quantity", ""),
        "7%": ("Quantity", ""),
        "今年": ("TimeExtent", ""),
        "1400列": ("Quantity", ""),
    }
    assert found["截至2018年9月"].value == {"edtf": "../2018-09"}
    assert found["今年"].note == "needs the issue date of the document"
    assert found["今年"].conf < found["2011年1月2日"].conf


def test_the_issue_date_reads_what_rests_on_it(plan):
    found = proposals(plan, TEXT, issued="2019-03")
    assert found["今年"].note == "from the issue date: 2019"
    with pytest.raises(ValueFormatError):
        proposals(plan, TEXT, issued="soon")


def test_the_longest_name_wins_and_the_header_is_true(plan):
    seed = suggest_seed(plan, "乌鲁木齐经济技术开发区".encode(), identifier="t", file="t.txt")
    assert [m.ref for m in seed.mentions] == ["zone/urumqi-etdz"]
    header = seed.document
    assert (header.length, header.file, header.by, header.ontology) == (11, "t.txt", BY, plan.version)


def test_ambiguous_names_say_between_what(plan):
    name, iris = next(
        (n, i) for n, i in plan.thing_names.items() if len(i) > 1 and 2 <= len(n) <= 20 and not n.isascii()
    )
    found = proposals(plan, f"在{name}。")
    note = next(iter(found.values())).note
    assert note.startswith("ambiguous")
    assert len(iris) <= note.count("(")


@pytest.mark.parametrize("text", ["gdpr and 7zip", "v1.0 id=12345&x=9", "", "一些人一起进一步统一", "\n \u3000"])
def test_what_is_no_fact_is_left_alone(plan, text):
    assert proposals(plan, text) == {}


def test_proposals_convert(plan):
    seed = parse_seed(format_seed(suggest_seed(plan, TEXT.encode(), identifier="t", issued="2019-03")), "t.jsonl")
    result = convert_seed(plan, seed)
    assert [str(f) for f in result.findings] == []


def test_errors(plan):
    with pytest.raises(SeedError, match="not UTF-8"):
        suggest_seed(plan, b"\xff", identifier="t")
    with pytest.raises(SeedError, match="'id'"):
        suggest_seed(plan, b"", identifier="a b")


def test_a_hidden_direction_mark_is_no_seed_but_a_finding(plan):
    seed = suggest_seed(plan, "头屯\u200e河区".encode(), identifier="t")
    assert (seed.mentions, [f.code for f in seed.findings]) == ((), ["bidi-control"])


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet="乌鲁木齐经開发区头屯河2018年月日亿元%百一超约第 \n😀aA./", max_size=80))
def test_any_text_gives_a_good_seed(plan, text):
    seed = suggest_seed(plan, text.encode(), identifier="t")
    again = parse_seed(format_seed(seed), "t.jsonl")
    assert again.findings == ()
    assert all(m.text == text[m.begin : m.end] for m in again.mentions)
    assert all(a.end <= b.begin for a, b in itertools.pairwise(seed.mentions))


class Counted(str):
    """A text that counts how often a character of it is looked at."""

    looks = 0

    def __getitem__(self, key):
        type(self).looks += 1
        return super().__getitem__(key)


@given(st.lists(st.text(alphabet="ab", min_size=1, max_size=4), max_size=6), st.text(alphabet="abc", max_size=30))
def test_the_trie_finds_leftmost_longest(names, text):
    found = list(Trie(names).find(text))
    place = 0
    for start, name in found:
        assert not any(text.startswith(n, p) for p in range(place, start) for n in names)
        assert name == max((n for n in names if text.startswith(n, start)), key=len)
        place = start + len(name)
    assert not any(text.startswith(n, p) for p in range(place, len(text)) for n in names)


def test_steps_grow_with_the_text_alone():
    trie = Trie(["a" * 12 + "b", "a" * 20 + "b"])
    looks = []
    for size in (1000, 2000, 4000):
        Counted.looks = 0
        assert list(trie.find(Counted("a" * size))) == []
        looks.append(Counted.looks)
    # from each character at most as many steps as the longest name has
    assert looks[-1] <= 21 * 4000
    assert looks[2] - looks[1] == 2 * (looks[1] - looks[0])


def test_readers_are_called_as_often_as_the_text_is_long(plan, monkeypatch):
    from zonegraph.seeds import suggest

    calls = {"date": 0, "quantity": 0, "longest": 0}

    def counting(name, original):
        def call(text, *args):
            calls[name] += 1
            calls["longest"] = max(calls["longest"], len(text))
            return original(text, *args)

        return call

    monkeypatch.setattr(suggest, "read_chinese_date", counting("date", suggest.read_chinese_date))
    monkeypatch.setattr(suggest, "read_quantity", counting("quantity", suggest.read_quantity))
    seen = []
    for size in (200, 400):
        calls.update(date=0, quantity=0)
        suggest_seed(plan, ("年月一" * size).encode(), identifier="t")
        suggest_seed(plan, ("1" * size + "月2亿元").encode(), identifier="t")
        seen.append(calls["date"] + calls["quantity"])
    assert calls["longest"] <= 24
    assert seen[1] <= 2 * seen[0] + 50
