"""Seeds as strangers write them: each mistake is one finding that names its record, and costs no other record."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from zonegraph.convert import convert_seed
from zonegraph.names import PREFIXES
from zonegraph.seeds import parse_seed

TEXT = (
    "2011年1月2日，乌鲁木齐经济技术开发区与头屯河区实行区政\r\n合一😀。2018年产值1134\r\n亿元，"
    "头\u3000屯\r\n河区获奖。乌鲁木齐经济技术开发区托管头屯河区。"
)


@pytest.fixture
def base(maker):
    """A good entrustment in six records, with an emoji and line breaks in the text."""

    def make(**header):
        return (
            maker(TEXT, **header)
            .mention("T1", "District", "头屯河区")
            .mention("T2", "EconomicTechnologicalDevelopmentZone", "乌鲁木齐经济技术开发区")
            .mention("T3", "Time", "2011年1月2日")
            .mention("T4", "Trigger", "区政\r\n合一")
            .event("E1", "Entrustment", trigger=["T4"], args={"about": ["T1"], "entrustedTo": ["T2"], "period": ["T3"]})
        )

    return make


def convert(plan, data):
    result = convert_seed(plan, parse_seed(data if isinstance(data, bytes) else data.lines(), "h.jsonl"))
    assert result.records_in == result.emitted + len(result.rejects)
    # whatever came in, what goes out can be loaded
    ox.Store().load("\n".join(result.lines).encode(), format=ox.RdfFormat.N_QUADS)
    return result


def ask(result, query):
    store = ox.Store()
    store.load("\n".join(result.lines).encode(), format=ox.RdfFormat.N_QUADS)
    solutions = store.query(query, prefixes=dict(PREFIXES), use_default_graph_as_union=True)
    return sorted({tuple(row[v].value for v in solutions.variables) for row in solutions})


# bytes


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data.replace(b"\n", b"\r\n"), id="crlf"),
        pytest.param(lambda data: b"\xef\xbb\xbf" + data, id="bom"),
        pytest.param(lambda data: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"), id="bom-crlf"),
        pytest.param(lambda data: b"\n \n" + data.replace(b"\n", b" \n\n"), id="blank-lines"),
        pytest.param(lambda data: data.rstrip(), id="no-last-line-end"),
    ],
)
def test_line_ends_and_marks_of_other_systems_change_nothing(plan, base, damage):
    wanted = convert(plan, base())
    found = convert(plan, damage(base().lines()))
    assert found.lines == wanted.lines
    assert found.findings == ()


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        pytest.param(lambda data: data + b"\x00\n", "malformed-line", id="nul"),
        pytest.param(lambda data: data + b'{"kind":"mention","id":"T9"\n', "malformed-line", id="truncated"),
        pytest.param(lambda data: data + b'{"kind":"mention","id":"T9","type":"\xff"}\n', "not-utf8", id="bytes"),
        pytest.param(
            lambda data: data + b'{"kind":"mention","id":"T9","text":"\\ud800"}\n', "malformed-line", id="half"
        ),
        pytest.param(lambda data: data + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"\n", "malformed-line", id="deep"),
        pytest.param(lambda data: data + b"[]\n", "malformed-line", id="list"),
        pytest.param(lambda data: data + b'{"kind":"relation","id":"R1"}\n', "unknown-kind", id="kind"),
    ],
)
def test_a_bad_line_costs_only_itself(plan, base, damage, code):
    good = convert(plan, base())
    found = convert(plan, damage(base().lines()))
    assert found.lines == good.lines
    assert [(finding.code, finding.line) for finding in found.findings] == [(code, 7)]


# spans


def test_an_emoji_is_one_code_point(plan, base):
    begin = TEXT.index("😀")
    made = base()
    made.records.append({"kind": "mention", "id": "T9", "type": "Trigger", "spans": [[begin, begin + 1]], "text": "😀"})
    made.event("E2", "Entrustment", trigger=["T9"], args={"about": ["T1"]})
    found = convert(plan, made)
    assert found.findings == ()
    assert ask(found, 'SELECT ?start ?end { ?s oa:exact "😀" ; oa:start ?start ; oa:end ?end }') == [
        (str(begin), str(begin + 1))
    ]


def test_line_breaks_stay_in_the_quote_and_leave_the_values(plan, base):
    made = base().mention("T5", "Quantity", "1134\r\n亿元").mention("T6", "Time", "2018年")
    made.event(
        "E2",
        "Observation",
        args={"about": "T1", "value": "T5", "period": "T6"},
        attrs={"indicator": "gdp", "accumulation": "flow"},
    )
    found = convert(plan, made)
    assert found.findings == ()
    assert ask(found, "SELECT ?v ?w { ?o a zg:Observation ; zg:value ?v ; zg:valueAsWritten ?w }") == [
        ("113400000000", "1134亿元")
    ]
    assert ask(found, "SELECT ?x { ?s oa:exact ?x FILTER(CONTAINS(?x, '1134')) }") == [("1134\r\n亿元",)]


def test_pieces_of_a_name_keep_their_own_offsets(plan, base):
    begin = TEXT.index("头\u3000")
    spans = [[begin, begin + 1], [begin + 2, begin + 3], [begin + 5, begin + 7]]
    made = base()
    made.records.append({"kind": "mention", "id": "T9", "type": "市辖区", "spans": spans, "text": "头屯河区"})
    found = convert(plan, made)
    assert found.findings == ()
    rows = ask(
        found,
        "SELECT ?start ?exact { ?span zg:denotes ?district ; oa:hasSelector ?s . ?s oa:start ?start ; oa:exact ?exact"
        f" FILTER(xsd:integer(?start) >= {begin} && xsd:integer(?start) < {begin + 7}) }}",
    )
    assert sorted(rows) == sorted([(str(begin), "头"), (str(begin + 2), "屯"), (str(begin + 5), "河区")])


# names


def test_types_roles_and_codes_go_by_chinese_names_in_either_script(plan, base, maker):
    chinese = (
        maker(TEXT)
        .mention("T1", "市轄區", "头屯河区")
        .mention("T2", "经开区", "乌鲁木齐经济技术开发区")
        .mention("T3", "日期", "2011年1月2日")
        .mention("T4", "觸發詞", "区政\r\n合一")
        .event("E1", "託管", trigger=["T4"], args={"关于": ["T1"], "受託方": ["T2"], "时期": ["T3"]})
    )
    assert convert(plan, chinese).lines == convert(plan, base()).lines


# wrong records


@pytest.mark.parametrize(
    ("kind", "more", "code"),
    [
        ("飞碟", {}, "unknown-type"),
        ("owl:Thing", {}, "unknown-type"),
        ("Entrustment", {"args": {"关与": ["T1"]}}, "unknown-role"),
        ("Entrustment", {"args": {"about": ["T1"], "integrates": ["T2"]}}, "role-not-allowed"),
        ("Entrustment", {"args": {"about": ["T99"]}}, "dangling-reference"),
        ("Entrustment", {"args": {"about": ["@zone/nowhere"]}}, "unknown-reference"),
        ("Entrustment", {"args": {"about": ["E9"]}}, "cycle"),
        ("Entrustment", {"args": {"about": ["T1"], "period": ["T1"]}}, "wrong-kind"),
        ("Entrustment", {"args": {"about": ["T1"]}, "trigger": ["E1"]}, "dangling-reference"),
        ("Entrustment", {"trigger": ["T4"]}, "missing-role"),
        ("Entrustment", {"args": {"about": []}, "trigger": ["T4"]}, "missing-role"),
        ("Entrustment", {"args": {"about": ["T1", "T2"]}}, "too-many"),
        ("Entrustment", {"args": {"about": ["@district/toutunhe"]}}, "no-evidence"),
        ("Entrustment", {"args": {"about": ["T1"], "hasOutcome": ["T1"]}}, "wrong-class"),
        ("Entrustment", {"args": {"about": ["T1"]}, "attrs": {"period": 2015}}, "wrong-kind"),
        ("Entrustment", {"args": {"about": ["T1"]}, "attrs": {"period": "2015-13"}}, "value"),
        ("Entrustment", {"args": {"about": ["T1"]}, "attrs": {"period": None}}, "wrong-value"),
        ("Entrustment", {"args": "T1"}, "wrong-value"),
        ("Entrustment", {"args": {"about": [1]}}, "wrong-value"),
        ("Entrustment", {"args": {"about": ["T1"]}, "basis": "maybe"}, "wrong-value"),
        ("Entrustment", {"args": {"about": ["T1"]}, "colour": "red"}, "unknown-key"),
    ],
)
def test_a_wrong_event_costs_only_itself_and_says_how_to_mend_it(plan, base, kind, more, code):
    good = convert(plan, base())
    found = convert(plan, base().event("E9", kind, **more))
    assert found.lines == good.lines
    (finding,) = found.findings
    assert (finding.code, finding.line, finding.id, finding.file) == (code, 7, "E9", "h.jsonl")
    assert finding.hint


@pytest.mark.parametrize(
    ("kind", "piece", "more", "code"),
    [
        ("District", "获奖", {}, "unknown-entity"),
        ("District", "头屯河区", {"ref": "zone/urumqi-etdz"}, "wrong-type"),
        ("District", "头屯河区", {"ref": "district/nowhere"}, "unknown-reference"),
        ("District", "头屯河区", {"ref": "a b<c>"}, "unknown-reference"),
        ("locatedIn", "头屯河区", {}, "unknown-term"),
        ("Goods", "获奖", {}, "unknown-term"),
        ("Time", "2018年", {"value": {"edtf": "2017"}}, "value-mismatch"),
        ("Time", "2018年", {"value": {"edtf": "2019/2018"}}, "value"),
        ("Time", "获奖", {}, "value"),
        ("District", "头屯河区", {"value": {"colour": "red"}}, "wrong-value"),
    ],
)
def test_a_wrong_mention_costs_itself_and_what_rests_on_it(plan, base, kind, piece, more, code):
    good = convert(plan, base())
    made = base().mention("T9", kind, piece, **more).event("E9", "Entrustment", args={"about": ["T9"]})
    found = convert(plan, made)
    assert found.lines == good.lines
    assert [(f.id, f.code, f.cause) for f in found.findings] == [("T9", code, ""), ("E9", "depends-on-rejected", "T9")]


@pytest.mark.parametrize(
    "value",
    [
        {"decimal": "五"},
        {"decimal": 5},
        {"decimal": "Infinity"},
        {"decimal": "NaN"},
        {"unit": "zorkmid"},
        {"qualifier": "maybe"},
        {"stated": "x"},
        {"scale": 3},
    ],
)
def test_a_wrong_quantity_is_refused(plan, base, value):
    made = base().mention("T5", "Quantity", "1134\r\n亿元", value=value).mention("T6", "Time", "2018年")
    made.event(
        "E2",
        "Observation",
        args={"about": "T1", "value": "T5", "period": "T6"},
        attrs={"indicator": "gdp", "accumulation": "flow"},
    )
    found = convert(plan, made)
    assert [(f.id, f.code in {"value-mismatch", "unknown-term"}) for f in found.findings] == [("E2", True)]


@pytest.mark.parametrize(
    "header",
    [
        {"issued": "soon"},
        {"lang": "fr"},
        {"ontology": "https://w3id.org/zonegraph/ontology/9.9.9"},
        {"id": "a/b"},
        {"id": "../x"},
        {"sha256": "abc"},
        {"unit": "byte"},
        {"colour": 1},
    ],
)
def test_a_wrong_header_is_one_cause_for_the_whole_file(plan, base, header):
    found = convert(plan, base(**header))
    assert found.lines == ()
    assert found.emitted == 0
    assert [finding.line for finding in found.findings if not finding.cause] == [1]


def test_markup_in_a_record_is_only_text(plan, base):
    made = base().event("E2", "Entrustment", args={"about": ["T1"]}, by='<script>"\\\n</script>')
    assert ask(convert(plan, made), "SELECT ?by { ?x zg:annotatedBy ?by }") == [('<script>"\\\n</script>',)]


@pytest.mark.parametrize(
    ("kind", "more", "code"),
    [
        ("Fate", {"trigger": ["T4"]}, "wrong-kind"),
        ("Trigger", {"trigger": ["T4"]}, "wrong-kind"),
        ("TimeExtent", {"trigger": ["T4"]}, "wrong-kind"),
        ("District", {"trigger": ["T4"]}, "missing-ref"),
        ("Entrustment", {"args": {"about": ["T1"]}, "ref": "a b<c>"}, "bad-ref"),
        ("Entrustment", {"args": {"about": ["T1"]}, "ref": "../../etc"}, "bad-ref"),
        ("Entrustment", {"args": {"about": ["T1"]}, "ref": "https://example.org/x"}, "bad-ref"),
        ("Entrustment", {"args": {"about": ["T1"]}, "ref": "district/toutunhe"}, "wrong-type"),
        ("Entrustment", {"args": {"about": ["T1"], "hasOutcome": ["E1"]}}, "wrong-class"),
        ("locatedIn", {"args": {"subject": ["T1"], "object": ["@firm/goldwind"]}}, "wrong-class"),
        ("value", {"args": {"subject": ["T1"], "object": ["T2"]}}, "wrong-kind"),
    ],
)
def test_an_event_of_no_sense_is_refused(plan, base, kind, more, code):
    good = convert(plan, base())
    found = convert(plan, base().event("E9", kind, **more))
    assert found.lines == good.lines
    assert [(finding.code, finding.id) for finding in found.findings] == [(code, "E9")]


@pytest.mark.parametrize("attrs", [{"nameKind": "zorg"}, {"colour": "red"}])
def test_a_wrong_attribute_of_a_mention_costs_only_the_mention(plan, base, attrs):
    good = convert(plan, base())
    found = convert(plan, base().mention("T9", "District", "头屯河区", attrs=attrs))
    assert found.lines == good.lines
    assert [finding.id for finding in found.findings] == ["T9"]


@pytest.mark.parametrize("value", [{"decimal": "1e99999", "unit": "cny"}, {"decimal": "1", "scale": -5, "unit": "cny"}])
def test_a_number_beyond_all_figures_is_refused(plan, base, value):
    made = base().mention("T5", "Quantity", "获奖", value=value).mention("T6", "Time", "2018年")
    args = {"about": "T1", "value": "T5", "period": "T6"}
    made.event("E2", "Observation", args=args, attrs={"indicator": "gdp", "accumulation": "flow"})
    (finding,) = convert(plan, made).findings
    assert (finding.code, finding.id, finding.message[:3]) == ("value-mismatch", "E2", "T5:")


def test_two_documents_may_list_members_in_another_order(plan, maker):
    def listing(doc, first, second):
        made = (
            maker("成员：头屯河区、新市区", id=doc)
            .mention("A", "District", "头屯河区")
            .mention("B", "District", "新市区")
        )
        made = made.mention("C", "Trigger", "成员")
        args = {"hasMembership": [first, second]}
        return made.event("E1", "Alliance", ref="alliance/silk-road-landport", trigger=["C"], args=args)

    lines = [line for part in (listing("d", "A", "B"), listing("e", "B", "A")) for line in convert(plan, part).lines]
    store = ox.Store()
    store.load("\n".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
    query = "SELECT ?m (COUNT(DISTINCT ?x) AS ?n) { ?m zg:member ?x } GROUP BY ?m"
    rows = store.query(query, prefixes=dict(PREFIXES), use_default_graph_as_union=True)
    assert {row["n"].value for row in rows} == {"1"}


def test_short_names_of_codes_leave_out_the_whole_scheme(plan, maker):
    made = (
        maker("甲乙")
        .mention("A", "District", "甲", ref="district/toutunhe")
        .mention("B", "District", "乙", ref="district/xinshi")
    )
    args = {"hasCall": ["A", "B"]}
    made.event("E1", "TransportService", args=args, attrs={"transportMode": "rail-sea"})
    found = convert(plan, made)
    assert found.findings == ()
    labels = ask(
        found, "SELECT ?order ?label { ?c zg:order ?order ; rdfs:label ?label FILTER(LANG(?label) = 'zh-hans') }"
    )
    assert labels == [("1", "头屯河区"), ("2", "新市区")]
