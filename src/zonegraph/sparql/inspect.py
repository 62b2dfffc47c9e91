"""A tokenizer for SPARQL: enough to see the form of a query and the keywords outside strings and IRIs.

The engine offers no parse tree, so the text is read once, token by token, after codepoint escapes
(``\\u0053`` may spell a keyword, SPARQL 1.1 section 19.2) have been resolved.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_TOKEN: Final = re.compile(
    r"""
    (?P<comment>\#[^\n\r]*)
  | (?P<string>'''(?:(?:'|'')?(?:[^'\\]|\\.))*'''|\"\"\"(?:(?:"|"")?(?:[^"\\]|\\.))*\"\"\"
      |'(?:[^'\\\n\r]|\\.)*'|"(?:[^"\\\n\r]|\\.)*")
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<pname>(?:[^\W\d][\w.\-]*)?:(?:[\w.\-:]|%[0-9A-Fa-f]{2}|\\.)*)
  | (?P<variable>[?$]\w+)
  | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<word>[^\W\d]\w*)
  | (?P<space>\s+)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMS: Final = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})


@dataclass(frozen=True, slots=True)
class QueryFacts:
    """What the words of a query tell: its form (upper case, or empty) and the upper-cased keywords in it."""

    form: str
    words: frozenset[str]
    normalised: str

    @property
    def uses_service(self) -> bool:
        """Whether it would call another server."""
        return "SERVICE" in self.words


def unescape(text: str) -> str:
    """Resolve ``\\uXXXX`` and ``\\UXXXXXXXX`` as the grammar does before tokens are read."""

    def character(match: re.Match[str]) -> str:
        code = int(match[1] or match[2], 16)
        return chr(code) if code <= 0x10FFFF else match[0]

    return _ESCAPE.sub(character, text)


def inspect_query(text: str) -> QueryFacts:
    """Read a query's words; never raises, since the engine says what is wrong with bad syntax."""
    words: list[str] = []
    kept: list[str] = []
    for match in _TOKEN.finditer(unescape(text)):
        kind = match.lastgroup
        if kind == "word":
            words.append(match[0].upper())
        if kind not in {"comment", "space"}:
            kept.append(match[0])
        elif kept and kept[-1] != " ":
            kept.append(" ")
    form = next((word for word in words if word in _FORMS), "")
    return QueryFacts(form, frozenset(words), "".join(kept).strip())


def bind(text: str, terms: Mapping[str, str]) -> str:
    """Put terms (already SPARQL text) in the place of variables, ``?name`` or ``$name``, outside strings and IRIs.

    A bound variable must not stand in the projection: there a term is no legal SPARQL.
    """

    def replace(match: re.Match[str]) -> str:
        if match.lastgroup == "variable":
            return terms.get(match[0][1:], match[0])
        return match[0]

    return _TOKEN.sub(replace, text)
