"""Conversion: records to quads, each record accounted for, the same bytes whoever does it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zonegraph.convert import convert_seed
from zonegraph.convert.runner import convert_folder
from zonegraph.convert.terms import decimal, is_iri, literal, path_iri
from zonegraph.names import PREFIXES
from zonegraph.seeds import parse_seed

TEXT = "2011年1月2日，乌鲁木齐经济技术开发区与头屯河区实行区政合一。2018年产值超过1134亿元，今年计划开行1400列。"
MERGER = {
    "integrates": ["T1", "T2"],
    "period": ["T3"],
    "establishesUnit": ["@unit/urumqi-etdz-toutunhe"],
    "integrationMode": ["@quzhengheyi"],
}


def merger(maker, **more):
    return (
        maker(TEXT, **more)
        .mention("T1", "EconomicTechnologicalDevelopmentZone", "乌鲁木齐经济技术开发区")
        .mention("T2", "District", "头屯河区")
        .mention("T3", "Time", "2011年1月2日")
        .mention("T4", "Trigger", "区政合一")
        .mention("T5", "Quantity", "超过1134亿元")
        .mention("T6", "Time", "2018年")
        .mention("T7", "Quantity", "1400列")
        .mention("T8", "Time", "今年")
        .event("E1", "AdministrativeIntegration", trigger=["T4"], args=MERGER)
    )


def observation(made, identifier="E2", **args):
    given_args = {"about": ["@unit/urumqi-etdz-toutunhe"], "value": ["T5"], "period": ["T6"], **args}
    attrs = {"indicator": "indicator-gdp", "accumulation": "flow"}
    return made.event(identifier, "Observation", args=given_args, attrs=attrs)


def store_of(*results) -> ox.Store:
    store = ox.Store()
    for result in results:
        store.load("\n".join(result.lines).encode(), format=ox.RdfFormat.N_QUADS)
    return store


def rows(store, query):
    solutions = store.query(query, prefixes=dict(PREFIXES), use_default_graph_as_union=True)
    return sorted(tuple(str(getattr(row[v], "value", "")) for v in solutions.variables) for row in solutions)


def convert(plan, made):
    result = convert_seed(plan, made.seed())
    assert result.records_in == result.emitted + len(result.rejects)
    return result


def test_a_merger_with_its_participants_date_and_characters(plan, maker):
    result = convert(plan, merger(maker))
    assert result.findings == ()
    store = store_of(result)
    found = rows(
        store,
        "SELECT ?z ?edtf ?day ?unit WHERE { ?m a zg:AdministrativeIntegration ; zg:integrates ?z ;"
        " zg:establishesUnit ?unit ; zg:period [ zg:edtf ?edtf ; zg:earliest ?day ] }",
    )
    base = PREFIXES["zgi"]
    unit = f"{base}unit/urumqi-etdz-toutunhe"
    assert found == [
        (f"{base}district/toutunhe", "2011-01-02", "2011-01-02", unit),
        (f"{base}zone/urumqi-etdz", "2011-01-02", "2011-01-02", unit),
    ]
    quotes = rows(
        store,
        "SELECT ?s ?e ?x WHERE { ?m a zg:AdministrativeIntegration ; prov:wasDerivedFrom/oa:hasSelector"
        " [ oa:start ?s ; oa:end ?e ; oa:exact ?x ] }",
    )
    assert all(TEXT[int(start) : int(end)] == exact for start, end, exact in quotes)
    assert len(quotes) == 4


def test_a_quantity_becomes_whole_number_unit_and_qualifier(plan, maker):
    store = store_of(convert(plan, observation(merger(maker))))
    query = """SELECT ?v ?u ?q ?w ?s ?k ?l WHERE { ?o a zg:Observation ; zg:value ?v ; zg:unit ?u ; zg:qualifier ?q ;
        zg:valueAsWritten ?w ; zg:statedValue ?s ; zg:scale ?k ; zg:lowerBound ?l }"""
    code = PREFIXES["zgc"]
    expected = ("113400000000", f"{code}unit-cny", f"{code}qualifier-more-than", "超过1134亿元", "1134", "8")
    assert rows(store, query) == [(*expected, "113400000000")]


def test_no_blank_nodes_and_lower_case_tags(plan, maker):
    result = convert(plan, observation(merger(maker)))
    quads = list(ox.parse("\n".join(result.lines).encode(), format=ox.RdfFormat.N_QUADS))
    assert not any(isinstance(t, ox.BlankNode) for q in quads for t in (q.subject, q.object, q.graph_name))
    assert {line for line in result.lines if "@zh-Hans" in line} == set()
    assert {q.graph_name.value for q in quads} == {"https://w3id.org/zonegraph/graph/doc/t"}
    assert sorted(set(result.lines)) == list(result.lines)


def test_the_same_merger_in_two_documents_is_one_event_with_two_sources(plan, maker):
    first = convert(plan, merger(maker))
    second = convert(plan, merger(maker, id="u"))
    query = """SELECT ?m (COUNT(DISTINCT ?d) AS ?n) WHERE {
        ?m a zg:AdministrativeIntegration ; prov:wasDerivedFrom/oa:hasSource ?d } GROUP BY ?m"""
    found = rows(store_of(first, second), query)
    assert [n for _, n in found] == ["2"]


def test_other_participants_are_another_merger(plan, maker):
    text = "2011年1月，乌鲁木齐高新区与新市区实行区政合一。"
    other = (
        maker(text, id="u")
        .mention("T1", "HighTechZone", "乌鲁木齐高新区", ref="zone/urumqi-htdz")
        .mention("T2", "District", "新市区", ref="district/xinshi")
        .mention("T3", "Time", "2011年1月")
        .mention("T4", "Trigger", "区政合一")
        .event(
            "E1",
            "AdministrativeIntegration",
            trigger=["T4"],
            args={**MERGER, "establishesUnit": ["@unit/urumqi-htdz-xinshi"]},
        )
    )
    store = store_of(convert(plan, merger(maker)), convert(plan, other))
    found = rows(store, "SELECT ?m ?e WHERE { ?m a zg:AdministrativeIntegration ; zg:period/zg:edtf ?e }")
    assert sorted(e for _, e in found) == ["2011-01", "2011-01-02"]
    assert len({m for m, _ in found}) == 2


def test_a_plan_is_no_observation(plan, maker):
    made = merger(maker).event(
        "E3",
        "Target",
        args={"about": ["@zone/urumqi-landport"], "value": ["T7"], "period": ["T8"]},
        attrs={"indicator": "indicator-trains", "commitment": "planned", "accumulation": "flow"},
    )
    result = convert(plan, made)
    assert [str(f) for f in result.findings] == []
    store = store_of(result)
    assert rows(store, "SELECT ?o WHERE { ?o a zg:Observation }") == []
    assert rows(store, "SELECT ?v WHERE { ?o a zg:Target ; zg:value ?v }") == [("1400",)]


def test_a_deictic_date_is_marked_and_anchored(plan, maker):
    store = store_of(convert(plan, merger(maker)))
    query = "SELECT ?e ?b ?d WHERE { ?t zg:edtf ?e ; zg:basis ?b ; zg:anchorDocument ?d }"
    expected = ("2019", f"{PREFIXES['zgc']}basis-implied", f"{PREFIXES['zgi']}doc/t")
    assert rows(store, query) == [expected]


def test_comparators_of_two_figures_stay_two(plan, maker):
    text = "甲增长7%，产值100亿元。乙增长7%，产值200亿元。"
    made = maker(text)
    made.mention("Q1", "Quantity", "100亿元").mention("Q2", "Quantity", "200亿元").mention("Q3", "Quantity", "7%")
    for number, value in ((1, "Q1"), (2, "Q2")):
        made.event(f"G{number}", "GrowthRate", args={"value": ["Q3"]})
        made.event(
            f"E{number}",
            "Observation",
            args={"about": ["@zone/urumqi-htdz"], "value": [value], "hasComparator": [f"G{number}"]},
            attrs={"indicator": "indicator-gdp", "period": "2018", "accumulation": "flow"},
        )
    result = convert(plan, made)
    assert [str(f) for f in result.findings] == []
    assert len(rows(store_of(result), "SELECT ?c WHERE { ?o zg:hasComparator ?c }")) == 2


def test_a_name_in_two_stretches_is_two_spans_of_one_thing(plan, maker):
    made = maker("乌鲁木齐高新区XX（新市区）")
    made.records.append(
        {"kind": "mention", "id": "T1", "type": "IntegratedUnit", "spans": [[0, 7], [9, 14]],
         "text": "乌鲁木齐高新区（新市区）", "ref": "unit/urumqi-htdz-xinshi"}
    )  # fmt: skip
    result = convert(plan, made)
    assert result.rejects == ()
    query = "SELECT ?x ?t WHERE { ?s zg:denotes ?t ; oa:hasSelector/oa:exact ?x }"
    unit = f"{PREFIXES['zgi']}unit/urumqi-htdz-xinshi"
    assert rows(store_of(result), query) == [("乌鲁木齐高新区", unit), ("（新市区）", unit)]


def service(maker, **calls):
    text = "开行新疆吐鲁番—重庆—泰国的哈密瓜冷链卡班。"
    made = maker(text, id=calls.pop("id", "t"))
    made.mention("T1", "Place", "吐鲁番").mention("T2", "Place", "重庆").mention("T3", "Country", "泰国")
    made.mention("T4", "Goods", "哈密瓜")
    args = {"hasCall": ["T1", "T2", "T3"], "carries": ["T4"], **calls}
    return made.event("E1", "TransportService", args=args, attrs={"transportMode": "road"})


CALLS = "SELECT ?s ?n ?p WHERE { ?s a zg:TransportService ; zg:hasCall [ zg:order ?n ; zg:place ?p ] }"


def test_calls_keep_their_order_whether_or_not_each_is_an_event(plan, maker):
    short = convert(plan, service(maker))
    long = service(maker, id="u", hasCall=["C1", "C2", "C3"])
    for number in (1, 2, 3):
        long.event(f"C{number}", "ServiceCall", args={"place": [f"T{number}"]}, attrs={"callRole": "waypoint"})
    detailed = convert(plan, long)
    assert [str(f) for f in (*short.findings, *detailed.findings)] == []
    base = PREFIXES["zgi"]
    assert [p.removeprefix(base) for _, _, p in rows(store_of(short), CALLS)] == [
        "place/turpan",
        "place/chongqing",
        "place/thailand",
    ]
    # the same line in two documents is one service
    assert {s for s, _, _ in rows(store_of(short, detailed), CALLS)} == {s for s, _, _ in rows(store_of(short), CALLS)}


def test_another_order_is_another_service(plan, maker):
    one, other = convert(plan, service(maker)), convert(plan, service(maker, id="u", hasCall=["T3", "T2", "T1"]))
    assert len({s for s, _, _ in rows(store_of(one, other), CALLS)}) == 2


BREAK = {
    "unknown-role": {"args": {**MERGER, "colour": ["T1"]}},
    "role-not-allowed": {"args": {**MERGER, "rank": ["T5"]}},
    "dangling-reference": {"args": {**MERGER, "integrates": ["T1", "T99"]}},
    "unknown-reference": {"args": {**MERGER, "establishesUnit": ["@unit/nowhere"]}},
    "unknown-term": {
        "attrs": {"integrationMode": "by-magic"},
        "args": {k: MERGER[k] for k in ("integrates", "period", "establishesUnit")},
    },
    "missing-role": {"args": {**MERGER, "integrates": ["T1"]}},
    "wrong-kind": {"args": {**MERGER, "period": ["T1"]}},
    "unknown-type": {"type": "Wedding"},
    "no-evidence": {"args": {"established": ["@zone/urumqi-etdz"]}, "type": "Establishment", "trigger": []},
}


@pytest.mark.parametrize("code", BREAK)
def test_a_bad_event_is_one_reject_and_the_rest_stays(plan, maker, code):
    made = observation(merger(maker))
    bad = {"kind": "event", "id": "E9", "type": "AdministrativeIntegration", "trigger": ["T4"], "args": MERGER}
    made.records.append({**bad, **BREAK[code]})
    result = convert(plan, made)
    assert [(f.code, f.id, f.line) for f in result.rejects] == [(code, "E9", len(made.records))]
    assert result.rejects[0].hint
    good = convert(plan, observation(merger(maker)))
    assert result.lines == good.lines


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "Wedding"}, "unknown-term"),
        ({"ref": "zone/nowhere"}, "unknown-reference"),
        ({"ref": "district/toutunhe"}, "wrong-type"),
        ({"type": "Time", "value": {"edtf": "2011-13"}}, "value"),
    ],
)
def test_a_bad_mention_takes_its_events_with_it_and_names_the_cause(plan, maker, change, code):
    made = merger(maker)
    made.records[1].update(change)
    result = convert(plan, made)
    assert [(f.code, f.id, f.cause) for f in result.rejects] == [(code, "T1", ""), ("depends-on-rejected", "E1", "T1")]


def test_a_value_that_disagrees_with_its_text_is_refused(plan, maker):
    made = observation(merger(maker))
    made.records[5]["value"] = {"decimal": "11340000000"}
    result = convert(plan, made)
    assert [(f.code, f.id) for f in result.rejects] == [("value-mismatch", "E2")]
    made.records[3]["value"] = {"edtf": "2012-01-02"}
    codes = {f.id: f.code for f in convert(plan, made).rejects}
    assert codes["T3"] == "value-mismatch"


def test_another_ontology_version_is_one_finding_for_the_document(plan, maker):
    result = convert(plan, merger(maker, ontology="https://w3id.org/zonegraph/ontology/9.9.9"))
    assert result.lines == ()
    assert [f.code for f in result.rejects if not f.cause] == ["ontology-version"]
    assert len(result.rejects) == result.records_in


def test_a_circle_of_events_is_refused(plan, maker):
    made = merger(maker)
    for one, other in (("E5", "E6"), ("E6", "E5")):
        made.event(one, "Establishment", trigger=["T4"], args={"established": [other]})
    result = convert(plan, made)
    assert {f.id for f in result.rejects} == {"E5", "E6"}
    assert "cycle" in {f.code for f in result.rejects}


@given(st.text())
def test_literals_survive_any_text(text):
    # lone surrogates are no text; the reader of seeds refuses them as not UTF-8
    clean = text.encode("utf-8", "ignore").decode()
    line = f"<http://e/s> <http://e/p> {literal(clean)} ."
    (quad,) = ox.parse(line.encode(), format=ox.RdfFormat.N_TRIPLES)
    assert quad.object.value == clean


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
def test_decimals_are_canonical(value):
    line = f"<http://e/s> <http://e/p> {decimal(value)} ."
    store = ox.Store()
    store.load(line.encode(), format=ox.RdfFormat.N_TRIPLES)
    assert store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()).decode().strip() == line


@given(st.text(min_size=1, max_size=20))
def test_paths_are_iris(text):
    clean = text.encode("utf-8", "ignore").decode() or "x"
    assert is_iri(path_iri("a", clean))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.data())
def test_any_mutation_of_a_seed_is_accounted_for(plan, maker, data):
    made = observation(merger(maker))
    record = data.draw(st.sampled_from(made.records))
    key = data.draw(st.sampled_from(sorted(record)))
    record[key] = data.draw(st.sampled_from(["", "x", "T1", 3, [], ["T1"], {}, {"period": ["T1"]}, None, [[0, 3]]]))
    result = convert_seed(plan, parse_seed(made.lines(), "t.jsonl"))
    assert result.records_in == result.emitted + len(result.rejects)


def folder(tmp_path: Path, maker, count=5) -> Path:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for number in range(count):
        (seeds / f"d{number}.jsonl").write_bytes(merger(maker, id=f"d{number}").lines())
    return seeds


def shard_bytes(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.glob("*.nq"))}


def test_workers_and_engines_give_the_same_bytes(plan, maker, tmp_path):
    seeds = folder(tmp_path, maker)
    convert_folder(plan, seeds, tmp_path / "one")
    convert_folder(plan, seeds, tmp_path / "two", workers=2)
    assert shard_bytes(tmp_path / "one") == shard_bytes(tmp_path / "two") != {}


def test_hash_seeds_give_the_same_bytes(maker, tmp_path):
    seeds = folder(tmp_path, maker, 2)
    from zonegraph.resources import data_dir

    (seeds / "registry.ttl").write_bytes((data_dir("seeds") / "registry.ttl").read_bytes())
    for seed in ("1", "2"):
        command = [
            sys.executable,
            "-m",
            "zonegraph",
            "convert",
            "-q",
            "--seeds",
            str(seeds),
            "-o",
            str(tmp_path / seed),
        ]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True)
    assert shard_bytes(tmp_path / "1") == shard_bytes(tmp_path / "2") != {}


def test_only_changed_seeds_are_converted_again(plan, maker, tmp_path):
    seeds = folder(tmp_path, maker)
    out = tmp_path / "out"
    assert convert_folder(plan, seeds, out).made == 5
    assert convert_folder(plan, seeds, out).made == 0
    (seeds / "d1.jsonl").write_bytes(observation(merger(maker, id="d1")).lines())
    assert convert_folder(plan, seeds, out).made == 1
    (seeds / "d2.jsonl").unlink()
    (out / "d3.nq").write_bytes(b"damaged")
    again = convert_folder(plan, seeds, out)
    assert again.made == 1
    assert sorted(path.stem for path in again.shards()) == ["d0", "d1", "d3", "d4"]
    assert not (out / "d2.nq").exists()


def test_two_files_of_one_document_are_one_refused_file(plan, maker, tmp_path):
    seeds = folder(tmp_path, maker)
    (seeds / "e.jsonl").write_bytes(merger(maker, id="d1").lines())
    result = convert_folder(plan, seeds, tmp_path / "out")
    assert [(f.code, f.file) for f in result.rejects if not f.cause] == [("duplicate-document", "e.jsonl")]
    assert result.records_in == result.emitted + len(result.rejects)
