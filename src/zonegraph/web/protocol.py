"""The SPARQL 1.1 Protocol as one frozen value: a request is read once, checked wholly, then only passed on.

Covers query by GET, form POST, direct POST and QUERY, update by form and direct POST, the dataset parameters, and
the ``version`` parameter of the SPARQL 1.2 draft. Pure: no framework, no I/O.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final
from urllib.parse import parse_qsl, unquote_to_bytes

import pyoxigraph as ox

from zonegraph.web.problems import HttpProblemError, bad_request

FORM: Final = "application/x-www-form-urlencoded"
DIRECT_QUERY: Final = "application/sparql-query"
DIRECT_UPDATE: Final = "application/sparql-update"
METHODS: Final = ("GET", "HEAD", "POST", "QUERY", "OPTIONS")
VERSIONS: Final = frozenset({"1.0", "1.1", "1.2", "1.2-basic"})
MAX_PARAMETERS: Final = 1000
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|\\^`\x7f]*")


class Operation(Enum):
    """What is asked for."""

    DESCRIBE_SERVICE = "describe"
    QUERY = "query"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs that the protocol names; empty means that the text or the service decides."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.default or self.named)


@dataclass(frozen=True, slots=True)
class SparqlRequest:
    """One operation: text, dataset, and what the client wants of the answer."""

    operation: Operation
    text: str = ""
    dataset: Dataset = Dataset()
    version: str | None = None
    timeout: float | None = None
    format: str | None = None


@dataclass(frozen=True, slots=True)
class RawRequest:
    """The parts of an HTTP request that the protocol reads; ``query_string`` without the question mark."""

    method: str
    query_string: bytes
    content_type: str
    body: bytes


Parameters = Mapping[str, list[str]]


def parse_request(raw: RawRequest) -> SparqlRequest:
    """Read a request; raises a problem (400, 405, 415) that says exactly what is wrong with it."""
    if raw.method in {"GET", "HEAD"}:
        return _from_parameters(parse_parameters(raw.query_string), may_update=False)
    if raw.method in {"POST", "QUERY"}:
        return _from_body(raw)
    raise method_not_allowed(METHODS)


def method_not_allowed(methods: tuple[str, ...]) -> HttpProblemError:
    """405 with the full Allow header."""
    allow = ", ".join(methods)
    return HttpProblemError(405, "this method is not known here", hint=f"use {allow}", headers={"Allow": allow})


def parse_parameters(raw: bytes) -> dict[str, list[str]]:
    """Percent-decode once, as UTF-8; raises 400 for other encodings and for floods of parameters."""
    try:
        if raw.startswith(b"query=") and b"&" not in raw:  # the common case, at a fraction of the price
            return {"query": [unquote_to_bytes(raw[6:].replace(b"+", b" ")).decode("utf-8")]}
        pairs = parse_qsl(raw.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError:
        raise bad_request("the parameters are not UTF-8", code="not-utf8") from None
    except ValueError:
        raise bad_request(f"more than {MAX_PARAMETERS} parameters") from None
    parameters: dict[str, list[str]] = {}
    for name, value in pairs:
        parameters.setdefault(name, []).append(value)
    return parameters


def parse_content_type(header: str) -> tuple[str, dict[str, str]]:
    """Media type in lower case, and its parameters."""
    head, *tail = header.split(";")
    pairs = (piece.partition("=") for piece in tail)
    return head.strip().lower(), {n.strip().lower(): v.strip().strip('"').lower() for n, _, v in pairs if n.strip()}


def _from_body(raw: RawRequest) -> SparqlRequest:
    media_type, details = parse_content_type(raw.content_type)
    if details.get("charset", "utf-8") not in {"utf-8", "utf8"}:
        raise HttpProblemError(415, "the body must be UTF-8", code="not-utf8")
    parameters = parse_parameters(raw.query_string)
    may_update = raw.method == "POST"
    if media_type == FORM:
        return _from_parameters(_merged(parameters, parse_parameters(raw.body)), may_update=may_update, form=True)
    if media_type == DIRECT_QUERY or (media_type == DIRECT_UPDATE and may_update):
        return _direct(media_type, _utf8(raw.body), parameters, details.get("version"))
    known = ", ".join((DIRECT_QUERY, FORM, *([DIRECT_UPDATE] if may_update else [])))
    raise HttpProblemError(
        415,
        f"the body is declared as {media_type or 'nothing'}",
        hint=f"declare it as {known}",
        code="media-type",
        headers={"Accept-Post" if may_update else "Accept-Query": known},
    )


def _utf8(body: bytes) -> str:
    try:
        return body.removeprefix(codecs.BOM_UTF8).decode("utf-8")  # as editors of some systems begin a file
    except UnicodeDecodeError as error:
        raise bad_request(f"the body is not UTF-8 at byte {error.start}", code="not-utf8") from None


def _merged(first: Parameters, second: Parameters) -> dict[str, list[str]]:
    return {name: [*first.get(name, []), *second.get(name, [])] for name in [*first, *second]}


def _direct(media_type: str, text: str, parameters: Parameters, version: str | None) -> SparqlRequest:
    key = "query" if media_type == DIRECT_QUERY else "update"
    for name in ("query", "update"):
        if name in parameters:
            raise bad_request(f"a {name} parameter beside a body that is the {key}", code="two-operations")
    return _build({**parameters, key: [text]}, Operation(key), version)


def _from_parameters(parameters: Parameters, *, may_update: bool, form: bool = False) -> SparqlRequest:
    queries, updates = parameters.get("query", []), parameters.get("update", [])
    if len(queries) + len(updates) > 1:
        raise bad_request("more than one query or update", hint="send one in each request", code="two-operations")
    if updates and not may_update:
        raise bad_request("an update by this method", hint="send updates by POST", code="update-method")
    if queries or updates:
        return _build(parameters, Operation.QUERY if queries else Operation.UPDATE)
    if form:
        raise bad_request("neither query nor update in the form", hint="name the parameter query", code="no-query")
    if set(parameters) & {"default-graph-uri", "named-graph-uri"}:
        raise bad_request("a dataset without a query", hint="add the parameter query", code="no-query")
    return SparqlRequest(Operation.DESCRIBE_SERVICE, format=_single(parameters, "format"))


def _build(parameters: Parameters, operation: Operation, announced: str | None = None) -> SparqlRequest:
    version = _single(parameters, "version") or announced
    if version is not None and version not in VERSIONS:
        raise bad_request(f"SPARQL {version!r} is not known", hint=", ".join(sorted(VERSIONS)), code="version")
    return SparqlRequest(
        operation=operation,
        text=parameters[operation.value][0],
        dataset=_dataset(parameters, operation),
        version=version,
        timeout=_seconds(_single(parameters, "timeout")),
        format=_single(parameters, "format") or None,
    )


def _dataset(parameters: Parameters, operation: Operation) -> Dataset:
    if operation is Operation.UPDATE:
        own, other = ("using-graph-uri", "using-named-graph-uri"), ("default-graph-uri", "named-graph-uri")
    else:
        own, other = ("default-graph-uri", "named-graph-uri"), ("using-graph-uri", "using-named-graph-uri")
    foreign = [name for name in other if name in parameters]
    if foreign:
        raise bad_request(f"{foreign[0]} with a {operation.value}", hint=f"use {own[0]}", code="dataset")
    default, named = (tuple(absolute_iri(iri) for iri in parameters.get(name, [])) for name in own)
    return Dataset(default, named)


def absolute_iri(iri: str) -> str:
    """The IRI itself; raises 400 when it is relative or no IRI."""
    if not is_iri(iri):
        raise bad_request(f"{iri[:200]!r} is not an absolute IRI", code="relative-iri")
    return iri


def is_iri(text: str) -> bool:
    """Whether a text is an absolute IRI (RFC 3987) that the engine takes."""
    if not _ABSOLUTE.fullmatch(text):
        return False
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def _single(parameters: Parameters, name: str) -> str | None:
    values = parameters.get(name, [])
    if len(values) > 1:
        raise bad_request(f"more than one {name}", code="repeated")
    return values[0] if values else None


def _seconds(value: str | None) -> float | None:
    if value is None:
        return None
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", value, re.ASCII) or float(value) <= 0:
        raise bad_request(f"timeout cannot be {value[:40]!r}", hint="a number of seconds", code="timeout")
    return float(value)
