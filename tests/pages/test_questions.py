"""Stored questions in every language: no heading, label or help is left in another one."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from zonegraph.names import ZG
from zonegraph.questions import Question
from zonegraph.web.pages import headings, stored
from zonegraph.web.pages.answers import cell
from zonegraph.web.pages.language import LANGUAGES
from zonegraph.web.pages.reader import Reader, reader
from zonegraph.web.pages.spoken import spoken
from zonegraph.web.pages.vocabulary import Vocabulary

HTML = {"Accept": "text/html"}
HAN = re.compile(r"[\u4e00-\u9fff]")
QUESTIONS = stored.questions()
HEAD = re.compile(r"\bSELECT\s+(?:DISTINCT\s+)?(.*?)\s*\bWHERE\b", re.DOTALL)
each_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.name)
each_language = pytest.mark.parametrize("lang", LANGUAGES)


def columns(question: Question) -> list[str]:
    """The variables of an answer that have a column of their own."""
    found = HEAD.search(question.text)
    assert found is not None
    names = re.findall(r"\?(\w+)", re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\bAS\s+(\?\w+)\)", r"\1", found[1]))
    return [name for name in names if not (name.endswith("Label") and name.removesuffix("Label") in names)]


@pytest.fixture(scope="module")
def vocabulary(client: FlaskClient) -> Vocabulary:
    """The shipped ontology."""
    with client.application.test_request_context("/"):
        return reader().vocabulary


def who_reads(client: FlaskClient, lang: str) -> Reader:
    with client.application.test_request_context(f"/?lang={lang}"):
        return reader()


@each_language
@each_question
def test_every_heading_is_in_the_language_of_the_page(client: FlaskClient, question: Question, lang: str) -> None:
    who = who_reads(client, lang)
    shown = {name: headings.known(name, who) for name in columns(question)}
    shown |= {p.name: headings.parameter(p.name, who) for p in question.parameters if p.kind != "lang"}
    wrong = {name: text for name, text in shown.items() if bool(HAN.search(text)) != (lang != "en")}
    assert not {name: text for name, text in wrong.items() if text != "km²"}


@each_language
@each_question
def test_title_question_and_help_are_in_the_language_of_the_page(question: Question, lang: str) -> None:
    texts = [spoken(found, lang)[0] for found in (question.titles, question.questions)]
    texts += [headings.helped(p.help, lang) for p in question.parameters if p.kind != "lang"]
    if lang == "en":
        assert all(re.match("[A-Za-z]", text) for text in texts)
    else:
        assert all(HAN.search(text) for text in texts), texts


def test_the_table_has_nothing_that_no_question_uses() -> None:
    used = {name for q in QUESTIONS for name in columns(q)}
    used |= {name.removesuffix("Label") for name in used} | {p.name for q in QUESTIONS for p in q.parameters}
    table = headings.table()
    assert not (set(table["term"]) | set(table["column"]) | set(table["parameter"]) | set(table["times"])) - used
    assert not set(table["help"]) - {p.help for q in QUESTIONS for p in q.parameters}


def test_the_table_says_nothing_that_the_ontology_says(vocabulary: Vocabulary) -> None:
    table = headings.table()
    assert not [name for name in table["term"].values() if vocabulary.term(ZG + name) is None]
    assert not set(table["term"]) & set(table["column"])
    own = {name: texts["en"] for name, texts in table["column"].items()}
    assert not {name for name, text in own.items() if vocabulary.term(ZG + name) and name != "subject"}, own


def test_times_and_truth_are_said_in_words(client: FlaskClient) -> None:
    page = client.get("/questions/series", headers={"Accept": "text/html", "Accept-Language": "zh"})
    html = page.get_data(as_text=True)
    assert ">2018年<" in html
    assert ">2011年1月<" in html
    assert ">否<" in html
    assert not re.search(r">(?:true|false)<", html)


def test_a_series_is_broken_between_before_and_after_the_merger(client: FlaskClient) -> None:
    html = client.get("/questions/series", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert html.count('class="stroke broken"') == 1
    assert html.count('class="breakmark"') == 1


def test_bars_of_different_units_are_drawn_apart(client: FlaskClient) -> None:
    html = client.get("/questions/latest_figures", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert html.count('class="chart bars"') > 1


def test_members_of_an_alliance_are_a_map(client: FlaskClient) -> None:
    html = client.get("/questions/members", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "/questions/members.geojson" in html
    places = client.get("/questions/members.geojson").get_json()["features"]
    assert len(places) > 5


def test_an_empty_cell_stays_empty(client: FlaskClient) -> None:
    who = who_reads(client, "en")
    with client.application.test_request_context("/"):
        assert cell({}, "date", who.names([])).text == ""


@each_language
@each_question
def test_every_link_of_an_answer_says_where_it_leads(client: FlaskClient, question: Question, lang: str) -> None:
    html = client.get(f"/questions/{question.slug}?lang={lang}", headers=HTML).get_data(as_text=True)
    assert not re.findall(r"<a [^>]*>\s*</a>", html[html.index("<main") :])


def test_a_chart_does_not_mix_what_is_measured(client: FlaskClient) -> None:
    html = client.get("/questions/cq35", headers=HTML).get_data(as_text=True)
    charts = re.findall(r'<figure class="chart bars".*?</figure>', html, re.DOTALL)
    assert charts
    for chart in charts:
        titles = re.findall(r"<figcaption[^>]*>([^<]+)<", chart)
        names = re.findall(r'<th scope="row">(?:<a [^>]*>)?([^<]+)<', chart)
        assert len(titles) == 1
        assert len(set(names)) == len(names) > 1
        assert not [name for name in names if name.startswith(titles[0])]


def test_a_name_that_nothing_has_gets_no_answer_of_something_else(client: FlaskClient) -> None:
    html = client.get("/questions/series?about=zzqq", headers=HTML).get_data(as_text=True)
    assert "Nothing is called" in html
    assert "<figure" not in html
    assert "table class" not in html


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_name_that_nothing_has_is_no_answer_about_another_thing(client: FlaskClient, ending: str) -> None:
    reply = client.get(f"/questions/latest_figures.{ending}?about=zzqq")
    assert (reply.status_code, reply.get_json()["type"]) == (400, "urn:zonegraph:problem:unknown-name")
    assert "zzqq" in reply.get_json()["detail"]
    assert client.get(f"/questions/latest_figures.{ending}?about=zone/urumqi-etdz").status_code == 200


def test_an_unfit_value_is_named_in_the_language_of_the_page(client: FlaskClient) -> None:
    page = client.get("/questions/timeline?since=soon&lang=zh-hans", headers=HTML).get_data(as_text=True)
    assert "不是有效的值（date）" in page
    assert "is no date" not in page
