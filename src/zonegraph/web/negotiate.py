"""Content negotiation: one table of formats and one algorithm over it (RFC 9110 section 12)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from zonegraph.web.problems import HttpProblemError


class Kind(Enum):
    """What an answer is: a table, a yes or no, triples, or triples in named graphs."""

    BINDINGS = "bindings"
    BOOLEAN = "boolean"
    GRAPH = "graph"
    DATASET = "dataset"


@dataclass(frozen=True, slots=True)
class Format:
    """One serialisation: short name (``?format=``), media type sent, further types asked for it, file ending."""

    name: str
    media_type: str
    kinds: frozenset[Kind]
    aliases: tuple[str, ...] = ()
    extension: str = ""
    charset: bool = False

    @property
    def content_type(self) -> str:
        """The Content-Type header; text types say that they are UTF-8."""
        return f"{self.media_type}; charset=utf-8" if self.charset else self.media_type

    def relabelled(self, media_type: str) -> Format:
        """The same bytes under an alias that is equally true (``application/xml`` for SPARQL XML)."""
        if media_type == self.media_type:
            return self
        return Format(self.name, media_type, self.kinds, self.aliases, self.extension, self.charset)


_TABLE: Final = frozenset({Kind.BINDINGS, Kind.BOOLEAN})
_RDF: Final = frozenset({Kind.GRAPH, Kind.DATASET})
_GRAPH: Final = frozenset({Kind.GRAPH})
_ALL: Final = frozenset(Kind)

#: In order of preference among equals.
FORMATS: Final[tuple[Format, ...]] = (
    Format("json", "application/sparql-results+json", _TABLE, ("application/json",), "srj"),
    Format("xml", "application/sparql-results+xml", _TABLE, ("application/xml", "text/xml"), "srx"),
    Format("csv", "text/csv", _TABLE, (), "csv", charset=True),
    Format("tsv", "text/tab-separated-values", _TABLE, (), "tsv", charset=True),
    Format("turtle", "text/turtle", _GRAPH, ("application/x-turtle",), "ttl", charset=True),
    Format("nquads", "application/n-quads", frozenset({Kind.DATASET}), ("text/x-nquads",), "nq"),
    Format("trig", "application/trig", frozenset({Kind.DATASET}), ("application/x-trig",), "trig"),
    Format("ntriples", "application/n-triples", _GRAPH, ("text/plain",), "nt"),
    Format("jsonld", "application/ld+json", _RDF, ("application/json",), "jsonld"),
    Format("rdfxml", "application/rdf+xml", _GRAPH, ("application/xml", "text/xml"), "rdf"),
    Format("n3", "text/n3", _GRAPH, ("text/rdf+n3",), "n3", charset=True),
    Format("html", "text/html", _ALL, (), "html", charset=True),
)
#: Other short names that people type.
_SHORT: Final[dict[str, str]] = {
    "ttl": "turtle",
    "nt": "ntriples",
    "nq": "nquads",
    "rdf": "rdfxml",
    "srj": "json",
    "srx": "xml",
    "json-ld": "jsonld",
    "rdf+xml": "rdfxml",
    "n-triples": "ntriples",
    "n-quads": "nquads",
}
_RANGE: Final = re.compile(r"\s*([A-Za-z0-9!#$&^_.+*-]+)/([A-Za-z0-9!#$&^_.+*-]+)\s*", re.ASCII)
_PARAMETER: Final = re.compile(r'\s*([A-Za-z0-9!#$%&\'*+.^_`|~-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s";,]*)\s*', re.ASCII)
_Q: Final = re.compile(r"0(?:\.\d{0,3})?|1(?:\.0{0,3})?", re.ASCII)
MAX_RANGES: Final = 200


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One member of Accept: type, subtype, parameters other than q, weight."""

    main: str
    sub: str
    parameters: frozenset[tuple[str, str]]
    weight: float

    def specificity(self, media_type: str, charset: str = "utf-8") -> int:
        """How closely the range names a type: 0 not at all, 1 ``*/*``, 2 ``text/*``, 3 exact, more with parameters."""
        main, _, sub = media_type.partition("/")
        if self.main == "*":
            return 1 if self.sub == "*" else 0
        if self.main != main:
            return 0
        if self.sub == "*":
            return 2
        if self.sub != sub or not self._parameters_fit(charset):
            return 0
        return 3 + len(self.parameters)

    def _parameters_fit(self, charset: str) -> bool:
        # version and profile ask for flavours that every body here satisfies; charset must be the one sent
        return all(name != "charset" or value in {charset, "utf8"} for name, value in self.parameters)


def parse_accept(header: str) -> list[MediaRange]:
    """The ranges of an Accept header; members that are not media ranges are ignored, as browsers' junk must be."""
    ranges = (_parse_range(member) for member in _split(header, ",")[:MAX_RANGES])
    return [found for found in ranges if found is not None]


def _split(text: str, separator: str) -> list[str]:
    """Split at a separator outside quoted strings."""
    if '"' not in text:
        return text.split(separator)
    pieces, start, quoted, escaped = [], 0, False, False
    for index, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\" and quoted:
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == separator and not quoted:
            pieces.append(text[start:index])
            start = index + 1
    return [*pieces, text[start:]]


def _parse_range(member: str) -> MediaRange | None:
    head, *tail = _split(member, ";")
    match = _RANGE.fullmatch(head)
    if match is None:
        return None
    weight = 1.0
    parameters: set[tuple[str, str]] = set()
    for raw in tail:
        pair = _PARAMETER.fullmatch(raw)
        if pair is None:
            continue
        name, value = pair[1].lower(), pair[2].strip('"').lower()
        if name == "q":
            weight = float(value) if _Q.fullmatch(value) else 0.0
            break
        parameters.add((name, value))
    return MediaRange(match[1].lower(), match[2].lower(), frozenset(parameters), weight)


def _weight(media_type: str, ranges: Iterable[MediaRange]) -> tuple[float, int]:
    """The weight the most specific matching range gives a type, and that specificity."""
    hits = [(found, r.weight) for r in ranges if (found := r.specificity(media_type))]
    if not hits:
        return 0.0, 0
    specificity, weight = max(hits)
    return weight, specificity


def offers(kind: Kind, *, html: bool = True) -> list[Format]:
    """The formats in which an answer of this kind exists, most preferred first."""
    return [form for form in FORMATS if kind in form.kinds and (html or form.name != "html")]


def choose(accept: str | None, available: Sequence[Format]) -> Format:
    """The best format for an Accept header; absent or empty means anything. Raises 406 listing what exists."""
    if accept is None or not accept.strip():
        return available[0]
    ranges = parse_accept(accept)
    best: tuple[float, int, int] = (0.0, 0, 0)
    chosen: Format | None = None
    for order, form in enumerate(available):
        for media_type in (form.media_type, *form.aliases):
            weight, specificity = _weight(media_type, ranges)
            # an alias is named, never guessed by a wildcard
            if weight <= 0 or (media_type != form.media_type and specificity < 3):
                continue
            rank = (weight, min(specificity, 3), -order)
            if chosen is None or rank > best:
                best, chosen = rank, form.relabelled(media_type)
    if chosen is None:
        raise not_acceptable(available)
    return chosen


def by_name(name: str, available: Sequence[Format]) -> Format:
    """The format that ``?format=`` names by short name, ending or media type; raises 406 listing what exists."""
    wanted = name.strip().lower().replace(" ", "+")
    wanted = _SHORT.get(wanted, wanted)
    for form in available:
        if wanted in {form.name, form.extension, form.media_type}:
            return form
    for form in available:
        if wanted in form.aliases:
            return form.relabelled(wanted)
    raise not_acceptable(available)


def not_acceptable(available: Sequence[Format]) -> HttpProblemError:
    """406, with the list of what exists."""
    listing = [{"format": form.name, "mediaType": form.media_type} for form in available]
    names = ", ".join(form.media_type for form in available)
    return HttpProblemError(
        406,
        "no such form of this answer",
        hint=f"it exists as {names}",
        code="not-acceptable",
        members={"available": listing},
    )


def format_named(name: str) -> Format:
    """The format with this name."""
    return next(form for form in FORMATS if form.name == name)


def rdf_input(media_type: str) -> Format | None:
    """The RDF format of a payload with this media type, if it is one that can be read."""
    wanted = media_type.strip().lower()
    rdf = [form for form in FORMATS if form.kinds & _RDF and form.name != "html"]
    exact = next((form for form in rdf if wanted == form.media_type), None)
    return exact or next((form for form in rdf if wanted in form.aliases and wanted not in _VAGUE), None)


_VAGUE: Final = frozenset({"application/json", "application/xml", "text/xml", "text/plain"})
