"""Foreign files, each with what it loses; made here, none from a tool."""

from __future__ import annotations

import builtins
import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zonegraph.errors import SeedError, UsageError, ZonegraphError
from zonegraph.plan import Kind
from zonegraph.seeds.formats import FORMATS, READABLE, WRITABLE, Incoming, SourceText, export_seed, import_seeds
from zonegraph.seeds.formats.common import find_near

TEXT = "😀甲区与乙区\n合并，园区产值12亿元。"
SOURCE = SourceText.from_text("d.txt", TEXT)


def load(name, data, **more):
    raw = data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode()
    return import_seeds(name, Incoming(f"d{FORMATS[name].extension}", raw, **more))


def told(seed):
    return [(f.code, f.id, f.severity) for f in seed.findings]


def slices(seed):
    assert all("".join(TEXT[b:e] for b, e in m.spans) == m.text for m in seed.mentions)
    return {m.id: (m.type, m.text) for m in seed.mentions}


BRAT = """T1\tZone 1 3\t甲区
T2\tDistrict 4 6;7 9\t乙区 合并
T3\tMerger 7 9\t合并
T4\tZone 4 5;8 9\t乙 并
T5\tZone 1 3\t丙区
E1\tMerger:T3 joins:T1 joins2:T2 joins3:T9
R1\tlocatedIn Arg1:T1 Arg2:T2
*\tEquiv T1 T2
A1\tmode E1 full
A2\tCertain E1
N1\tReference T1 zonegraph:zone/a\t甲区
N2\tReference T2 Wikipedia:12\t乙区
#1\tAnnotatorNotes T1\tlook again
#2\tAnnotatorNotes T77\tnobody
X1\twhat
T6\tZone one 3\t甲
"""


def test_brat():
    (seed,) = load("brat", BRAT.encode(), beside={"d.txt": TEXT.encode()}, id="x", lang="zh-Hans")
    assert slices(seed) == {
        "T1": ("Zone", "甲区"),
        "T2": ("District", "乙区\n合并"),
        "T3": ("Trigger", "合并"),
        "T4": ("Zone", "乙并"),
    }
    assert seed.mentions[1].spans == ((4, 9),)
    assert (seed.mentions[0].ref, seed.mentions[0].note) == ("zone/a", "look again")
    merger, located = seed.events
    assert (merger.type, merger.trigger, merger.args) == ("Merger", ("T3",), {"joins": ("T1", "T2")})
    assert merger.attrs == {"mode": ("full",), "Certain": (True,)}
    assert (located.type, located.args) == ("locatedIn", {"subject": ("T1",), "object": ("T2",)})
    assert sorted(told(seed)) == [
        ("argument-lost", "E1", "warning"),
        ("equivalence", "", "warning"),
        ("foreign-reference", "T2", "warning"),
        ("malformed-line", "T6", "error"),
        ("orphan", "T77", "warning"),
        ("slice", "T5", "error"),
        ("unknown-line", "X1", "error"),
    ]


def test_a_span_moved_in_brat_wins_over_the_note(maker):
    made = maker("甲\n乙丙丁").mention("T1", "Place", "甲\n乙").mention("T2", "Trigger", "丙")
    made.event("E1", "Founding", trigger=["T2"], args={"about": ["T1", "@zone/x"]})
    source = SourceText.from_text("t.txt", made.text)
    files = dict(export_seed("brat", made.seed(), source).files)
    ann = files.pop("t.ann").decode()
    moved = ann.replace("Founding 3 4\t丙", "Founding 4 5\t丁").replace("about:T1", "about:T1 about2:T2")
    assert moved != ann
    (seed,) = import_seeds("brat", Incoming("t.ann", moved.encode(), beside=files))
    (event,) = seed.events
    assert event.args == {"about": ("T1", "T2", "@zone/x")}
    trigger = {m.id: m.text for m in seed.mentions}[event.trigger[0]]
    assert trigger == "丁"


def test_label_studio_trusts_the_text():
    region = {"from_name": "label", "to_name": "text", "type": "labels"}
    at = {"start": 2, "end": 4}
    task = {
        "id": 7,
        "data": {"text": TEXT, "title": "x"},
        "predictions": [{"result": []}],
        "annotations": [
            {
                "completed_by": {"id": 3, "email": "a@example.org"},
                "result": [
                    # offsets in UTF-16 units, as browsers count
                    {**region, "id": "a", "value": {"start": 2, "end": 4, "text": "甲区", "labels": ["Zone", "Place"]}},
                    {**region, "id": "b", "value": {"start": 0, "end": 2, "text": "乙区 合并", "labels": ["District"]}},
                    {**region, "id": "c", "value": {"start": 0, "end": 2, "text": "丙区", "labels": ["Zone"]}},
                    {**region, "id": "e", "value": {"start": "/p[1]", "end": "/p[1]", "labels": ["Zone"]}},
                    {"id": "a", "from_name": "sure", "type": "choices", "value": {**at, "choices": ["yes"]}},
                    {"id": "a", "from_name": "n", "type": "textarea", "value": {**at, "text": ["hm"]}},
                    {"id": "d", "type": "choices", "value": {"choices": ["whole"]}},
                    {"type": "relation", "from_id": "a", "to_id": "b", "direction": "left", "labels": ["locatedIn"]},
                    {"type": "relation", "from_id": "a", "to_id": "b", "labels": []},
                    {"type": "relation", "from_id": "a", "to_id": "c", "direction": "bi", "labels": ["x", "y"]},
                ],
            },
            {"was_cancelled": True, "result": []},
        ],
    }  # fmt: skip
    (seed,) = load("labelstudio", [task])
    assert slices(seed) == {"T1": ("Zone", "甲区"), "T2": ("District", "乙区\n合并")}
    assert seed.mentions[0].attrs == {"sure": ("yes",)}
    assert (seed.mentions[0].by, seed.mentions[0].note) == ("a@example.org", "hm")
    assert seed.events[0].args == {"subject": ("T2",), "object": ("T1",)}
    assert sorted(told(seed)) == [
        ("argument-lost", "E3", "warning"),
        ("cancelled", "", "warning"),
        ("moved", "T2", "warning"),
        ("no-characters", "", "warning"),
        ("no-characters", "T4", "error"),
        ("no-type", "E2", "error"),
        ("prediction", "", "warning"),
        ("second-type", "E3", "warning"),
        ("second-type", "T1", "warning"),
        ("slice", "T3", "error"),
        ("two-ways", "E3", "warning"),
    ]


def test_label_studio_keeps_two_annotators_apart():
    done = [{"completed_by": n, "result": []} for n in (1, 2)]
    seeds = load("labelstudio", {"id": 1, "data": {"text": TEXT}, "annotations": done})
    assert [seed.file for seed in seeds] == ["d.1.jsonl", "d.2.jsonl"]


def test_doccano():
    line = {
        "id": 5,
        "text": TEXT,
        "entities": [{"id": 40, "label": "Zone", "start_offset": 1, "end_offset": 3}, {"id": 41, "label": "Zone"}],
        "label": [[4, 6, "District"]],
        "relations": [{"from_id": 40, "to_id": 41, "type": "locatedIn"}],
        "Comments": ["hm"],
    }
    raw = b"\n".join(json.dumps({**line, "id": n}).encode() for n in (5, 6))
    first, second = load("doccano", raw)
    assert [first.id, second.id] == ["d-5", "d-6"]
    assert slices(first) == {"T1": ("Zone", "甲区"), "T3": ("District", "乙区")}
    assert sorted(told(first)) == [
        ("argument-lost", "E1", "warning"),
        ("key-left-out", "", "warning"),
        ("malformed-entity", "T2", "error"),
        ("unit-unsure", "", "warning"),
    ]


def test_pubannotation():
    data = {
        "text": TEXT,
        "sourceid": "12/3",
        "denotations": [
            {"id": "T1", "span": {"begin": 1, "end": 3}, "obj": "Zone"},
            {"id": "T2", "span": [{"begin": 4, "end": 5}, {"begin": 8, "end": 9}], "obj": "Zone"},
            {"id": "T3", "span": {"begin": 1}, "obj": "Zone"},
            {"id": "T4", "span": {"begin": 1, "end": 999}, "obj": "Zone"},
        ],
        "relations": [{"id": "R1", "subj": "T1", "pred": "locatedIn", "obj": "T2"}],
        "attributes": [{"id": "A1", "subj": "T1", "pred": "sure", "obj": "yes"}],
        "modifications": [{"id": "M1"}],
    }
    (seed,) = load("pubannotation", data)
    assert seed.id == "12-3"
    assert slices(seed) == {"T1": ("Zone", "甲区"), "T2": ("Zone", "乙并")}
    assert seed.mentions[0].attrs == {"sure": ("yes",)}
    assert [(e.id, e.type) for e in seed.events] == [("R1", "locatedIn")]
    assert sorted(told(seed)) == [
        ("key-left-out", "", "warning"),
        ("no-place", "T3", "error"),
        ("span-outside", "T4", "error"),
    ]


def annotation(name, **selectors):
    kinds = {"position": "TextPositionSelector", "quote": "TextQuoteSelector", "svg": "SvgSelector"}
    made = [{"type": kinds[kind], **value} for kind, value in selectors.items()]
    return {
        "id": f"urn:x:{name}",
        "type": "Annotation",
        "body": {"type": "TextualBody", "value": "Zone", "purpose": "tagging"},
        "target": {"source": "https://example.org/d", "selector": made},
    }


def test_foreign_web_annotations_are_found_by_their_quotes():
    items = [
        annotation("T1", position={"start": 2, "end": 4}, quote={"exact": "甲区"}),
        annotation("T2", quote={"exact": "区", "prefix": "乙"}),
        annotation("T3", quote={"exact": "区"}),
        annotation("T4", svg={"value": "<svg/>"}),
    ]
    items[0]["body"] = [items[0]["body"], {"type": "TextualBody", "value": "hm"}, "https://example.org/thing"]
    items[0]["creator"] = {"name": "ann"}
    items[1]["body"] = [items[1]["body"], {"purpose": "assessing", "value": 3}]
    (seed,) = load("webanno", {"type": "AnnotationPage", "items": items}, source=SOURCE)
    assert slices(seed) == {"T1": ("Zone", "甲区"), "T2": ("Zone", "区")}
    assert seed.mentions[1].spans == ((5, 6),)
    first = seed.mentions[0]
    assert (first.by, first.note, first.ref) == ("ann", "hm", "https://example.org/thing")
    assert sorted(told(seed)) == [
        ("body-left-out", "T2", "warning"),
        ("moved", "T1", "warning"),
        ("no-place", "T3", "error"),
        ("no-place", "T4", "error"),
    ]


def test_web_annotations_are_linked_data(maker):
    """The export is JSON-LD whose targets carry both selectors; the context is checked by its own keys."""
    made = maker("甲区").mention("T1", "Place", "甲区", ref="zone/a")
    data = json.loads(export_seed("webanno", made.seed()).files["t.jsonld"])
    assert data["@context"][0].startswith("http://www.w3.org/ns/anno")
    (item,) = data["first"]["items"]
    assert [s["type"] for s in item["target"]["selector"]] == ["TextPositionSelector", "TextQuoteSelector"]
    assert item["body"][1]["source"] == "https://w3id.org/zonegraph/id/zone/a"


def test_foreign_layers_of_a_cas():
    cassis = pytest.importorskip("cassis")
    system = cassis.TypeSystem()
    named = system.create_type("custom.NamedEntity", "uima.tcas.Annotation")
    token = system.create_type("de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token", "uima.tcas.Annotation")
    for feature in ("value", "identifier", "sure"):
        system.create_feature(named, feature, "uima.cas.String")
    arc = system.create_type("custom.Relation", "uima.tcas.Annotation")
    system.create_feature(arc, "value", "uima.cas.String")
    for feature in ("Governor", "Dependent"):
        system.create_feature(arc, feature, "uima.tcas.Annotation")
    cas = cassis.Cas(system)
    cas.sofa_string = TEXT
    one = named(begin=1, end=3, value="Zone", identifier="zone/a", sure="yes")
    two = named(begin=4, end=6)
    for structure in (one, two, named(begin=0, end=0), token(begin=0, end=1)):
        cas.add(structure)
    cas.add(arc(begin=1, end=6, value="locatedIn", Governor=one, Dependent=two))
    (seed,) = load("cas-json", cas.to_json().encode())
    assert slices(seed) == {"T1": ("Zone", "甲区"), "T2": ("NamedEntity", "乙区")}
    assert (seed.mentions[0].ref, seed.mentions[0].attrs) == ("zone/a", {"sure": ("yes",)})
    assert [(e.type, e.args) for e in seed.events] == [("locatedIn", {"subject": ("T1",), "object": ("T2",)})]
    assert told(seed) == [("layer-left-out", "", "warning")]


def test_a_cas_counts_utf16_on_disk(maker):
    pytest.importorskip("cassis")
    made = maker(TEXT).mention("T1", "Place", "甲区")
    data = json.loads(export_seed("cas-json", made.seed(), SourceText.from_text("t.txt", TEXT)).files["t.json"])
    mention = next(fs for fs in data["%FEATURE_STRUCTURES"] if fs["%TYPE"].endswith("Mention"))
    assert (mention["begin"], mention["end"]) == (2, 4)


@pytest.mark.parametrize("name", ["cas-json", "cas-xmi"])
def test_without_cassis_the_error_says_what_to_install(monkeypatch, maker, name):
    original = builtins.__import__

    def refuse(module, *args, **more):
        if module == "cassis":
            raise ImportError(module)
        return original(module, *args, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(UsageError, match=r"zonegraph\[cas\]"):
        load(name, b"{}")
    with pytest.raises(UsageError, match=r"zonegraph\[cas\]"):
        export_seed(name, maker("甲").seed(), SourceText.from_text("t.txt", "甲"))


@pytest.mark.parametrize("name", ["cas-json", "cas-xmi"])
def test_a_cas_needs_the_text(maker, name):
    pytest.importorskip("cassis")
    with pytest.raises(UsageError, match="--texts"):
        export_seed(name, maker("甲").seed())


@pytest.mark.parametrize("name", READABLE)
@settings(max_examples=25, deadline=None)
@given(data=st.one_of(st.binary(max_size=40), st.sampled_from([b"{}", b"[]", b"[1]", b'{"data":1}', b'{"items":3}'])))
def test_a_file_of_another_kind_is_one_clear_error(name, data):
    # any error but a ZonegraphError fails the test
    with contextlib.suppress(ZonegraphError):
        load(name, data, source=SOURCE, beside={"TypeSystem.xml": b"<x/>", "d.txt": TEXT.encode()})


def test_errors_of_files_and_flags(maker):
    with pytest.raises(UsageError, match=r"no d\.txt beside it"):
        load("brat", b"")
    with pytest.raises(UsageError, match="--text FILE"):
        load("webanno", [])
    with pytest.raises(UsageError, match="another text"):
        load("brat", b"", source=SOURCE, header=maker("甲").seed().document)
    with pytest.raises(SeedError, match="not UTF-8"):
        SourceText.from_bytes("d.txt", b"\xff")
    with pytest.raises(UsageError, match="is not the text"):
        export_seed("brat", maker("甲").seed(), SOURCE)
    with pytest.raises(UsageError, match="can only be read"):
        export_seed("doccano", maker("甲").seed())
    with pytest.raises(UsageError, match="no format"):
        import_seeds("tei", Incoming("x", b""))


def test_a_long_slice_is_refused_and_its_event_says_so():
    text = "甲" * 60
    ann = f"T1\tPlace 0 50\t{'甲' * 50}\nT2\tPlace 0 1\t甲\nE1\tFounding:T2 about:T1\n"
    (seed,) = load("brat", ann.encode(), source=SourceText.from_text("d.txt", text))
    assert told(seed) == [("slice-too-long", "T1", "error"), ("argument-lost", "E1", "warning")]


def test_find_near():
    assert find_near("ab ab ab", "ab", 4) == (3, 5)
    assert find_near("a b\nc", "bc", 0) == (2, 5)
    assert find_near("abc", "x", 0) is None
    assert find_near("abc", " ", 0) is None


def test_brat_configuration_follows_the_ontology(plan):
    made = FORMATS["brat"].shared(plan)
    lines = made["annotation.conf"].decode().splitlines()
    sections = [line for line in lines if line.startswith("[")]
    assert sections == ["[entities]", "[relations]", "[events]", "[attributes]"]
    events = lines[lines.index("[events]") : lines.index("[attributes]")]
    merger = next(line for line in events if line.startswith("AdministrativeIntegration\t"))
    assert "integrates*:<ENTITY>|<EVENT>" in merger
    names = {line.strip().split("\t")[0] for line in lines}
    own = {c.name for c in plan.classes.values() if c.iri.startswith("https://w3id.org/zonegraph/ontology#")}
    assert own <= names
    assert sum(c.kind is Kind.CLAIM for c in plan.classes.values()) > 10
    labels = made["visual.conf"].decode()
    assert any("一" <= character <= "鿿" for character in labels)


def test_the_table_is_complete():
    assert {row.name for row in FORMATS.values() if row.read} == set(READABLE)
    assert set(WRITABLE) == {"brat", "webanno", "pubannotation", "cas-json", "cas-xmi"}
