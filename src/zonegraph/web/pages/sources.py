"""Sources: quotes with their positions, and the text around them where the reader has the texts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Response, request

from zonegraph.names import DCTERMS, ZG, ZGI
from zonegraph.web.pages import site
from zonegraph.web.pages.addresses import full
from zonegraph.web.pages.gather import Around, Span, read_spans, spans
from zonegraph.web.pages.reader import Link, Names, Reader, text_of
from zonegraph.web.problems import HttpProblemError

#: Code points shown before and after a quote.
AROUND: Final = 90
MOST_QUOTES: Final = 40
_LARGEST: Final = 16 * 1024 * 1024

_DOCUMENTS: Final = """
SELECT DISTINCT ?doc ?p ?o WHERE {
  VALUES ?doc { $iris }
  ?doc ?p ?o FILTER(?p IN (dcterms:title, dcterms:publisher, zg:fileName, zg:sha256, zg:issued))
}"""


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote: the document, the characters, and (with the texts at hand) what stands before and after."""

    document: Link
    title: str
    start: int
    end: int
    exact: str
    span: str
    before: str = ""
    after: str = ""

    @property
    def in_context(self) -> bool:
        """Whether the text around it is known."""
        return bool(self.before or self.after)


def quotes(who: Reader, found: Sequence[Span], names: Names) -> tuple[Quote, ...]:
    """Spans as quotes, in the order of the text."""
    shown = sorted(set(found))[:MOST_QUOTES]
    documents = _documents(who, {span.document for span in shown if span.document})
    return tuple(_quote(who, span, documents.get(span.document, {}), names) for span in shown)


def own_quote(who: Reader, found: Around, names: Names) -> tuple[Quote, ...]:
    """The quote that a span itself is."""
    if ZG + "TextSpan" not in found.types:
        return ()
    return quotes(who, list(read_spans(who, [found.iri]).values()), names)


def _documents(who: Reader, iris: set[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in who.rows(_DOCUMENTS, iris=sorted(iris)) if iris else []:
        name = text_of(row["p"]).removeprefix(ZG).removeprefix(DCTERMS)
        found.setdefault(text_of(row["doc"]), {})[name] = text_of(row["o"])
    return found


def _quote(who: Reader, span: Span, document: Mapping[str, str], names: Names) -> Quote:
    before, after = _context(who, span, document)
    link = names.link(span.document or span.iri)
    title = document.get("title", "") or link.text
    number = span.document.rsplit("/", 1)[-1] if span.document else ""
    shown = Link(number or link.text, "", link.href, link.iri)
    return Quote(shown, title, span.start, span.end, span.exact, names.link(span.iri).href, before, after)


def _context(who: Reader, span: Span, document: Mapping[str, str]) -> tuple[str, str]:
    folder: Path | None = getattr(who.web.config, "texts", None)
    if folder is None or not span.document:
        return "", ""
    text = read_text(folder, document.get("fileName", ""), document.get("sha256", ""))
    # a text whose characters are not those that were quoted is not the text that was read
    if text[span.start : span.end].replace("\n", "") != span.exact.replace("\n", "") or not text:
        return "", ""
    return text[max(0, span.start - AROUND) : span.start], text[span.end : span.end + AROUND]


@lru_cache(maxsize=32)
def read_text(folder: Path, name: str, sha256: str) -> str:
    """The text of a document from the reader's own folder; empty unless its bytes are those that were annotated."""
    if not name or "/" in name or "\\" in name or name.startswith("."):
        return ""
    path = folder / name
    try:
        if path.stat().st_size > _LARGEST:
            return ""
        data = path.read_bytes()
    except OSError:
        return ""
    if hashlib.sha256(data).hexdigest() != sha256:
        return ""
    return data.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class SourceView:
    """What one claim rests on."""

    claim: Link
    quotes: tuple[Quote, ...]
    others: tuple[Link, ...]


def view(path: str) -> Response:
    """The sources of a claim: a page, or the part of one that a script puts beside the claim (``?part``)."""
    template = "source_part.html" if "part" in request.args else "source.html"
    return site.page(lambda who: site.render(who, template, view=build(who, path)))


def build(who: Reader, path: str) -> SourceView:
    """Ask; raises 404 for what has no source."""
    iri = full(ZGI + path)
    found = spans(who, [iri]).get(iri, ()) if iri else ()
    if iri is None or not found:
        raise HttpProblemError(404, "nothing is known of where this is from", code="no-source")
    names = who.names({iri, *(span.document or span.iri for span in found)})
    texts = [span for span in found if span.document]
    others = tuple(names.link(span.iri) for span in found if not span.document)
    return SourceView(names.link(iri), quotes(who, texts, names), others)
