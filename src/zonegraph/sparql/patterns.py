"""Queries that are nothing but a few triple patterns, read so that their size can be known before they run.

`read` takes the tokens of a text and gives the patterns of ``SELECT``, ``ASK`` or ``CONSTRUCT WHERE`` over one group
of triples, with solution modifiers at most. Everything else (filters, paths, functions, sub-queries, datasets) gives
nothing: such a query may be small too, but this module cannot tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Protocol

MAX_PATTERNS: Final = 8
_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_ABSOLUTE: Final = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*:[^>\\]*>")
_MODIFIERS: Final = frozenset({"LIMIT", "OFFSET", "ORDER", "BY", "ASC", "DESC"})


class Pattern(NamedTuple):
    """One triple pattern; an IRI where there is one, None for whatever else stands there: it matches no more."""

    subject: str | None
    predicate: str | None
    object: str | None


class LookUp(NamedTuple):
    """A single pattern of which only values are asked: what the values of predicate and object are called.

    ``wanted`` are the variables of the answer, None for the triples themselves (``CONSTRUCT WHERE``).
    """

    wanted: tuple[str, ...] | None
    predicate: str | None
    object: str
    limit: int | None


class Reading(NamedTuple):
    """The patterns of a query, and whether an engine can stream its answer: one pattern, nothing sorted or skipped.

    ``look_up`` is there where the index alone can answer.
    """

    patterns: tuple[Pattern, ...]
    streams: bool
    look_up: LookUp | None = None


#: Of every text that is no such query.
NOTHING: Final = Reading((), False)


class _Token(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def word(self) -> str: ...


class _OtherwiseError(Exception):
    """The query is of another kind."""


def read(tokens: Sequence[_Token]) -> Reading:
    """The patterns of a query that has nothing else; `NOTHING` for every other text, legal or not."""
    try:
        return _Reader(tokens).query()
    except _OtherwiseError:
        return NOTHING


class _Reader:
    """Walks the tokens once."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._prefixes: dict[str, str] = {}
        self._streams = True
        self._form = ""
        self._wanted: list[str] = []

    def query(self) -> Reading:
        self._prologue()
        self._head()
        start = self._at
        patterns = tuple(self._group())
        group = self._tokens[start : self._at]
        names = [t.text for t in group if t.kind in {"variable", "blank"}]
        single = len(patterns) == 1 and patterns[0].subject is not None and len(set(names)) == len(names)
        self._check_modifiers(self._tokens[self._at :])
        streams = single and self._streams
        return Reading(patterns, streams, self._look_up(group) if streams else None)

    def _check_modifiers(self, rest: Sequence[_Token]) -> None:
        for token in rest:
            if not (token.word in _MODIFIERS or token.kind in {"number", "variable"} or token.text in {"(", ")"}):
                raise _OtherwiseError
            self._streams &= token.word == "LIMIT" or token.kind == "number"

    def _look_up(self, group: Sequence[_Token]) -> LookUp | None:
        terms = [token for token in group if token.text not in {"{", "}", "."}]
        rest = self._tokens[self._at :]
        plain = len(terms) == 3 and terms[2].kind == "variable" and (not rest or len(rest) == 2)
        wanted = tuple(self._wanted) if self._form == "SELECT" else None
        if not plain or self._form == "ASK" or wanted == () or len(set(wanted or ())) != len(wanted or ()):
            return None
        if rest and (rest[0].word != "LIMIT" or not rest[1].text.isdecimal()):
            return None
        predicate = terms[1].text[1:] if terms[1].kind == "variable" else None
        return LookUp(wanted, predicate, terms[2].text[1:], int(rest[1].text) if rest else None)

    def _next(self) -> _Token:
        if self._at >= len(self._tokens):
            raise _OtherwiseError
        self._at += 1
        return self._tokens[self._at - 1]

    def _peek(self) -> _Token:
        if self._at >= len(self._tokens):
            raise _OtherwiseError
        return self._tokens[self._at]

    def _prologue(self) -> None:
        while self._peek().word == "PREFIX":
            self._next()
            name, iri = self._next(), self._next()
            if name.kind != "pname" or not name.text.endswith(":") or not _ABSOLUTE.fullmatch(iri.text):
                raise _OtherwiseError
            self._prefixes[name.text] = iri.text[1:-1]

    def _head(self) -> None:
        form = self._form = self._next().word
        if form == "SELECT":
            self._selection()
        elif form == "CONSTRUCT":
            if self._peek().word != "WHERE":
                raise _OtherwiseError
        elif form != "ASK":
            raise _OtherwiseError
        if self._peek().word == "WHERE":
            self._next()

    def _selection(self) -> None:
        if self._peek().word in {"DISTINCT", "REDUCED"}:
            self._next()
            self._streams = False
        if self._peek().text == "*":
            self._next()
        while self._peek().kind == "variable":
            self._wanted.append(self._next().text[1:])

    def _group(self) -> Iterator[Pattern]:
        if self._next().text != "{":
            raise _OtherwiseError
        number = 0
        while self._peek().text != "}":
            for pattern in self._triples():
                number += 1
                if number > MAX_PATTERNS:
                    raise _OtherwiseError
                yield pattern
        self._next()

    def _triples(self) -> Iterator[Pattern]:
        subject = self._term()
        predicate = self._predicate()
        while True:
            yield Pattern(subject, predicate, self._term())
            mark = self._peek().text
            if mark == "}":
                return
            self._next()
            if mark == ".":
                return
            if mark == ";":
                predicate = self._predicate()
            elif mark != ",":
                raise _OtherwiseError

    def _predicate(self) -> str | None:
        token = self._peek()
        if token.text == "a":
            self._next()
            return _TYPE
        if token.kind not in {"iri", "pname", "variable"}:
            raise _OtherwiseError
        return self._term()

    def _term(self) -> str | None:
        token = self._next()
        if token.kind == "iri":
            if not _ABSOLUTE.fullmatch(token.text):
                raise _OtherwiseError
            return token.text[1:-1]
        if token.kind == "pname":
            return self._expanded(token.text)
        if token.kind == "string":
            self._pass_over_datatype()
        elif token.kind not in {"variable", "blank", "number"}:
            raise _OtherwiseError
        return None

    def _expanded(self, name: str) -> str:
        prefix, colon, local = name.partition(":")
        namespace = self._prefixes.get(prefix + colon)
        if namespace is None or "\\" in local:
            raise _OtherwiseError
        return namespace + local

    def _pass_over_datatype(self) -> None:
        if self._peek().kind == "tag":
            self._next()
        elif self._peek().text == "^":
            self._next()
            if self._next().text != "^" or self._next().kind not in {"iri", "pname"}:
                raise _OtherwiseError
