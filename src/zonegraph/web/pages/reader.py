"""One reader's view of one version of the graph: language, words, vocabulary, and a way to ask."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

import pyoxigraph as ox
from flask import request

from zonegraph.names import SKOS, ZG
from zonegraph.web import http
from zonegraph.web.backend import Answer, Row, Task, Term, VersionInfo, bound, read_table
from zonegraph.web.pages import vocabulary
from zonegraph.web.pages.addresses import is_local, page_of
from zonegraph.web.pages.catalogue import Catalogue
from zonegraph.web.pages.language import COOKIE, html_tag, negotiate
from zonegraph.web.pages.periods import Period, in_words, read_day
from zonegraph.web.pages.vocabulary import Vocabulary, pick
from zonegraph.web.web import Web, current_web

CATALOGUES: Final = "pages.catalogues"
_VOCABULARIES: Final = "pages.vocabularies"
#: A graph that may change unseen is read again after so many seconds.
STALE_SECONDS: Final = 120.0

_NAMES: Final = """
SELECT DISTINCT ?s ?p ?o WHERE {
  VALUES ?s { $iris }
  ?s ?p ?o FILTER(?p IN (rdfs:label, skos:prefLabel, zg:edtf, zg:earliest, zg:latest))
}"""


@dataclass(frozen=True, slots=True)
class Link:
    """Something with a page: its text, the language of the text as HTML spells it, its address (empty: none)."""

    text: str
    lang: str
    href: str
    iri: str
    local: bool = True


@dataclass(frozen=True)
class Names:
    """Labels and times of some things, read in one query."""

    lang: str
    vocabulary: Vocabulary
    words: Catalogue
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    times: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def text(self, iri: str) -> tuple[str, str]:
        """A label and its language tag; the last part of the IRI where the graph has none."""
        term = self.vocabulary.term(iri)
        found = pick(term.labels, self.lang) if term else pick(self.texts.get(iri, {}), self.lang)
        return found if found[0] else (_last_part(iri), "")

    def link(self, iri: str) -> Link:
        """A link to the page about something."""
        if (period := self.period(iri)) is not None:
            return Link(period.text, "", page_of(iri), iri)
        text, tag = self.text(iri)
        return Link(text, html_tag(tag) if tag and tag != self.lang else "", page_of(iri), iri, is_local(iri))

    def period(self, iri: str) -> Period | None:
        """The time that an IRI stands for; None for other things."""
        own = self.times.get(iri)
        if own is None:
            return None
        edtf = own.get("edtf", "")
        return Period(
            read_day(own.get("earliest", "")), read_day(own.get("latest", "")), edtf, in_words(edtf, self.words)
        )


def _last_part(iri: str) -> str:
    return iri.rstrip("/").rsplit("#", 1)[-1].rsplit("/", 1)[-1] or iri


@dataclass(frozen=True)
class Reader:
    """Whom a page is made for, and from what."""

    web: Web
    version: VersionInfo
    lang: str
    words: Catalogue
    vocabulary: Vocabulary

    def rows(self, text: str, bindings: Mapping[str, Term] | None = None, *, iris: Iterable[str] = ()) -> list[Row]:
        """The rows of a SELECT of ours; ``$name`` is replaced by a term, ``$iris`` by several."""
        return ask(self.web, self.version, with_iris(text, iris), bindings)

    def names(self, iris: Iterable[str]) -> Names:
        """Labels and times of these things, in one query."""
        wanted = sorted({iri for iri in iris if iri not in self.vocabulary.terms})
        rows = self.rows(_NAMES, iris=wanted) if wanted else []
        texts: dict[str, dict[str, str]] = {}
        times: dict[str, dict[str, str]] = {}
        for row in rows:
            subject, predicate, value = row["s"], row["p"], row["o"]
            if not isinstance(subject, ox.NamedNode) or not isinstance(predicate, ox.NamedNode):
                continue
            text = str(getattr(value, "value", ""))
            if predicate.value.startswith(ZG):
                times.setdefault(subject.value, {})[predicate.value[len(ZG) :]] = text
            else:
                tag = (getattr(value, "language", None) or "").lower()
                own = texts.setdefault(subject.value, {})
                if predicate.value == SKOS + "prefLabel" or tag not in own:
                    own[tag] = text
        return Names(self.lang, self.vocabulary, self.words, texts, times)


def ask(web: Web, version: VersionInfo, text: str, bindings: Mapping[str, Term] | None = None) -> list[Row]:
    """The rows of a SELECT, evaluated by a worker under the caps of a query."""
    query = bound(text, bindings or {})
    task = Task("query", web.limits(), text=query, prefixes=True, key=query[:2000])
    return read_rows(web.backend.run(task, version, http.cancel_of(request)))


def read_rows(answer: Answer) -> list[Row]:
    """The rows of an answer in JSON; none for anything but a table."""
    try:
        solutions = read_table(answer.body.data())
    finally:
        answer.body.close()
    if not isinstance(solutions, ox.QuerySolutions):
        return []
    names = [variable.value for variable in solutions.variables]
    return [{name: term for name, term in zip(names, row, strict=True) if term is not None} for row in solutions]


def with_iris(text: str, iris: Iterable[str]) -> str:
    """A query with ``$iris`` replaced by IRIs in SPARQL's own form."""
    return text.replace("$iris", " ".join(str(ox.NamedNode(iri)) for iri in iris))


def reader() -> Reader:
    """The reader of this request."""
    web = current_web()
    version = web.backend.version()
    lang = language()
    return Reader(web, version, lang, catalogue_of(web, lang), _vocabulary(web, version))


def catalogue_of(web: Web, lang: str) -> Catalogue:
    """The words of a language."""
    return cast(dict[str, Catalogue], web.state[CATALOGUES])[lang]


def language() -> str:
    """The language of this request."""
    return negotiate(
        request.args.get("lang", ""), request.cookies.get(COOKIE, ""), request.headers.get("Accept-Language", "")
    )


def _vocabulary(web: Web, version: VersionInfo) -> Vocabulary:
    """The ontology of a version, kept; that of a changing graph for `STALE_SECONDS`."""
    kept: dict[str, tuple[float, Vocabulary]] = web.state.setdefault(_VOCABULARIES, {})
    found = kept.get(version.digest)
    if found and (version.stable or time.monotonic() - found[0] < STALE_SECONDS):
        return found[1]
    fresh = Vocabulary.from_rows(ask(web, version, vocabulary.QUERY))
    kept.clear()
    kept[version.digest] = (time.monotonic(), fresh)
    return fresh


def text_of(term: Term | None) -> str:
    """The text of a term; empty for none."""
    return str(getattr(term, "value", "")) if term is not None else ""
