"""The query editor: its page, and what it completes and offers; and the pages that show the answers to a query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyoxigraph as ox
from flask import Response

from zonegraph.names import PREFIXES, ZG, ZGC, compact, local_name
from zonegraph.questions import Question
from zonegraph.web.backend import Term
from zonegraph.web.pages import site, stored
from zonegraph.web.pages.complaints import texts
from zonegraph.web.pages.language import HTML_TAGS, LANGUAGES
from zonegraph.web.pages.reader import Reader, catalogue_of, reader
from zonegraph.web.pages.values import value_link
from zonegraph.web.pages.vocabulary import Term as VocabularyTerm
from zonegraph.web.pages.vocabulary import pick

SHOWN: Final = 500
_PHRASES: Final = "yasgui."
#: What stands in the editor at first.
START: Final = """PREFIX zg: <https://w3id.org/zonegraph/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT ?merger ?label WHERE {
  ?merger a zg:AdministrativeIntegration ; rdfs:label ?label
}
LIMIT 20
"""


def view() -> Response:
    """``/sparql`` without a query, for people."""
    return site.page(
        lambda who: site.render(who, "editor.html", examples=stored.examples(who), start=START, here="query")
    )


def data() -> Response:
    """``/editor/data``: prefixes, terms with labels, example queries."""
    return site.data(as_data)


def as_data(who: Reader) -> dict[str, Any]:
    """Everything that the editor completes and offers, in the language of the page."""
    kinds = ("class", "object-property", "datatype-property", "code")
    terms = [_term(term, who) for kind in kinds for term in who.vocabulary.of_kind(kind) if _is_ours(term)]
    return {
        "prefixes": dict(PREFIXES),
        "terms": terms,
        "start": START,
        "words": {
            "graph": who.words("nav.graph"),
            "map": who.words("nav.map"),
            "chart": who.words("questions.chart"),
            "query": who.words("query.text"),
            "tab": who.words("yasgui.query"),
            "endpoint": who.words("query.endpoint"),
            "filter": who.words("schema.filter"),
            "rows": who.words("query.rows", n="").strip(),
            "more": who.words("entity.details"),
            "failed": who.words("problem.heading"),
            "fallback": who.words("query.fallback"),
        },
        "phrases": _phrases(who),
        "examples": [
            {"name": q.name, "title": stored.as_example(q, who.lang).title, "query": _query(q.fill(_defaults(q, who)))}
            for q in stored.questions()
        ],
    }


def _phrases(who: Reader) -> dict[str, str]:
    """What the parts of the editor and our errors say, and what they are to say on this page."""
    english = catalogue_of(who.web, LANGUAGES[0])
    keys = (key for key in english.words if key.startswith(_PHRASES))
    if who.lang == LANGUAGES[0]:
        return {}
    return {english(key): who.words(key) for key in keys} | {text[LANGUAGES[0]]: text[who.lang] for text in texts()}


def _is_ours(term: VocabularyTerm) -> bool:
    return term.iri.startswith((ZG, ZGC))


def _term(term: VocabularyTerm, who: Reader) -> dict[str, str]:
    kind = "property" if term.kind.endswith("property") else term.kind
    return {"iri": term.iri, "curie": compact(term.iri), "label": pick(term.labels, who.lang)[0], "kind": kind}


def _defaults(question: Question, who: Reader) -> dict[str, str]:
    return {p.name: HTML_TAGS[who.lang] for p in question.parameters if p.kind == "lang"}


def _query(text: str) -> str:
    """A stored query without the header that only the server reads."""
    lines = text.splitlines()
    first = next((number for number, line in enumerate(lines) if not line.startswith("#")), 0)
    return "\n".join(lines[first:]).strip() + "\n"


def result_page(names: Sequence[str], rows: Sequence[Mapping[str, Term]], *, query: str = "", total: int = 0) -> str:
    """A table of solutions, with labels in place of IRIs."""
    who = reader()
    shown = rows[:SHOWN]
    iris = {term.value for row in shown for term in row.values() if isinstance(term, ox.NamedNode)}
    labels = who.names(iris)
    cells = [[value_link(row[name], labels) if name in row else None for name in names] for row in shown]
    titles = [local_name(name) for name in names]
    return site.render(
        who, "result.html", columns=titles, rows=cells, query=query, total=total or len(rows), here="query"
    )


def boolean_page(answer: bool, *, query: str = "") -> str:
    """Yes or no."""
    return site.render(reader(), "result.html", answer=answer, query=query, here="query")


def graph_page(turtle: str, *, query: str = "") -> str:
    """Triples as Turtle text."""
    return site.render(reader(), "result.html", turtle=turtle, query=query, here="query")
