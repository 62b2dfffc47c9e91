"""Plain pages, without script and without labels: what a browser gets where no richer page is registered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import pyoxigraph as ox
from markupsafe import Markup, escape

from zonegraph.names import ZGI, compact
from zonegraph.web.backend import Term

#: A page shows so many rows and says how many there are.
SHOWN: Final = 1000
_PAGE: Final = Markup(
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
    "<body><h1>{title}</h1>{body}</body></html>\n"
)


def page(title: str, body: Markup) -> str:
    """A whole page; the title is escaped."""
    return str(_PAGE.format(title=title, body=body))


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def term(value: Term | None) -> Markup:
    """A term as a link or as text."""
    if value is None:
        return Markup("")
    if isinstance(value, ox.NamedNode):
        return link(value.value)
    if isinstance(value, ox.Literal):
        note = f" ({value.language})" if value.language else ""
        return escape(value.value) + escape(note)
    return escape(str(value))


def link(iri: str) -> Markup:
    """A link to an IRI: things of this graph by their local address, other http IRIs as they are."""
    shown = compact(iri)
    if iri.startswith(ZGI):
        return Markup('<a href="/id/{}">{}</a>').format(iri[len(ZGI) :], shown)
    if iri.startswith(("http://", "https://")):
        return Markup('<a href="{}" rel="nofollow noopener">{}</a>').format(iri, shown)
    return escape(shown)


def result_page(names: Sequence[str], rows: Sequence[Mapping[str, Term]], *, query: str = "", total: int = 0) -> str:
    """A table of solutions, the first `SHOWN` of them."""
    head = _joined(Markup("<th>{}</th>").format(name) for name in names)
    lines = (
        Markup("<tr>{}</tr>").format(_joined(Markup("<td>{}</td>").format(term(row.get(n))) for n in names))
        for row in rows[:SHOWN]
    )
    more = Markup("<p>{} of {} rows</p>").format(min(len(rows), SHOWN), total or len(rows))
    table = Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(head, _joined(lines))
    return page("SPARQL", more + table + Markup("<pre>{}</pre>").format(query))


def boolean_page(answer: bool, *, query: str = "") -> str:
    """Yes or no."""
    return page("SPARQL", Markup("<p>{}</p><pre>{}</pre>").format("true" if answer else "false", query))


def graph_page(turtle: str, *, query: str = "") -> str:
    """Triples as Turtle text."""
    return page("SPARQL", Markup("<pre>{}</pre><pre>{}</pre>").format(turtle, query))


def entity_page(iri: str, title: str, triples: Sequence[ox.Triple], *, replaced_by: Sequence[str] = ()) -> str:
    """What is said of one thing, claim by claim."""
    own = (t for t in triples if isinstance(t.subject, ox.NamedNode) and t.subject.value == iri)
    rest = (t for t in triples if not (isinstance(t.subject, ox.NamedNode) and t.subject.value == iri))
    banner = _joined(Markup("<p>{}</p>").format(link(successor)) for successor in replaced_by)
    body = Markup("<p>{}</p>{}{}{}").format(iri, banner, _table(own, subject=False), _table(rest, subject=True))
    return page(title, body)


def _table(triples: Iterable[ox.Triple], *, subject: bool) -> Markup:
    lines = (
        Markup("<tr>{}<td>{}</td><td>{}</td></tr>").format(
            Markup("<td>{}</td>").format(term(t.subject)) if subject else Markup(""),
            term(t.predicate),
            term(t.object),
        )
        for t in triples
    )
    return Markup("<table>{}</table>").format(_joined(lines))


def ontology_page(turtle: str) -> str:
    """The vocabulary as Turtle text."""
    return page("zg:", Markup("<pre>{}</pre>").format(turtle))


def query_page(endpoint: str) -> str:
    """A form to type a query into."""
    form = Markup(
        '<form action="/sparql" method="get"><textarea name="query" rows="12" cols="80" required></textarea>'
        '<p><button type="submit">SPARQL</button></p></form><p>{}</p>'
    )
    return page("SPARQL", form.format(endpoint))


def problem_page(status: int, title: str, detail: str, hint: str) -> str:
    """An error for people."""
    return page(f"{status} {title}", Markup("<p>{}</p><p>{}</p>").format(detail, hint))


RENDERERS: Final[dict[str, Callable[..., str]]] = {
    "result": result_page,
    "boolean": boolean_page,
    "graph": graph_page,
    "entity": entity_page,
    "query": query_page,
    "ontology": ontology_page,
    "problem": problem_page,
}
