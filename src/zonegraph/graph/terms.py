"""Terms as text: what a SELECT in TSV says of them (https://www.w3.org/TR/sparql11-results-csv-tsv/#tsv). Pure.

``<iri>``, ``"text"@en``, ``"2018"^^<type>``, ``5``, ``1.5``, ``true``, ``_:b``; an empty text is an unbound variable.
Rows stay in this shape as long as nothing has to look inside: splitting a line is far cheaper than making objects.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Final

import pyoxigraph as ox

from zonegraph.names import XSD

#: Type of the column, language, text as it goes into a file.
Literal = tuple[str, str, str]
_LITERAL: Final = re.compile(r'"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?', re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_SHORT: Final = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}
_INTEGERS: Final = frozenset(
    XSD + name for name in ("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger")
)
_DECIMALS: Final = frozenset(XSD + name for name in ("decimal", "double", "float"))
_INT64: Final = 2**63


def text_of(term: object) -> str:
    """A term of the engine in the shape of TSV; nothing for an unbound variable."""
    if isinstance(term, ox.NamedNode):
        return f"<{term.value}>"
    if isinstance(term, ox.BlankNode):
        return f"_:{term.value}"
    return _quoted(term) if isinstance(term, ox.Literal) else ""


def _quoted(term: ox.Literal) -> str:
    text = term.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    tail = f"@{term.language}" if term.language else f"^^<{term.datatype.value}>"
    return f'"{text}"{tail}'


def is_literal(term: str) -> bool:
    """Whether the term is a literal, and not nothing."""
    return bool(term) and term[0] not in "<_"


def plain(term: str) -> str:
    """The IRI without its brackets, the text of a literal, a blank node as it is."""
    if term.startswith("<"):
        return term[1:-1]
    return _parts(term)[0] if term.startswith('"') else term


def language(term: str) -> str:
    """The language tag of a literal in lower case, or nothing."""
    return _parts(term)[1] if term.startswith('"') else ""


@lru_cache(maxsize=1024)
def _parts(term: str) -> tuple[str, str, str]:
    """Text, language and datatype of a quoted literal."""
    match = _LITERAL.fullmatch(term)
    if match is None:
        return term, "", ""
    text, lang, datatype = match.groups(default="")
    return (_ESCAPE.sub(_unescaped, text) if "\\" in text else text), lang.lower(), datatype


def _unescaped(match: re.Match[str]) -> str:
    mark = match[1]
    return chr(int(mark[1:], 16)) if len(mark) > 1 else _SHORT.get(mark, mark)


@lru_cache(maxsize=1024)
def typed(term: str) -> Literal:
    """Language, column type (long, double, boolean, iri or string) and canonical text of a value."""
    if term.startswith(("<", "_")):
        return "", "iri", plain(term)
    if not term.startswith('"'):
        return ("", *_bare(term))
    text, lang, datatype = _parts(term)
    return (lang, *_by_type(datatype, text))


def _bare(text: str) -> tuple[str, str]:
    """A number or truth value without quotes."""
    if text in {"true", "false"}:
        return "boolean", text
    return _decimal(text) if any(mark in text for mark in ".eE") else _whole(text)


def _by_type(datatype: str, text: str) -> tuple[str, str]:
    if datatype in _INTEGERS:
        return _whole(text)
    if datatype in _DECIMALS:
        return _decimal(text)
    if datatype == XSD + "boolean":
        return "boolean", "true" if text in {"true", "1"} else "false"
    return "string", text


def _whole(text: str) -> tuple[str, str]:
    try:
        number = int(text)
    except ValueError:
        return "string", text
    return ("long" if -_INT64 <= number < _INT64 else "string"), str(number)


def _decimal(text: str) -> tuple[str, str]:
    try:
        number = float(text)
    except ValueError:
        return "string", text
    return ("double" if math.isfinite(number) else "string"), text


def number(term: str, default: float = 1.0) -> float:
    """The finite number a term stands for, or the default."""
    try:
        value = float(plain(term) or default)
    except ValueError:
        return default
    return value if math.isfinite(value) else default
