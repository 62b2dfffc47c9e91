"""Long lists page by page, each page with an address of its own."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from zonegraph.web.pages.addresses import with_query
from zonegraph.web.problems import HttpProblemError


@dataclass(frozen=True, slots=True)
class Pager:
    """Which page of how many, how many rows lie before it, and the addresses of its neighbours."""

    page: int
    pages: int
    start: int
    previous: str
    following: str


def pager(total: int, size: int, path: str, **asked: object) -> Pager:
    """The pager of the page that is asked for; raises 404 for a page after the last."""
    pages, number = max(1, -(-total // size)), max(1, request.args.get("page", 1, type=int))
    if number > pages:
        raise HttpProblemError(404, f"there are {pages} pages", hint="begin with the first", code="no-page")
    # the first page has one address
    before = with_query(path, **asked, page=number - 1 if number > 2 else None) if number > 1 else ""
    after = with_query(path, **asked, page=number + 1) if number < pages else ""
    return Pager(number, pages, (number - 1) * size, before, after)
