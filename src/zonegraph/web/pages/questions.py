"""Stored questions as forms: parameters by name, the answer as table and chart, the query behind it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import pyoxigraph as ox
from flask import Response, request

from zonegraph.errors import ZonegraphError
from zonegraph.names import ZG
from zonegraph.questions import Parameter, Question
from zonegraph.values import TimeValue, read_edtf
from zonegraph.web import http
from zonegraph.web.backend import Row, Task, Term
from zonegraph.web.cache import Entry, fingerprint
from zonegraph.web.pages import drawings, site, stored
from zonegraph.web.pages.addresses import full, short, with_query
from zonegraph.web.pages.charts import BarChart, Datum, LineChart, bar_chart, line_chart, read_sizes
from zonegraph.web.pages.drawings import Columns
from zonegraph.web.pages.language import HTML_TAGS
from zonegraph.web.pages.names import search_of
from zonegraph.web.pages.periods import Period, in_words
from zonegraph.web.pages.reader import Link, Names, Reader, reader, text_of
from zonegraph.web.pages.strips import Dated, Strip, strip
from zonegraph.web.pages.values import plain, read_number, value_link
from zonegraph.web.pages.vocabulary import pick
from zonegraph.web.problems import HttpProblemError

SHOWN: Final = 200
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
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
class Column:
    """A column of the answer."""

    name: str
    title: str
    numeric: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer: columns, rows of links, how many rows there are."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Link, ...], ...]
    total: int


@dataclass(frozen=True, slots=True)
class QuestionView:
    """The page of one question."""

    name: str
    title: str
    question: str
    why: str
    fields: tuple[Field, ...]
    reply: Reply | None
    sparql: str
    permanent: str
    csv: str
    json: str
    edit: str
    line: LineChart | None = None
    bars: BarChart | None = None
    strip: Strip | None = None
    drawing: str = ""
    data: str = ""
    problem: str = ""


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
    text = question.fill(_values(_fields(who, question)))
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
    _, rows = _asked(who, question.fill(_values(_fields(who, question))))
    return read_chart(question.chart)[1], rows


def read_chart(spec: str) -> tuple[str, Columns]:
    """Kind and columns of ``# Chart: line x=date y=value series=zoneLabel``."""
    kind, _, rest = spec.partition(" ")
    return kind, dict(part.partition("=")[::2] for part in rest.split() if "=" in part)


def build(who: Reader, question: Question) -> QuestionView:
    """Ask and arrange; a question that fails says why instead of its answer."""
    fields = _fields(who, question)
    values = _values(fields)
    asked = {field.name: short(v) if "://" in v else v for field in fields if (v := values.get(field.name, ""))}
    base = f"/questions/{question.slug}"
    sparql, problem = question.text, ""
    columns: list[str] = []
    rows: list[Row] = []
    try:
        sparql = question.fill(values)
        columns, rows = _asked(who, sparql)
    except ZonegraphError as error:
        problem = f"{error.message} {error.hint}".strip()
    names = who.names(_iris(rows[: 4 * SHOWN]))
    drawing = _drawing(question.chart)
    line, bars, strip_ = _charts(question.chart, rows, names)
    return QuestionView(
        question.name,
        pick(question.titles, who.lang)[0],
        pick(question.questions, who.lang)[0],
        question.why,
        fields,
        None if problem else _reply(columns, rows, names, who),
        sparql,
        with_query(base, **asked),
        with_query(f"{base}.csv", **asked),
        with_query(f"{base}.json", **asked),
        with_query("/sparql") + "#" + with_query("", query=sparql)[1:],
        line,
        bars,
        strip_,
        drawing if rows else "",
        with_query(f"{base}.{drawing}", **asked),
        problem,
    )


def _fields(who: Reader, question: Question) -> tuple[Field, ...]:
    return tuple(_field(who, parameter) for parameter in question.parameters)


def _field(who: Reader, parameter: Parameter) -> Field:
    given = request.args.get(parameter.name, "").strip()[:500] or parameter.default
    label = _title(parameter.name, who)
    if parameter.kind == "lang":
        # the address says it with the same name as for the page
        given = request.args.get(parameter.name, "").strip() or HTML_TAGS[who.lang]
    if parameter.kind != "iri" or not given:
        return Field(parameter.name, label, parameter.kind, given, given, parameter.help)
    iri = _resolved(who, given)
    if iri is None:
        return Field(parameter.name, label, "iri", "", given, parameter.help, unknown=True)
    link = who.names([iri]).link(iri)
    return Field(parameter.name, label, "iri", iri, link.text, parameter.help, understood=link)


def _resolved(who: Reader, text: str) -> str | None:
    """The thing that a parameter names: by path or IRI, else the best hit for a name."""
    if "/" in text or text.startswith(("zgc:", "zgi:")):
        return full(text)
    hits = search_of(who.web, who.version).find(text, limit=1)
    return hits[0].iri if hits else None


def _values(fields: Sequence[Field]) -> dict[str, str]:
    return {field.name: field.value for field in fields if field.value}


def _asked(who: Reader, text: str) -> tuple[list[str], list[Row]]:
    task = Task("query", who.web.limits(), text=text, prefixes=True, key=text)
    answer = who.web.backend.run(task, who.version, http.cancel_of(request))
    try:
        solutions = ox.parse_query_results(answer.body.data(), format=ox.QueryResultsFormat.JSON)
    finally:
        answer.body.close()
    if not isinstance(solutions, ox.QuerySolutions):
        return ["answer"], [{"answer": ox.Literal(str(bool(solutions)).lower())}]
    columns = [variable.value for variable in solutions.variables]
    return columns, [{name: term for name in columns if (term := row[name]) is not None} for row in solutions]


def _iris(rows: Sequence[Row]) -> set[str]:
    return {term.value for row in rows for term in row.values() if isinstance(term, ox.NamedNode)}


def _title(variable: str, who: Reader) -> str:
    """The heading of a column: the label of the property or class of that name, where the ontology has one."""
    for name in (variable, variable.removesuffix("Label"), variable[:1].upper() + variable[1:]):
        if who.vocabulary.term(ZG + name):
            return who.vocabulary.label(ZG + name, who.lang)
    return _CAMEL.sub(" ", variable).lower()


def _reply(columns: Sequence[str], rows: Sequence[Row], names: Names, who: Reader) -> Reply:
    """A table in which ``xLabel`` is the text of the link of ``x``."""
    shown = [name for name in columns if not (name.endswith("Label") and name.removesuffix("Label") in columns)]
    return Reply(
        tuple(Column(name, _title(name, who), _is_numeric(name, rows)) for name in shown),
        tuple(tuple(_cell(row, name, names) for name in shown) for row in rows[:SHOWN]),
        len(rows),
    )


def _is_numeric(name: str, rows: Sequence[Row]) -> bool:
    values = [row[name] for row in rows[:50] if name in row]
    return bool(values) and all(_number(value) is not None and isinstance(value, ox.Literal) for value in values)


def _cell(row: Row, name: str, names: Names) -> Link:
    value, label = row.get(name), row.get(f"{name}Label")
    if value is None:
        return plain(text_of(label))
    link = value_link(value, names)
    if label is not None and link.href:
        return Link(text_of(label), link.lang, link.href, link.iri, link.local)
    return link


def _number(value: object) -> Decimal | None:
    return read_number(str(getattr(value, "value", "")))


def _drawing(spec: str) -> str:
    """What a script draws: a network when two columns hold things, a map; empty for neither."""
    kind, columns = read_chart(spec)
    if kind == "graph":
        return "graph" if columns.get("y", "").removesuffix("Label") != columns.get("x") else ""
    return "geojson" if kind == "map" else ""


def _charts(spec: str, rows: Sequence[Row], names: Names) -> tuple[LineChart | None, BarChart | None, Strip | None]:
    """What ``# Chart: line x=… y=… series=…`` asks for: a line, bars or a strip."""
    kind, columns = read_chart(spec)
    across, up, series = columns.get("x", ""), columns.get("y", ""), columns.get("series", "")
    if kind == "timeline":
        return None, None, _timeline(across, up, rows, names)
    if kind not in {"line", "bar"} or not across or not up:
        return None, None, None
    dated = any(_days(row.get(across), names) for row in rows[:5])
    if kind == "line" or dated:
        data = [datum for row in rows if (datum := _datum(row, across, up, series, names))]
        return line_chart(data, sizes=read_sizes(names.words("number.sizes"))), None, None
    bars = [
        (_label(row, across, names), number, _cell(row, across, names).href)
        for row in rows
        if (number := _number(row.get(up)))
    ]
    return None, bar_chart(bars), None


def _timeline(across: str, up: str, rows: Sequence[Row], names: Names) -> Strip | None:
    dated = []
    for row in rows:
        days = _days(row.get(across), names)
        if days is not None:
            label = _cell(row, up, names)
            page = next((_cell(row, name, names) for name in row if _cell(row, name, names).href), label)
            link = Link(label.text, label.lang, label.href or page.href, page.iri)
            edtf = text_of(row.get(across))
            dated.append(Dated(Period(days[0], days[1], edtf, in_words(edtf, names.words)), link, ""))
    return strip(dated) if len(dated) > 1 else None


def _label(row: Row, name: str, names: Names) -> str:
    return _cell(row, name, names).text if name else ""


def _datum(row: Row, across: str, up: str, series: str, names: Names) -> Datum | None:
    number = _number(row.get(up))
    days = _days(row.get(across), names)
    if number is None or days is None:
        return None
    label = f"{_label(row, across, names)}: {number:,f}"
    return Datum(days[0], days[1], number, _label(row, series, names), label)


def _days(value: Term | None, names: Names) -> tuple[date, date] | None:
    found: Period | TimeValue | None = None
    if isinstance(value, ox.NamedNode):
        found = names.period(value.value)
    elif isinstance(value, ox.Literal):
        with contextlib.suppress(ZonegraphError):
            found = read_edtf(value.value)
    if found is None:
        return None
    start, end = found.earliest or found.latest, found.latest or found.earliest
    return (start, end) if start and end else None
