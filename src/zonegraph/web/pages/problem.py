"""Errors for people: what happened, what to do, where to go on."""

from __future__ import annotations

from typing import Final

from zonegraph.errors import ZonegraphError
from zonegraph.web.backend import VersionInfo
from zonegraph.web.pages import site
from zonegraph.web.pages.reader import Reader, catalogue_of, language, reader
from zonegraph.web.pages.vocabulary import Vocabulary
from zonegraph.web.web import current_web

_UNKNOWN: Final = VersionInfo("", "", "", stable=False)


def page(status: int, title: str, detail: str, hint: str) -> str:
    """The page of a problem, also where the graph cannot be reached."""
    who = _reader()
    key = f"problem.heading-{status}"
    heading = who.words(key if who.words.has(key) else "problem.heading")
    return site.render(who, "problem.html", status=status, heading=heading, detail=detail, hint=hint)


def _reader() -> Reader:
    try:
        return reader()
    except ZonegraphError:
        web, lang = current_web(), language()
        return Reader(web, _UNKNOWN, lang, catalogue_of(web, lang), Vocabulary({}))
