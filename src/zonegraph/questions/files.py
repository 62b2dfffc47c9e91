"""A stored question is a ``.rq`` file with a header of ``# Key: value`` lines.

::

    # Title (en): Mergers of zones and districts
    # Title (zh-hans): 开发区与行政区的合一
    # Question (en): Which zones merged with which districts, and when?
    # Question (zh-hans): 哪些开发区与哪些行政区实行区政合一，何时？
    # Why: the historian's first question
    # Param: zone iri — a participant; any when left out
    # Param: since date 1900-01-01 — not before this day
    # Chart: line period value series

A parameter stands in the query as ``$name``. Without value and default it stays a variable: anything matches.
Values become RDF terms before they enter the text, so no value can change the query.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from zonegraph.errors import UsageError, Where
from zonegraph.names import XSD, ZGI, expand
from zonegraph.sparql import bind

_HEADER: Final = re.compile(r"#\s*(?P<key>[A-Za-z]+)(?:\s*\((?P<lang>[A-Za-z-]+)\))?\s*:\s*(?P<value>.*\S)\s*\Z")
_PARAM: Final = re.compile(r"(?P<name>\w+)\s+(?P<kind>\w+)(?:\s+(?P<default>[^—]*\S))?\s*(?:—\s*(?P<help>.*))?\Z")
_BAD_IRI: Final = re.compile(r'[\x00-\x20<>"{}|^`\\]')
KINDS: Final = ("iri", "text", "date", "integer", "decimal", "lang")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: ``kind`` is one of `KINDS`; ``default`` is empty where leaving it out means anything."""

    name: str
    kind: str
    default: str = ""
    help: str = ""

    def term(self, value: str) -> str:
        """The value as SPARQL; raises `UsageError` when it is not of the parameter's kind."""
        try:
            return _TERMS[self.kind](value)
        except (ValueError, InvalidOperation) as error:
            raise UsageError(
                f"{value!r} is no {self.kind}", where=Where(id=self.name), hint=self.help or f"give a {self.kind}"
            ) from error


@dataclass(frozen=True, slots=True)
class Question:
    """One stored question; ``titles`` and ``questions`` by lower-case language tag."""

    name: str
    path: Path
    text: str
    titles: Mapping[str, str]
    questions: Mapping[str, str]
    why: str
    parameters: tuple[Parameter, ...]
    chart: str = ""

    @property
    def slug(self) -> str:
        """The name without its number."""
        return self.name.partition("_")[2] or self.name

    def fill(self, values: Mapping[str, str]) -> str:
        """The query with its parameters set; raises `UsageError` for unknown or unfit ones."""
        known = {parameter.name: parameter for parameter in self.parameters}
        unknown = sorted(set(values) - set(known))
        if unknown:
            hint = f"it has {', '.join(known)}" if known else "it has none"
            raise UsageError(f"no parameter {unknown[0]!r}", where=Where(id=self.name), hint=hint)
        given = {p.name: (p, values.get(p.name, "") or p.default) for p in self.parameters}
        return bind(self.text, {name: p.term(value) for name, (p, value) in given.items() if value})


def _iri(value: str) -> str:
    expanded = expand(value)
    full = expanded if "://" in expanded else ZGI + expanded
    if _BAD_IRI.search(full):
        raise ValueError(value)
    return f"<{full}>"


def _lang(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*|\*", value):
        raise ValueError(value)
    return str(ox.Literal(value))


_TERMS: Final = {
    "iri": _iri,
    "text": lambda value: str(ox.Literal(value)),
    "date": lambda value: str(ox.Literal(date.fromisoformat(value).isoformat(), datatype=ox.NamedNode(XSD + "date"))),
    "integer": lambda value: str(int(value)),
    "decimal": lambda value: str(ox.Literal(format(Decimal(value), "f"), datatype=ox.NamedNode(XSD + "decimal"))),
    "lang": _lang,
}


def parse_question(path: Path) -> Question:
    """Read one file; raises `UsageError` where the header is incomplete."""
    text = path.read_text("utf-8")
    fields: dict[tuple[str, str], list[str]] = {}
    for line in text.splitlines():
        if match := _HEADER.match(line):
            fields.setdefault((match["key"].lower(), (match["lang"] or "").lower()), []).append(match["value"])
        elif not line.startswith("#"):
            break
    return Question(
        name=path.stem,
        path=path,
        text=text,
        titles=_by_language(fields, "title", path),
        questions=_by_language(fields, "question", path),
        why=" ".join(fields.get(("why", ""), [])),
        parameters=tuple(_parameter(value, path) for value in fields.get(("param", ""), [])),
        chart=next(iter(fields.get(("chart", ""), [])), ""),
    )


def _by_language(fields: Mapping[tuple[str, str], list[str]], key: str, path: Path) -> dict[str, str]:
    found = {lang: " ".join(values) for (name, lang), values in fields.items() if name == key}
    if not {"en", "zh-hans"}.issubset(found):
        raise UsageError(
            f"the header lacks {key} (en) or {key} (zh-hans)", where=Where(file=str(path)), hint="add both"
        )
    return found


def _parameter(value: str, path: Path) -> Parameter:
    match = _PARAM.match(value)
    if match is None or match["kind"] not in KINDS:
        raise UsageError(
            f"no parameter: {value!r}",
            where=Where(file=str(path)),
            hint=f"write `name kind default — help`, kind one of {', '.join(KINDS)}",
        )
    return Parameter(match["name"], match["kind"], match["default"] or "", match["help"] or "")


def load_questions(queries: Path) -> list[Question]:
    """All stored questions, by number."""
    return [parse_question(path) for path in sorted((queries / "questions").glob("*.rq"))]


def load_question(queries: Path, name: str) -> Question:
    """A question by its file name, its number (``cq01``) or its name without number."""
    paths = sorted((queries / "questions").glob("*.rq"))
    for path in paths:
        number, _, slug = path.stem.partition("_")
        if name in {path.stem, number, slug}:
            return parse_question(path)
    raise UsageError(f"no stored question {name!r}", hint=f"there are {', '.join(path.stem for path in paths)}")
