"""The query guard: reads a SPARQL text token by token before any engine sees it.

The engine exposes no parse tree, so this tokenizer finds what must be known beforehand: the form, whether other
servers would be called (SERVICE, LOAD), whether the text names its own dataset, whether its answer may be cached,
and a normalised text for cache keys. It never decides that a text is legal; the engine does, in a worker.

Two texts are read: the one as sent, and the one with its ``\\uXXXX`` escapes resolved (SPARQL 1.1 section 19.2),
because engines differ in when they resolve them. A keyword found in either counts. ``<`` is the other trap: in
``FILTER(1<2)SERVICE#>`` a tokenizer sees an IRI where the grammar sees a comparison; such text counts as both.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from zonegraph.errors import QueryRefusedError, QuerySyntaxError, Where
from zonegraph.sparql import patterns, shapes
from zonegraph.sparql.patterns import NOTHING, Reading

_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
TOKEN: Final = re.compile(
    r"""
    (?P<space>[ \t\r\n]+)
  | (?P<comment>\#[^\r\n]*)
  | (?P<string>'''[^'\\]*+(?:(?:\\.|''?(?!'))[^'\\]*+)*+'''
      |\"\"\"[^"\\]*+(?:(?:\\.|""?(?!"))[^"\\]*+)*+\"\"\"
      |(?!'''|\"\"\")(?:'[^'\\\r\n]*+(?:\\.[^'\\\r\n]*+)*+'|"[^"\\\r\n]*+(?:\\.[^"\\\r\n]*+)*+"))
  | (?P<open>['"])
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*+(?:(?:\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})[^<>"{}|^`\\\x00-\x20]*+)*+>)
  | (?P<blank>_:[\w.\-\u00b7]*[\w\-])
  | (?P<pname>(?:[^\W\d_][\w.\-\u00b7]{0,63}+)?+:(?:(?:[\w:\-\u00b7]|%[0-9A-Fa-f]{2}|\\.)
      (?:\.*(?:[\w:\-\u00b7]|%[0-9A-Fa-f]{2}|\\.))*)?)
  | (?P<variable>[?$]\w+)
  | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<word>[^\W\d]\w*)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMS: Final = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_UPDATES: Final = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"})
_PROLOGUE: Final = frozenset({"BASE", "PREFIX", "VERSION"})
_VOLATILE: Final = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE"})
_OPENING: Final = "{[("
_CLOSING: Final = "}])"
MAX_DEPTH: Final = 200
#: Texts up to this length are remembered.
_SHORT: Final = 4096


class Token(NamedTuple):
    """One token: kind, text, where it starts, brackets around it, and the keyword in upper case if it is a word."""

    kind: str
    text: str
    start: int
    depth: int
    word: str


@dataclass(frozen=True, slots=True)
class QueryFacts:
    """What the words of a text tell, without evaluating it."""

    form: str
    is_update: bool
    calls_service: bool
    service_targets: tuple[str | None, ...]
    loads: bool
    names_dataset: bool
    names_using: bool
    volatile: bool
    normalised: str
    #: Of a query that is nothing else; empty for others.
    reading: Reading = NOTHING


def tokens(text: str) -> list[Token]:
    """All tokens that mean something, in order; comments and white space are left out.

    Raises `QuerySyntaxError` where brackets nest deeper than `MAX_DEPTH`, which no honest query does, and where a
    string is not closed.
    """
    found: list[Token] = []
    depth = 0
    for match in TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        if kind == "space" or kind == "comment":  # noqa: PLR1714 - measured: the hottest line of the web process
            continue
        value = match[0]
        if kind == "word":
            found.append(Token(kind, value, match.start(), depth, value.upper()))
        elif kind == "other":
            depth = _bracket(found, value, match.start(), depth)
        elif kind == "open":
            raise QuerySyntaxError("a string is not closed", where=Where(offset=match.start()))
        else:
            found.append(Token(kind, value, match.start(), depth, ""))
    return found


def _bracket(found: list[Token], value: str, start: int, depth: int) -> int:
    """Add a sign; returns the depth after it. A bracket has the depth of what is around it."""
    if value in _CLOSING:
        depth -= 1
    found.append(Token("other", value, start, depth, ""))
    if value in _OPENING:
        depth += 1
        if depth > MAX_DEPTH:
            raise QuerySyntaxError(f"brackets nest deeper than {MAX_DEPTH}", hint="write a flatter query")
    return depth


def unescaped(text: str) -> str:
    """The text with ``\\uXXXX`` and ``\\UXXXXXXXX`` resolved."""

    def character(match: re.Match[str]) -> str:
        code = int(match[1] or match[2], 16)
        return chr(code) if code <= 0x10FFFF else match[0]

    return _ESCAPE.sub(character, text)


def readings(text: str) -> Iterator[list[Token]]:
    """Every way an engine may read the text: as sent, then with escapes resolved until nothing changes."""
    for _ in range(4):
        yield tokens(text)
        if "\\u" not in text and "\\U" not in text:
            return
        resolved = unescaped(text)
        if resolved == text:
            return
        text = resolved
    raise QueryRefusedError("escapes within escapes", hint="write the characters themselves")


def inspect(text: str) -> QueryFacts:
    """Read a query or an update; raises `QuerySyntaxError` or `QueryRefusedError` for text made to confuse."""
    if len(text) > _SHORT:
        return _inspect(text)
    pieces = shapes.IRI.split(text)
    shape = _shape_of(tuple(pieces[::2])) if len(pieces) > 1 else None
    return shape.filled(pieces[1::2]) if shape is not None else _remembered(text)


def _inspect(text: str) -> QueryFacts:
    all_readings = list(readings(text))
    first = all_readings[0]
    words = {token.word for reading in all_readings for token in reading}
    suspects = [t for reading in all_readings for t in reading if t.kind == "iri" and ")" in t.text]
    calls = "SERVICE" in words or any(_hides(token, "SERVICE") for token in suspects)
    form = _first_verb(first)
    return QueryFacts(
        form=form if form in _FORMS else "",
        is_update=form in _UPDATES,
        calls_service=calls,
        service_targets=tuple(t for reading in all_readings for t in _service_targets(reading)) if calls else (),
        loads="LOAD" in words or any(_hides(token, "LOAD") for token in suspects),
        names_dataset="FROM" in words,
        names_using="USING" in words or "WITH" in words,
        volatile=not words.isdisjoint(_VOLATILE) or (form == "CONSTRUCT" and _template_mints_blanks(first)),
        normalised=" ".join(token.text for token in first),
        reading=patterns.read(first) if len(all_readings) == 1 else NOTHING,
    )


_remembered = functools.lru_cache(maxsize=1024)(_inspect)


@functools.lru_cache(maxsize=1024)
def _shape_of(others: tuple[str, ...]) -> shapes.Shape | None:
    try:
        return shapes.shape_of(others, _inspect)
    except (QuerySyntaxError, QueryRefusedError):
        return None  # to be raised for the text itself, with its own offsets


def _first_verb(reading: list[Token]) -> str:
    """The keyword after the prologue; empty where there is none."""
    return next((t.word for t in reading if t.word and t.word not in _PROLOGUE), "")


def _hides(token: Token, keyword: str) -> bool:
    """Whether ``<…>``, read as a comparison, could hold the keyword: only after the bracket that ends it."""
    return keyword in token.text[token.text.index(")") :].upper()


def _service_targets(reading: list[Token]) -> Iterator[str | None]:
    """The IRI after each SERVICE, or None where the target is not written out."""
    for index, token in enumerate(reading):
        if token.kind == "iri" and ")" in token.text and _hides(token, "SERVICE"):
            yield None
        if token.word != "SERVICE":
            continue
        rest = [t for t in reading[index + 1 : index + 3] if t.word != "SILENT"]
        yield rest[0].text[1:-1] if rest and rest[0].kind == "iri" else None


def _template_mints_blanks(reading: list[Token]) -> bool:
    start = next((i for i, t in enumerate(reading) if t.word == "CONSTRUCT"), 0)
    template: list[Token] = []
    for token in reading[start + 1 :]:
        if token.text == "}" and token.depth == 0:
            break
        template.append(token)
    return any(t.kind == "blank" or t.text in "[(" for t in template)


def refuse_foreign(facts: QueryFacts, allowed_hosts: frozenset[str] = frozenset()) -> None:
    """Raise `QueryRefusedError` when the text would call another server that is not on the list."""
    if facts.loads:
        raise QueryRefusedError("LOAD is not allowed here", hint="send the data with the Graph Store Protocol")
    if facts.calls_service and not _all_allowed(facts.service_targets, allowed_hosts):
        raise QueryRefusedError("SERVICE is not allowed here", hint="query this graph alone, and join elsewhere")


def _all_allowed(targets: tuple[str | None, ...], allowed: frozenset[str]) -> bool:
    hosts = [_host(target) for target in targets]
    return bool(hosts) and all(host in allowed for host in hosts)


def _host(target: str | None) -> str:
    """``host`` or ``host:port`` of an http IRI, in lower case; empty for everything else."""
    match = re.fullmatch(r"https?://([A-Za-z0-9.\-]+(?::\d+)?)(?:/[^\\]*)?", target or "", re.ASCII)
    return match[1].lower() if match else ""


def with_using(text: str, default: tuple[str, ...], named: tuple[str, ...]) -> str:
    """An update with ``USING`` clauses for the protocol's dataset (SPARQL 1.1 Protocol 2.2.3) in each operation."""
    clause = "".join(f" USING <{iri}>" for iri in default) + "".join(f" USING NAMED <{iri}>" for iri in named)
    reading = tokens(text)
    pieces: list[str] = []
    done = 0
    for index, token in enumerate(reading):
        if token.word != "WHERE" or token.depth:
            continue
        pieces.append(text[done : token.start])
        if index and reading[index - 1].word == "DELETE":
            pieces.append(_braced(text, reading[index + 1 :]))
        pieces.append(clause + " ")
        done = token.start
    return "".join(pieces) + text[done:]


def _braced(text: str, rest: list[Token]) -> str:
    """The text of the ``{…}`` that opens ``rest``: DELETE WHERE {P} is DELETE {P} WHERE {P}."""
    end = next((t for t in rest if t.text == "}" and t.depth == 0), None)
    return text[rest[0].start : end.start + 1] if rest and end else ""
