"""What an export holds comes back by import, whatever the characters."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zonegraph.seeds import Seed, parse_seed
from zonegraph.seeds.fmt import format_seed
from zonegraph.seeds.formats import FORMATS, WRITABLE, Incoming, SourceText, export_seed, import_seeds

ALPHABET = "开发区头屯河经開區ab12 \n　😀𠮷é，（%"
_TYPES = st.sampled_from(["Enterprise", "TimeExtent", "Trigger", "开发区", "zg:Place", "Type_u3a_2", "a b", "Q1"])
_ROLES = st.sampled_from(["about", "integrates", "value2", "角色", "zg:period", "hasCall"])
_TOKENS = st.sampled_from(["mode-x", "两个 词", "x\ny", "", "indicator/gdp", 7, True])
_PATHS = st.sampled_from(["zone/a", "unit/乌鲁木齐", "https://example.org/x", "zgi:zone/b", "code"])


def _present(values):
    return {k: v for k, v in values.items() if v not in ("", None, [], {})}


@st.composite
def seeds(draw) -> tuple[SourceText, Seed]:
    text = draw(st.text(alphabet=ALPHABET, min_size=4, max_size=60))
    source = SourceText.from_text("t.txt", text)
    mentions = [
        _mention(draw, f"{draw(st.sampled_from(['T', 'T', 'm.']))}{n}", text) for n in range(draw(st.integers(1, 5)))
    ]
    ids = [m["id"] for m in mentions]
    events = []
    for n in range(draw(st.integers(0, 3))):
        events.append(
            _event(draw, f"{draw(st.sampled_from(['E', 'R', 'ev-']))}{n}", [*ids, *(e["id"] for e in events)])
        )
    head = {"kind": "doc", "id": "t", "file": "t.txt", "sha256": source.digest, "length": len(text), "lang": "zh-Hans"}
    import orjson

    seed = parse_seed(b"\n".join(orjson.dumps(r) for r in (head, *mentions, *events)), "t.jsonl")
    assert seed.findings == ()
    return source, seed


def _mention(draw, identifier, text):
    cuts = sorted(draw(st.sets(st.integers(0, min(len(text), 30)), min_size=2, max_size=6)))
    spans = [list(pair) for pair in zip(cuts[::2], cuts[1::2], strict=False)]
    optional = {
        "ref": draw(st.one_of(st.just(""), _PATHS)),
        "value": draw(st.sampled_from([{}, {"edtf": "2011-01"}, {"decimal": "4.5", "scale": 8}])),
        "attrs": draw(st.dictionaries(st.sampled_from(["nameKind", "x y"]), _TOKENS, max_size=2)),
        "by": draw(st.sampled_from(["", "ann-1"])),
        "conf": draw(st.sampled_from([None, 0.5])),
        "note": draw(st.sampled_from(["", "a  note", "plain note", "two\nlines"])),
    }
    head = {"kind": "mention", "id": identifier, "type": draw(_TYPES), "spans": spans}
    return {**head, "text": "".join(text[b:e] for b, e in spans), **_present(optional)}


def _event(draw, identifier, ids):
    argument = st.one_of(st.sampled_from(ids), _PATHS.map(lambda p: f"@{p}"))
    optional = {
        "ref": draw(st.one_of(st.just(""), _PATHS)),
        "trigger": draw(st.lists(st.sampled_from([i for i in ids if i[0] in "Tm"]), max_size=2, unique=True)),
        "args": draw(st.dictionaries(_ROLES, st.lists(argument, min_size=1, max_size=4, unique=True), max_size=3)),
        "attrs": draw(st.dictionaries(st.sampled_from(["indicator", "x y"]), _TOKENS, max_size=2)),
        "basis": draw(st.sampled_from(["", "implied"])),
        "conf": draw(st.sampled_from([None, 1.0])),
        "note": draw(st.sampled_from(["", "plain note"])),
    }
    return {"kind": "event", "id": identifier, "type": draw(_TYPES), **_present(optional)}


def again(name: str, seed: Seed, source: SourceText) -> tuple[Seed, tuple]:
    out = export_seed(name, seed, source)
    files = dict(out.files)
    main = next(n for n in files if n.endswith(FORMATS[name].extension))
    (back,) = import_seeds(name, Incoming(main, files.pop(main), beside=files, header=seed.document))
    return back, out.findings


def said(record, spelled):
    made = record.as_dict()
    if "args" in made:
        made["args"] = {role: [spelled(i) for i in ids] for role, ids in made["args"].items()}
    return made


def records(seed: Seed, spelled=lambda i: i):
    return {r.id: said(r, spelled) for r in (*seed.mentions, *seed.events)}


def iri(argument: str) -> str:
    """Web Annotation names things by IRI, so one spelling comes back for all."""
    from zonegraph.names import ZGI, expand

    return "@" + expand(argument[1:]).removeprefix(ZGI) if argument.startswith("@") else argument


@pytest.mark.parametrize("name", WRITABLE)
@settings(max_examples=60, deadline=None)
@given(made=seeds())
def test_export_and_import_give_the_same_records(name, made):
    source, seed = made
    back, findings = again(name, seed, source)
    gone = {f.id for f in findings if f.severity == "error"}
    wanted = {k: without(v, gone) for k, v in records(seed, iri).items() if k not in gone}
    assert records(back, iri) == wanted
    assert [str(f) for f in back.findings] == []
    assert back.document == replace(seed.document, line=1)
    assert parse_seed(format_seed(back), "t.jsonl").findings == ()


def without(record, gone):
    """A record as it must come back when others could not be written: without them, and the export says so."""
    args = {role: [i for i in ids if i not in gone] for role, ids in record.get("args", {}).items()}
    args = {role: ids for role, ids in args.items() if ids}
    trigger = [i for i in record.get("trigger", []) if i not in gone]
    return {k: v for k, v in {**record, "args": args, "trigger": trigger}.items() if v not in ([], {})}


def test_what_brat_cannot_hold_is_said(maker):
    made = maker("甲\n\n乙").mention("T1", "Trigger", "\n\n").mention("T2", "Place", "乙")
    made.event("E1", "Founding", args={"about": ["T1", "T2"]}).event("E2", "Founding", args={"about": ["@zone/x"]})
    out = export_seed("brat", made.seed())
    assert [(f.code, f.id) for f in out.findings] == [
        ("header-left-out", ""),
        ("only-line-breaks", "T1"),
        ("argument-lost", "E1"),
        ("event-without-place", "E2"),
    ]
