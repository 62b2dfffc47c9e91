"""Agreement: counted by hand on small pairs, and laws that hold for any pair."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonegraph.errors import UsageError
from zonegraph.seeds.agreement import Score, agreement, cohen_kappa

TEXT = "甲区与乙区合并，产值12亿元。"


def first(maker):
    made = maker(TEXT)
    made.mention("T1", "Zone", "甲区", ref="zone/a").mention("T2", "District", "乙区")
    made.mention("T3", "Trigger", "合并").mention("T4", "Quantity", "12亿元", value={"decimal": "1200000000"})
    made.event("E1", "Merger", trigger=["T3"], args={"joins": ["T1", "T2"], "unit": ["@unit/x"], "out": ["E2"]})
    made.event("E2", "Outcome", args={"who": ["T1"]}, attrs={"fate": "ends"})
    return made


def second(maker):
    made = maker(TEXT)
    made.mention("M9", "Zone", "甲区", ref="zone/b").mention("M2", "Zone", "与乙区")
    made.mention("M3", "Trigger", "合并").mention("M4", "Quantity", "12亿元", value={"decimal": "12"})
    made.mention("M5", "Trigger", "产值")
    made.event("F2", "Outcome", args={"who": ["M9"]}, attrs={"fate": "goes on"})
    made.event("F1", "Merger", trigger=["M3"], args={"joins": ["M9"], "unit": ["@unit/x"], "out": ["F2"]})
    made.event("F3", "Merger", trigger=["M5"], args={"joins": ["M2"]})
    return made


def test_counted_by_hand(maker):
    result = agreement(first(maker).seed(), second(maker).seed())
    assert result.spans_exact == Score(3, 4, 5)
    assert result.spans_typed == Score(3, 4, 5)
    assert result.spans_overlap == Score(4, 4, 5)
    assert (result.type_kappa, result.type_pairs) == (1.0, 3)
    assert result.refs == Score(0, 1, 1)
    assert result.values == Score(0, 1, 1)
    assert result.events == Score(2, 2, 3)
    # joins甲, unit, out, who agree; joins乙 is on one side only, and belongs to another event on the other
    assert result.roles == Score(4, 5, 5)
    assert result.attributes == Score(2, 3, 3)
    assert round(result.spans_exact.f1, 4) == 0.6667
    assert result.as_dict()["roles"]["f1"] == 0.8


def test_with_oneself_all_agrees(maker):
    seed = first(maker).seed()
    result = agreement(seed, seed)
    assert {score.f1 for _, score in result.scores()} == {1.0}
    assert result.type_kappa == 1.0


def test_equal_places_pair_by_type_first(maker):
    one = maker(TEXT).mention("T1", "A", "甲区").mention("T2", "B", "甲区").seed()
    other = maker(TEXT).mention("T1", "B", "甲区").mention("T2", "A", "甲区").seed()
    assert agreement(one, other).spans_typed == Score(2, 2, 2)


def test_empty_annotations_agree(maker):
    empty, full = maker(TEXT).seed(), first(maker).seed()
    assert {score.f1 for _, score in agreement(empty, empty).scores()} == {1.0}
    assert agreement(empty, empty).type_kappa is None
    assert agreement(empty, full).spans_exact.f1 == 0.0
    assert dict(r[:2] for r in agreement(empty, full).rows())["type_kappa"] == "-"


def test_kappa():
    # 20 pairs, 15 agree; chance (12·13 + 8·7)/400
    pairs = [("a", "a")] * 10 + [("b", "b")] * 5 + [("a", "b")] * 2 + [("b", "a")] * 3
    chance = (12 * 13 + 8 * 7) / 400
    assert cohen_kappa(pairs) == pytest.approx((0.75 - chance) / (1 - chance))
    assert cohen_kappa([]) is None
    assert cohen_kappa([("a", "a")]) == 1.0
    assert cohen_kappa([("a", "b"), ("b", "a")]) == -1.0


def test_other_texts_are_refused(maker):
    with pytest.raises(UsageError, match="different texts"):
        agreement(maker("甲").seed(), maker("乙").seed())


@st.composite
def marked(draw, maker):
    made = maker(TEXT)
    for number in range(draw(st.integers(0, 5))):
        begin = draw(st.integers(0, 10))
        end = begin + draw(st.integers(1, 4))
        kind = draw(st.sampled_from("AB"))
        spans = [[begin, end]]
        made.records.append(
            {"kind": "mention", "id": f"T{number}", "type": kind, "spans": spans, "text": TEXT[begin:end]}
        )
    ids = [r["id"] for r in made.records if r["kind"] == "mention"]
    for number in range(draw(st.integers(0, 3)) if ids else 0):
        filled = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=2, unique=True))
        made.event(f"E{number}", draw(st.sampled_from("XY")), args={"r": filled})
    return made.seed()


@given(st.data())
def test_symmetric_and_within_bounds(data):
    from support import Maker

    one, other = data.draw(marked(Maker)), data.draw(marked(Maker))
    there, back = agreement(one, other), agreement(other, one)
    for (name, score), (_, mirror) in zip(there.scores(), back.scores(), strict=True):
        assert 0 <= score.both <= min(score.left, score.right)
        assert (score.left, score.right) == (mirror.right, mirror.left)
        if name.startswith("spans_exact"):
            assert score.both == mirror.both
    assert there.spans_typed.both <= there.spans_exact.both <= there.spans_overlap.both
    assert there.type_kappa is None or -1 <= there.type_kappa <= 1
