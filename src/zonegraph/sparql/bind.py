"""Putting terms in the place of variables."""

from __future__ import annotations

import re
from collections.abc import Mapping

from zonegraph.sparql.guard import TOKEN


def bind(text: str, terms: Mapping[str, str]) -> str:
    """Put terms (already SPARQL text) in the place of variables, ``?name`` or ``$name``, outside strings and IRIs.

    A bound variable must not stand in the projection: there a term is no legal SPARQL.
    """

    def replace(match: re.Match[str]) -> str:
        if match.lastgroup == "variable":
            return terms.get(match[0][1:], match[0])
        return match[0]

    return TOKEN.sub(replace, text)
