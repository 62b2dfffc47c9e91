"""Other zones: invented documents, annotated without touching Python, go all the way through."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from zonegraph.build import BuildOptions, BuildReport, build
from zonegraph.build.stages import default_stages
from zonegraph.explain import explain_iri
from zonegraph.graph import ExportOptions, export_graph
from zonegraph.names import ZG, ZGI, compact
from zonegraph.questions import load_question
from zonegraph.resources import data_dir
from zonegraph.search import INDEX_NAME, NameSearch
from zonegraph.seeds import format_seed, read_seed, seed_files, verify_seed
from zonegraph.store import ReadStore
from zonegraph.validate import Severity, validate

HERE = Path(__file__).resolve().parent / "other_zones"
SEED_FOLDERS = (HERE / "seeds", HERE / "seeds-extra")
EXTENSION_TERMS = ("EnclavePartnership", "homeZone", "sharingRule", "SharingRule")


@dataclass(frozen=True)
class Built:
    """A build with what it was made of."""

    report: BuildReport
    ontology: Path
    store: ReadStore
    names: NameSearch

    def rows(self, query: str) -> list[tuple[str, ...]]:
        """The rows of a query, terms as CURIEs or texts."""
        solutions = self.store.query(query)
        return [tuple(_shown(row[v]) for v in solutions.variables) for row in solutions]

    def answer(self, name: str, *columns: str, **values: str) -> list[tuple[str, ...]]:
        """Some columns of a stored question's answer, each combination once, in order."""
        question = load_question(data_dir("queries"), name)
        solutions = self.store.query(question.fill(values))
        return list(dict.fromkeys(tuple(_shown(row[column]) for column in columns) for row in solutions))


def _shown(term: object) -> str:
    return "" if term is None else compact(str(getattr(term, "value", term))).removeprefix("zgi:")


def _build(seeds: Path, ontology: Path, store: Path) -> Built:
    stages = default_stages(ontology, data_dir("queries"))
    report = build(BuildOptions(store=store, seeds=seeds, ontology=ontology, stages=stages))
    index = NameSearch(report.version.path / INDEX_NAME)
    return Built(report, ontology, report.version.open(), index)


@pytest.fixture(scope="module")
def zones(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The three documents on the shipped ontology."""
    return _build(HERE / "seeds", data_dir("ontology"), tmp_path_factory.mktemp("zones"))


def _extended(folder: Path, *, namespace: str) -> Built:
    ontology, seeds = folder / "ontology", folder / "seeds"
    shutil.copytree(data_dir("ontology"), ontology)
    for source in sorted((HERE / "ontology-extra").rglob("*.ttl")):
        target = ontology / source.relative_to(HERE / "ontology-extra")
        assert not target.exists(), f"{target.name} would replace a shipped file"
        target.write_text(_renamed(source.read_text("utf-8"), namespace), "utf-8")
    seeds.mkdir()
    for path in (path for part in SEED_FOLDERS for path in part.iterdir()):
        shutil.copyfile(path, seeds / path.name)
    return _build(seeds, ontology, folder / "store")


def _renamed(turtle: str, namespace: str) -> str:
    for term in EXTENSION_TERMS:
        turtle = re.sub(rf"\bzg:{term}\b", f"extra:{term}", turtle)
    return f"@prefix extra: <{namespace}> .\n{turtle}"


@pytest.fixture(scope="module", params=[ZG, "https://example.org/extra#"], ids=["own-namespace", "foreign-namespace"])
def extended(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Built, str]:
    """All four documents on the shipped ontology and the extension, whose terms may be in any namespace."""
    return _extended(tmp_path_factory.mktemp("extended"), namespace=request.param), request.param


# the seeds


@pytest.mark.parametrize("path", [p for part in SEED_FOLDERS for p in seed_files(part)], ids=lambda p: p.stem)
def test_seed_is_canonical_and_every_slice_stands_in_its_text(path):
    seed = read_seed(path)
    assert list(verify_seed(seed, HERE / "texts")) == []
    assert format_seed(seed) == path.read_bytes()


def test_texts_say_that_they_are_invented():
    for path in sorted((HERE / "texts").iterdir()):
        assert re.match("【虚构文本|【虛構文本", path.read_text("utf-8")), path.name


def test_commands_verify_and_build(tmp_path):
    def run(*args: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "zonegraph", *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    verified = run("seeds", "verify", "--seeds", HERE / "seeds", "--texts", HERE / "texts")
    assert verified.returncode == 0, verified.stderr
    built = run("build", "-q", "--no-infer", "--seeds", HERE / "seeds", "--store", tmp_path)
    assert built.returncode == 0, built.stderr
    assert " 0 rejected" in built.stdout


# the shipped ontology


def test_nothing_is_rejected(zones):
    assert zones.report.documents == 3
    assert [str(finding) for finding in zones.report.findings] == []


def test_nothing_of_the_shipped_places_gets_in(zones):
    found = zones.rows('SELECT DISTINCT ?x { ?x ?p ?o FILTER(REGEX(STR(?x), "/id/.*(urumqi|xinjiang)")) }')
    assert found == []


def test_validation_has_no_violation(zones):
    assert violations(zones) == []


def violations(built: Built) -> list[str]:
    """What shapes and checks call a violation."""
    report = validate(built.store.raw, built.ontology, data_dir("queries"))
    return [f"{f.rule} {f.focus} {f.message}" for f in report.findings if f.severity is Severity.VIOLATION]


def test_three_kinds_of_change_are_kept_apart(zones):
    found = zones.rows(
        """SELECT DISTINCT ?kind ?unit {
          ?change a ?kind ; zg:integrates|zg:dissolves|zg:creates|zg:about ?unit ; zg:period ?time .
          VALUES ?kind { zg:AdministrativeIntegration zg:DivisionMerger zg:Entrustment }
        } ORDER BY ?kind ?unit"""
    )
    assert found == [
        ("zg:AdministrativeIntegration", "district/lanzhou-islet"),
        ("zg:AdministrativeIntegration", "zone/lanzhou-islet-etdz"),
        ("zg:DivisionMerger", "district/dongjia"),
        ("zg:DivisionMerger", "district/nanting"),
        ("zg:DivisionMerger", "district/tingjia"),
        ("zg:Entrustment", "district/wanghu"),
    ]


def test_an_entrusted_district_goes_on_and_a_merged_one_does_not(zones):
    found = zones.rows(
        """SELECT DISTINCT ?kind ?who ?fate {
          ?change a ?kind ; zg:hasOutcome [ zg:participant ?who ; zg:fate ?fate ] .
          ?kind rdfs:subClassOf zg:ChangeEvent . FILTER(?kind != zg:ChangeEvent)
        } ORDER BY ?kind ?who ?fate"""
    )
    assert found == [
        ("zg:DivisionMerger", "district/dongjia", "zgc:fate-dissolved"),
        ("zg:DivisionMerger", "district/nanting", "zgc:fate-dissolved"),
        ("zg:Entrustment", "district/wanghu", "zgc:fate-continues-unchanged"),
        ("zg:Entrustment", "district/wanghu", "zgc:fate-entrusted"),
    ]


def test_two_scripts_are_one_fact_with_two_sources(zones):
    found = zones.rows(
        """SELECT (COUNT(DISTINCT ?fact) AS ?facts) (COUNT(DISTINCT ?document) AS ?documents) {
          ?fact a zg:Observation ; zg:value ?value ; prov:wasDerivedFrom/oa:hasSource ?document
          FILTER(?value = 52840000000)
        }"""
    )
    assert found == [("1", "2")]
    days = zones.rows("SELECT ?day { ?e a zg:Entrustment ; zg:period/zg:edtf ?day } ORDER BY ?day")
    assert days == [("2015-07",), ("2015-07-01",)]
    assert zones.rows("SELECT (COUNT(DISTINCT ?e) AS ?n) { ?e a zg:Entrustment }") == [("1",)]


def test_a_target_is_no_observation(zones):
    found = zones.rows(
        """SELECT ?about ?value ?year {
          ?x a zg:Target ; zg:about ?about ; zg:value ?value ; zg:period/zg:edtf ?year ; zg:indicator zgc:indicator-gdp
          FILTER NOT EXISTS { ?x a zg:Observation }
        } ORDER BY ?about ?year"""
    )
    assert found == [
        ("district/tingjia", "56000000000", "2022"),
        ("zone/yunze-etdz", "56000000000", "2020"),
        ("zone/yunze-etdz", "90000000000", "2025"),
    ]


def test_calls_keep_their_order(zones):
    found = zones.rows(
        """SELECT DISTINCT ?service ?order ?place {
          ?service a zg:TransportService ; zg:hasCall ?call . ?call zg:order ?order ; zg:place ?place
        } ORDER BY ?service ?order ?place"""
    )
    ways: dict[str, list[str]] = {}
    for service, _, place in found:
        ways.setdefault(service, []).append(place)
    assert sorted(ways.values()) == [
        ["node/qingyu-port", "node/moli-port", "node/tulan-port"],
        ["node/yunze-station", "node/lindu", "place/beilaien", "place/weisibao"],
    ]


# the stored questions


def test_integrations_are_answered_without_the_other_changes(zones):
    found = zones.answer("cq01", "zone", "district", "date")
    assert found == [("zone/lanzhou-islet-etdz", "district/lanzhou-islet", "2016-03")]


def test_foundings_are_answered(zones):
    assert zones.answer("cq03", "founded", "date") == [("zone/yunze-etdz", "1996-05")]


def test_kinds_of_merger_are_answered(zones):
    found = zones.answer("cq04", "kind", "participant", "fateLabel", "newDivision")
    assert [row for row in found if row[0] != "zg:AdministrativeIntegration"] == [
        ("zg:DivisionMerger", "district/dongjia", "被撤销", "district/tingjia"),
        ("zg:DivisionMerger", "district/nanting", "被撤销", "district/tingjia"),
        ("zg:Entrustment", "district/wanghu", "原样存续", ""),
        ("zg:Entrustment", "district/wanghu", "被托管", ""),
    ]


def test_names_are_answered_in_both_scripts(zones):
    found = zones.answer("cq06", "name", "script", "source", entity="zone/yunze-etdz")
    assert ("云泽经开区", "zh-hans", "doc/entrusted") in found
    assert ("雲澤經濟技術開發區", "zh-hant", "doc/entrusted-hant") in found


def test_series_are_answered(zones):
    found = zones.answer("cq11", "date", "value", about="zone/yunze-etdz")
    assert found == [("2014", "31260000000"), ("2019", "52840000000")]


def test_shares_are_answered(zones):
    assert zones.answer("cq13", "subject", "share", "whole") == [("zone/yunze-etdz", "27.5", "place/yunze")]


def test_rankings_are_answered(zones):
    found = zones.answer("cq16", "subject", "rank", "size", "listLabel")
    assert found == [
        ("zone/qingyu-htdz", "9", "", "湾区创新榜"),
        ("zone/yunze-etdz", "57", "230", "园区营商环境榜"),
    ]


def test_services_are_answered(zones):
    found = zones.answer("cq21", "modeLabel", "order", "place")
    assert ("铁海联运", "2", "node/moli-port") in found
    assert ("铁路", "4", "place/weisibao") in found


def test_firms_are_answered(zones):
    found = zones.answer("cq25", "place", "firm", "relationLabel")
    assert ("zone/yunze-etdz", "firm/hechuan-pharma", "龙头") in found
    assert ("zone/qingyu-htdz", "firm/xingcha-optronics", "投资") in found


def test_speakers_are_answered(zones):
    found = zones.answer("cq27", "who", "title", "saidOn")
    assert ("person/gu-wangshu", "区长", "2019-02-27") in found
    assert ("person/lu-zhiyuan", "管委会主任", "2020-03-18") in found


# search, export, explanation


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("yunzejingjijishukaifaqu", "zone/yunze-etdz"),
        ("yzjkq", "zone/yunze-etdz"),
        ("雲澤經開區", "zone/yunze-etdz"),
        ("tingjiaqu", "district/tingjia"),
        ("Qingyu High-Tech", "zone/qingyu-htdz"),
    ],
)
def test_search_finds_new_zones(zones, query, wanted):
    assert [hit.iri for hit in zones.names.find(query, limit=1)] == [ZGI + wanted]


def test_export_contains_the_zone_and_its_changes(zones):
    out = io.BytesIO()
    export_graph(zones.store, "gexf", ExportOptions(), out)
    text = out.getvalue().decode("utf-8")
    assert 'label="云泽经济技术开发区"' in text
    assert "ontology#DivisionMerger" in text
    assert "ontology#Entrustment" in text


def test_explanation_shows_the_quotes_of_both_documents(zones):
    text = explain_iri(zones.store, ZGI + "district/wanghu")
    assert "望湖区" in text
    assert re.search(r"entrusted \[106,124\)  将望湖区整体托 ?管给云泽经开区管委会", text)
    assert "entrusted-hant [" in text


# the extension


@pytest.mark.slow
def test_extension_is_converted(extended):
    built, _ = extended
    assert [str(finding) for finding in built.report.findings] == []
    assert built.report.documents == 4


@pytest.mark.slow
def test_extension_is_valid(extended):
    built, _ = extended
    assert violations(built) == []


@pytest.mark.slow
def test_extension_is_asked_by_its_new_role_and_code(extended):
    built, namespace = extended
    found = built.rows(
        f"""PREFIX extra: <{namespace}>
        SELECT ?home ?zone ?rule ?industry ?class ?day {{
          ?x a extra:EnclavePartnership ; extra:homeZone ?home ; zg:zone ?zone ; extra:sharingRule/rdfs:label ?rule ;
            zg:inIndustry/rdfs:label ?industry ; zg:period/zg:edtf ?day .
          extra:EnclavePartnership rdfs:label ?class .
          FILTER(LANG(?class) = "zh-hant" && LANG(?rule) = "zh-hant" && LANG(?industry) = "en")
        }}"""
    )
    wanted = ("zone/yunze-etdz", "zone/qingyu-htdz", "四六分成", "tidal energy", "飛地合作", "2021-03-30")
    assert found == [wanted]


@pytest.mark.slow
def test_extension_is_inferred_and_labelled(extended):
    built, namespace = extended
    found = built.rows(
        f"""SELECT DISTINCT ?label {{
          ?x a <{namespace}EnclavePartnership> , zg:Claim ; rdfs:label ?label FILTER(LANG(?label) = "zh-hans")
        }}"""
    )
    assert found == [("云泽经济技术开发区 青屿高新技术产业开发区 飞地合作 2021-03-30",)]


@pytest.mark.slow
def test_extension_is_explained(extended):
    built, namespace = extended
    node = built.store.select(f"SELECT ?x {{ ?x a <{namespace}EnclavePartnership> }}")[0]["x"].value
    text = explain_iri(built.store, node)
    for wanted in ("飞地合作", "飞出地", "分成方式", "四六分成", "潮汐能", "云泽经开区为飞出地", "税收按四六分成"):
        assert wanted in text, wanted


@pytest.mark.slow
def test_extension_is_exported_as_an_edge_with_its_label(extended):
    built, namespace = extended
    out = io.BytesIO()
    export_graph(built.store, "gexf", ExportOptions(), out)
    edges = re.findall("<edge [^>]*>.*?</edge>", out.getvalue().decode("utf-8"), re.DOTALL)
    (edge,) = (edge for edge in edges if f'"{namespace}EnclavePartnership"' in edge)
    assert 'label="飞地合作"' in edge
    assert 'source="zgi:zone.yunze-etdz" target="zgi:zone.qingyu-htdz"' in edge
    assert 'value="四六分成"' in edge


@pytest.mark.slow
def test_code_of_the_extension_is_found_by_sound(extended):
    built, _ = extended
    hits = [hit.labels["en"] for hit in built.names.find("chaoxineng", limit=1)]
    assert hits == ["tidal energy"]


def test_shipped_ontology_refuses_what_only_the_extension_knows(tmp_path):
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for path in (path for part in SEED_FOLDERS for path in part.iterdir()):
        shutil.copyfile(path, seeds / path.name)
    report = build(BuildOptions(store=tmp_path / "store", seeds=seeds, ontology=data_dir("ontology")))
    assert {finding.file for finding in report.rejects} == {"enclave.jsonl"}
    assert any("飞地合作" in finding.message for finding in report.rejects)
    assert report.records_in == report.emitted + len(report.rejects)
