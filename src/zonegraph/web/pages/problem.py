"""Errors for people: what happened, what to do, where to go on."""

from __future__ import annotations

from zonegraph.errors import ZonegraphError
from zonegraph.web import html
from zonegraph.web.pages import site
from zonegraph.web.pages.reader import reader


def page(status: int, title: str, detail: str, hint: str) -> str:
    """The page of a problem; the plain one where even the graph cannot be reached."""
    try:
        who = reader()
    except ZonegraphError:
        return html.problem_page(status, title, detail, hint)
    return site.render(who, "problem.html", status=status, detail=detail, hint=hint)
