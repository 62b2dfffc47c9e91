"""Stored questions as forms: parameters by name, the answer as table and chart, the query behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox
from flask import Response, request

from zonegraph.errors import ZonegraphError
from zonegraph.questions import Parameter, Question
from zonegraph.web import http
from zonegraph.web.backend import Row, Task, read_table
from zonegraph.web.cache import Entry, fingerprint
from zonegraph.web.pages import answers, drawings, headings, site, stored
from zonegraph.web.pages.addresses import full, short, with_query
from zonegraph.web.pages.answers import Reply
from zonegraph.web.pages.drawings import Columns
from zonegraph.web.pages.language import HTML_TAGS
from zonegraph.web.pages.names import search_of
from zonegraph.web.pages.paging import pager
from zonegraph.web.pages.reader import Link, Reader, reader
from zonegraph.web.pages.spoken import spoken
from zonegraph.web.pages.views import Views, drawing_of, read_chart, views_of
from zonegraph.web.problems import HttpProblemError

#: Rows that a chart is made of.
_CHARTED: Final = 400
_FORMATS: Final = {"csv": "text/csv; charset=utf-8", "json": "application/sparql-results+json"}


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter as a form shows it: what was given, and what that was understood as."""

    name: str
    label: str
    kind: str
    value: str
    shown: str
    help: str
    understood: Link | None = None
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class QuestionView:
    """The page of one question."""

    name: str
    title: str
    question: str
    fields: tuple[Field, ...]
    reply: Reply | None
    sparql: str
    permanent: str
    csv: str
    json: str
    edit: str
    views: Views
    drawing: str = ""
    data: str = ""
    problem: str = ""
    advice: str = ""


def index() -> Response:
    """``/questions``."""
    return site.page(lambda who: site.render(who, "questions.html", examples=stored.examples(who), here="questions"))


def view(name: str) -> Response:
    """``/questions/<name>``, with ``.csv`` or ``.json`` for machines."""
    stem, _, ending = name.partition(".")
    ending = ending or request.args.get("format", "")
    question = _question(stem)
    if ending in _FORMATS:
        return _machine(question, ending)
    if ending in drawings.MAKERS:
        return site.data(lambda who: drawings.MAKERS[ending](who, *answered(who, question)))
    if ending not in {"", "html"}:
        raise HttpProblemError(404, f"no answers as {ending}"[:100], hint="use csv or json", code="unknown-format")
    return site.page(lambda who: site.render(who, "question.html", view=build(who, question), here="questions"))


def _question(name: str) -> Question:
    for question in stored.questions():
        if name in {question.name, question.slug, question.name.partition("_")[0]}:
            return question
    raise HttpProblemError(404, "there is no such question", hint="see /questions", code="unknown-question")


def _machine(question: Question, ending: str) -> Response:
    who = reader()
    text = question.fill(_values(_known(_fields(who, question))))
    tag = fingerprint(who.version.digest, who.version.id, "question", text, ending)
    if who.version.stable and http.not_modified(request, tag, who.version):
        return http.unmodified(request, tag, who.version, vary="")
    found = who.web.backend.run(
        Task("query", who.web.limits(), text=text, format=ending, prefixes=True, key=text),
        who.version,
        http.cancel_of(request),
    )
    data = found.body.data()
    found.body.close()
    response = http.from_entry(Entry.from_data(_FORMATS[ending], data, found.rows), compress=http.wants_gzip(request))
    response.headers["Content-Disposition"] = f'inline; filename="{question.slug}.{ending}"'
    return http.with_validators(response, tag, who.version, vary="") if who.version.stable else response


def answered(who: Reader, question: Question) -> tuple[Columns, list[Row]]:
    """The answer for a drawing: which columns it is made of, and the rows."""
    _, rows = _asked(who, question.fill(_values(_known(_fields(who, question)))))
    return read_chart(question.chart)[1], rows


def build(who: Reader, question: Question) -> QuestionView:
    """Ask and arrange; a question that fails says why instead of its answer."""
    fields = _fields(who, question)
    values = _values(fields)
    asked = {field.name: short(v) if "://" in v else v for field in fields if (v := values.get(field.name, ""))}
    base = f"/questions/{question.slug}"
    sparql, columns, rows, problem, advice = _tried(who, question, values)
    found = pager(len(rows), answers.SHOWN, base, **asked)
    page = rows[found.start : found.start + answers.SHOWN]
    # what charts and tables call things; drawings by script ask for theirs
    names = who.names(_iris([*rows[:_CHARTED], *page]))
    drawing = drawing_of(question.chart)
    return QuestionView(
        question.name,
        spoken(question.titles, who.lang)[0],
        spoken(question.questions, who.lang)[0],
        fields,
        None if problem else answers.reply(columns, rows, names, who, found),
        sparql,
        with_query(base, **asked),
        with_query(f"{base}.csv", **asked),
        with_query(f"{base}.json", **asked),
        with_query("/sparql") + "#" + with_query("", query=sparql)[1:],
        views_of(question.chart, rows[:_CHARTED], page, names),
        drawing if rows else "",
        with_query(f"{base}.{drawing}", **asked),
        problem,
        advice,
    )


def _tried(who: Reader, question: Question, values: dict[str, str]) -> tuple[str, list[str], list[Row], str, str]:
    """The query, the columns and rows of its answer; why there is none, and what to do."""
    sparql = question.text
    try:
        sparql = question.fill(values)
        return sparql, *_asked(who, sparql), "", ""
    except ZonegraphError as error:
        return sparql, [], [], error.message, error.hint


def _fields(who: Reader, question: Question) -> tuple[Field, ...]:
    return tuple(_field(who, parameter) for parameter in question.parameters)


def _field(who: Reader, parameter: Parameter) -> Field:
    given = request.args.get(parameter.name, "").strip()[:500] or parameter.default
    label, help_ = headings.parameter(parameter.name, who), headings.helped(parameter.help, who.lang)
    if parameter.kind == "lang":
        # the address says it with the same name as for the page
        given = request.args.get(parameter.name, "").strip() or HTML_TAGS[who.lang]
    if parameter.kind != "iri" or not given:
        return Field(parameter.name, label, parameter.kind, given, given, help_)
    iri = _resolved(who, given)
    if iri is None:
        return Field(parameter.name, label, "iri", "", given, help_, unknown=True)
    link = who.names([iri]).link(iri)
    return Field(parameter.name, label, "iri", iri, link.text, help_, understood=link)


def _resolved(who: Reader, text: str) -> str | None:
    """The thing that a parameter names: by path or IRI, else the best hit for a name."""
    if "/" in text or text.startswith(("zgc:", "zgi:")):
        return full(text)
    hits = search_of(who.web, who.version).find(text, limit=1)
    return hits[0].iri if hits else None


def _known(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The fields; raises 400 for a name that nothing has: a machine would take the answer for that of its thing."""
    for field in fields:
        if field.unknown:
            message = f"nothing is called {field.shown}"
            raise HttpProblemError(400, message, hint="use a path such as zone/urumqi-etdz", code="unknown-name")
    return fields


def _values(fields: Sequence[Field]) -> dict[str, str]:
    return {field.name: field.value for field in fields if field.value}


def _asked(who: Reader, text: str) -> tuple[list[str], list[Row]]:
    task = Task("query", who.web.limits(), text=text, prefixes=True, key=text)
    answer = who.web.backend.run(task, who.version, http.cancel_of(request))
    try:
        solutions = read_table(answer.body.data())
    finally:
        answer.body.close()
    if not isinstance(solutions, ox.QuerySolutions):
        return ["answer"], [{"answer": ox.Literal(str(bool(solutions)).lower())}]
    columns = [variable.value for variable in solutions.variables]
    return columns, [{name: term for name in columns if (term := row[name]) is not None} for row in solutions]


def _iris(rows: Sequence[Row]) -> set[str]:
    return {term.value for row in rows for term in row.values() if isinstance(term, ox.NamedNode)}
