"""Reading seeds: each bad line is one finding that names it; nothing else is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonegraph.seeds import format_seed, parse_seed, read_seed, seed_files, verify_seed
from zonegraph.seeds.fmt import natural

TEXT = "乌鲁木齐高新区成立于1992年。😀产值1134亿元。"


def good(maker):
    return (
        maker(TEXT)
        .mention("T1", "HighTechZone", "乌鲁木齐高新区", ref="zone/urumqi-htdz")
        .mention("T2", "Time", "1992年")
        .mention("T10", "Quantity", "1134亿元")
        .event("E1", "Establishment", args={"established": ["T1"], "period": ["T2"]})
    )


def test_offsets_count_code_points(maker):
    mention = next(m for m in good(maker).seed().mentions if m.id == "T10")
    # the emoji before it is one code point, two UTF-16 units, four bytes
    assert TEXT[mention.begin : mention.end] == mention.text == "1134亿元"


BAD = {
    "malformed-line": b'{"kind":"mention"',
    "not-utf8": b'{"kind":"mention","id":"T7","type":"\xff"}',
    "unknown-kind": b'{"kind":"relation","id":"R1"}',
    "unknown-key": b'{"kind":"event","id":"E7","type":"X","colour":"red"}',
    "slice-length": '{"kind":"mention","id":"T7","type":"Time","spans":[[0,2]],"text":"乌鲁木"}'.encode(),
    "slice-too-long": json.dumps(
        {"kind": "mention", "id": "T7", "type": "Time", "spans": [[0, 41]], "text": "字" * 41}
    ).encode(),
    "span-outside": '{"kind":"mention","id":"T7","type":"Time","spans":[[9000,9001]],"text":"乌"}'.encode(),
    "span-order": '{"kind":"mention","id":"T7","type":"Time","spans":[[4,5],[1,2]],"text":"乌鲁"}'.encode(),
    "span-empty": b'{"kind":"mention","id":"T7","type":"Time","spans":[[4,4]],"text":""}',
    "duplicate-id": b'{"kind":"event","id":"T1","type":"X"}',
    "bidi-control": '{"kind":"mention","id":"T7","type":"Time","spans":[[0,2]],"text":"乌\u202e"}'.encode(),
    "second-header": ('{"kind":"doc","id":"u","sha256":"' + "0" * 64 + '","length":1,"lang":"en"}').encode(),
    "wrong-value": '{"kind":"mention","id":"T7","type":"Time","spans":[["a",2]],"text":"乌鲁"}'.encode(),
    "line-too-long": b'{"kind":"' + b"x" * (1 << 20) + b'"}',
}


@pytest.mark.parametrize("code", BAD)
def test_one_finding_for_a_bad_line_and_nothing_else_lost(maker, code):
    lines = good(maker).lines() + BAD[code] + b"\n"
    seed = parse_seed(lines, "t.jsonl")
    assert len(seed.findings) == 1
    finding = seed.findings[0]
    assert finding.line == 6
    assert finding.file == "t.jsonl"
    assert finding.hint
    assert finding.code == code
    assert (len(seed.mentions), len(seed.events)) == (3, 1)
    assert seed.records_in == 6


@pytest.mark.parametrize(
    "head", [b"{}", b"not json", b'{"kind":"doc","id":"t"}', b'{"kind":"event","id":"E0","type":"X"}']
)
def test_a_file_without_header_rejects_every_record_once(maker, head):
    body = b"\n".join(good(maker).lines().splitlines()[1:])
    seed = parse_seed(head + b"\n" + body + b"\n", "t.jsonl")
    errors = [finding for finding in seed.findings if finding.severity == "error"]
    assert seed.document is None
    assert len(errors) == seed.records_in == 5
    assert sum(not finding.cause for finding in seed.findings) == 1


def test_deep_nesting_is_a_finding(maker):
    deep = b'{"kind":"mention","id":"T7","note":"\\u0041","attrs":' + b"[" * 600 + b"]" * 600 + b"}"
    seed = parse_seed(good(maker).lines() + deep + b"\n", "t.jsonl")
    assert [(f.code, f.line) for f in seed.findings] == [("malformed-line", 6)]


def test_an_escaped_bidi_control_is_found(maker):
    line = b'{"kind":"mention","id":"T7","type":"Time","spans":[[0,2]],"text":"\\u4e4c\\u202e"}'
    seed = parse_seed(good(maker).lines() + line + b"\n", "t.jsonl")
    assert [f.code for f in seed.findings] == ["bidi-control"]


@given(st.lists(st.one_of(st.binary(max_size=60), st.sampled_from(sorted(BAD.values(), key=len)[:10])), max_size=8))
def test_conservation(lines):
    data = b"\n".join(line.replace(b"\n", b" ") for line in lines)
    seed = parse_seed(data, "f")
    errors = [finding for finding in seed.findings if finding.severity == "error"]
    emitted = (seed.document is not None) + len(seed.mentions) + len(seed.events)
    assert seed.records_in == emitted + len(errors)


def test_canonical_form_is_stable_and_sorted(maker):
    seed = good(maker).seed()
    data = format_seed(seed)
    again = parse_seed(data, "t.jsonl")
    assert format_seed(again) == data
    assert {m.id for m in again.mentions} == {"T1", "T2", "T10"}
    begins = [m.begin for m in again.mentions]
    assert begins == sorted(begins)


def test_natural_order():
    assert sorted(["T10", "T2", "T1", "E3"], key=natural) == ["E3", "T1", "T2", "T10"]


def test_verification_finds_a_changed_text(maker, tmp_path: Path):
    made = good(maker)
    seed = made.seed()
    (tmp_path / "any.txt").write_bytes(TEXT.encode())
    assert list(verify_seed(seed, tmp_path)) == []
    (tmp_path / "any.txt").write_bytes(TEXT.encode() + b" ")
    assert [f.code for f in verify_seed(seed, tmp_path)] == ["text-missing"]


def test_verification_finds_a_wrong_slice(maker, tmp_path: Path):
    made = good(maker)
    made.records[1]["spans"] = [[1, 8]]
    (tmp_path / "any.txt").write_bytes(TEXT.encode())
    found = list(verify_seed(made.seed(), tmp_path))
    assert [(f.code, f.id, f.offset) for f in found] == [("slice", "T1", 1)]


def test_a_wrong_digest_is_one_finding(maker, tmp_path: Path):
    made = good(maker)
    made.records[0]["file"] = "named.txt"
    (tmp_path / "named.txt").write_bytes(b"other")
    assert [f.code for f in verify_seed(made.seed(), tmp_path)] == ["digest"]


def test_shipped_seeds_match_their_texts(texts: Path):
    from zonegraph.resources import data_dir

    files = seed_files(data_dir("seeds"))
    findings = [f for path in files for f in verify_seed(read_seed(path), texts)]
    assert findings == []
