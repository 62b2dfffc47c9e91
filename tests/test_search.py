"""Names are found in any script, by abbreviation, by sound; hostile queries find nothing and break nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zonegraph.build.pipeline import vocabulary
from zonegraph.plan import Sources
from zonegraph.resources import data_dir
from zonegraph.search import INDEX_NAME, NameSearch, build_index
from zonegraph.search.keys import pinyin, search_fold
from zonegraph.store import ReadStore, StoreDir, VersionWriter

ETDZ = "https://w3id.org/zonegraph/id/zone/urumqi-etdz"


@pytest.fixture(scope="module")
def search(tmp_path_factory) -> NameSearch:
    """The index of the shipped registry and codes."""
    folder = tmp_path_factory.mktemp("search")
    with VersionWriter(StoreDir(folder)) as writer:
        for lines in vocabulary(Sources.from_dirs(data_dir("ontology"), data_dir("seeds"))):
            writer.load_lines(lines)
        assert build_index(ReadStore(writer.store), folder / INDEX_NAME) > 500
    return NameSearch(folder / INDEX_NAME)


@pytest.mark.parametrize(
    "query",
    [
        "烏魯木齊經開區",
        "乌鲁木齐经开区",
        "乌鲁木齐经济技术开发区",
        "烏魯木齊 經濟技術開發區",
        "wulumuqi jingji jishu kaifaqu",
        "wlmqjjjskfq",
        "Urumqi Economic and Technological Development Zone",
        "乌经济开发区",
    ],
)
def test_one_zone_by_all_its_names(search, query):
    assert search.find(query)[0].iri == ETDZ


def test_types_narrow_and_limit_cuts(search):
    hits = search.find("乌鲁木齐", types=["HighTechZone"], limit=3)
    assert {hit.type for hit in hits} == {"HighTechZone"}
    assert len(search.find("区", limit=4)) == 4


def test_hits_are_ranked_and_say_whether_they_are_the_name(search):
    hits = search.find("头屯河区")
    assert hits[0].match
    assert hits[0].labels["zh-hant"] == "頭屯河區"
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert len({hit.iri for hit in hits}) == len(hits)


@given(st.text(max_size=40))
def test_any_text_is_a_query(search, text):
    hits = search.find(text)
    assert all(0 <= hit.score <= 100 for hit in hits)


@pytest.mark.parametrize("query", ["", '"', "' OR 1=1 --", "*", "NEAR(", "a" * 100_000, "\0"])
def test_hostile_queries(search, query):
    assert isinstance(search.find(query), list)


def test_labels_of_a_thing(search):
    assert search.labels(ETDZ)["zh-hans"] == "乌鲁木齐经济技术开发区"
    assert search.labels("http://e/none") == {}


def test_keys():
    assert search_fold("烏魯木齊 經開區（頭區）") == "乌鲁木齐经开区头区"
    assert pinyin("新市区") == ("xinshiqu", "xsq")
    assert pinyin("goldwind") == ("", "")
