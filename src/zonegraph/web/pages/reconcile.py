"""Reconciliation Service API 0.2: names of a spreadsheet matched to things, and their properties fetched.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import pyoxigraph as ox
from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from zonegraph.names import ZG, ZGI, local_name
from zonegraph.search import Hit
from zonegraph.web import http
from zonegraph.web.pages import extension, site
from zonegraph.web.pages.addresses import full, page_of, short
from zonegraph.web.pages.names import search_of
from zonegraph.web.pages.reader import Reader, reader
from zonegraph.web.pages.vocabulary import pick
from zonegraph.web.problems import HttpProblemError, bad_request

LIMIT: Final = 5
MOST: Final = 50
MOST_QUERIES: Final = 500
#: Candidates among which properties decide.
_CONSIDERED: Final = 20
#: How much of a score the properties make when a query names some.
_SHARE: Final = 0.3
PREVIEW: Final = (420, 240)
_DEFAULT_TYPES: Final = ("DevelopmentZone", "TerritorialUnit", "Place", "Enterprise", "Organization", "Person")


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a batch."""

    text: str
    types: tuple[str, ...]
    limit: int
    wanted: tuple[tuple[str, tuple[str, ...]], ...]


def service() -> Response:
    """The manifest; or the answers to ``queries``; or the rows to ``extend``."""
    if (batch := request.values.get("queries")) is not None:
        return _json(answers(reader(), _queries(_parsed(batch))))
    if (asked := request.values.get("extend")) is not None:
        return _json(extension.extend(reader(), extension.parse(_parsed(asked))))
    return _json(manifest(reader()))


def _json(body: Any) -> Response:
    response = Response(orjson.dumps(body), content_type=site.JSON)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = site.VARY
    return response


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise bad_request(f"this is not JSON: {error}", hint="see the Reconciliation Service API 0.2") from error


def manifest(who: Reader) -> dict[str, Any]:
    """What this service can do, in the language of the reader."""
    base = http.base_url(who.web.config)
    path = f"{base}/reconcile"
    types = [_type(who, ZG + name) for name in _DEFAULT_TYPES if who.vocabulary.term(ZG + name)]
    suggest = {kind: {"service_url": base, "service_path": f"/reconcile/suggest/{kind}"} for kind in _SUGGEST}
    return {
        "versions": ["0.2"],
        "name": who.words("reconcile.name"),
        "identifierSpace": ZGI,
        "schemaSpace": ZG,
        "documentation": "https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/",
        "logo": base + site.assets().url("icon.svg"),
        "serviceVersion": who.version.id,
        "defaultTypes": types,
        "view": {"url": f"{path}/view?id={{{{id}}}}"},
        "preview": {"url": f"{path}/preview?id={{{{id}}}}", "width": PREVIEW[0], "height": PREVIEW[1]},
        "suggest": suggest,
        "extend": {
            "propose_properties": {"service_url": base, "service_path": "/reconcile/properties"},
            "property_settings": [
                {
                    "name": "limit",
                    "label": "Limit",
                    "type": "number",
                    "default": 0,
                    "help_text": "Most values per thing, 0 for all",
                }
            ],
        },
    }


def _type(who: Reader, iri: str) -> dict[str, Any]:
    term = who.vocabulary.term(iri)
    described = pick(term.definitions, who.lang)[0] if term else ""
    found = {"id": local_name(iri), "name": who.vocabulary.label(iri, who.lang)}
    return {**found, "description": described} if described else found


def _queries(batch: Any) -> dict[str, Query]:
    if not isinstance(batch, dict) or len(batch) > MOST_QUERIES:
        raise bad_request("a batch is an object of queries", hint=f"at most {MOST_QUERIES} of them")
    return {str(key): _query(value) for key, value in batch.items()}


def _query(value: Any) -> Query:
    if isinstance(value, str):
        value = {"query": value}
    if not isinstance(value, dict) or not (value.get("query") or value.get("properties")):
        raise bad_request("a query has a query or properties", hint='such as {"q0": {"query": "Goldwind"}}')
    kinds = value.get("type") or ()
    listed = [kinds] if isinstance(kinds, str) else list(kinds)
    limit = value.get("limit", LIMIT)
    wanted = tuple(
        (_property(str(item.get("pid", ""))), _texts(item.get("v")))
        for item in value.get("properties") or ()
        if isinstance(item, dict)
    )
    return Query(
        str(value.get("query") or ""),
        tuple(local_name(str(kind)) for kind in listed),
        min(MOST, max(1, int(limit))) if isinstance(limit, int | float) else LIMIT,
        wanted,
    )


def _property(pid: str) -> str:
    return pid if "://" in pid else ZG + pid


def _texts(value: Any) -> tuple[str, ...]:
    """Values of a property as text; a matched value counts by its id."""
    values = value if isinstance(value, list) else [value]
    return tuple(str(v.get("id", "")) if isinstance(v, dict) else str(v) for v in values if v is not None)


def answers(who: Reader, batch: Mapping[str, Query]) -> dict[str, Any]:
    """The answers to a batch; the properties of all candidates are read in one query."""
    found = {key: _candidates(who, query) for key, query in batch.items()}
    properties = {prop for query in batch.values() for prop, _ in query.wanted}
    concerned = {hit.iri for key, hits in found.items() if batch[key].wanted for hit in hits}
    known = extension.texts_of(who, concerned, properties) if concerned and properties else {}
    return {key: {"result": _results(who, batch[key], hits, known)} for key, hits in found.items()}


def _candidates(who: Reader, query: Query) -> list[Hit]:
    types = {local_name(iri) for kind in query.types for iri in who.vocabulary.below(ZG + kind)}
    if query.types and not types:
        return []
    limit = max(query.limit, _CONSIDERED) if query.wanted else query.limit + 1
    return search_of(who.web, who.version).find(query.text, limit=limit, types=tuple(types))


Known = Mapping[tuple[str, str], frozenset[str]]


def _results(who: Reader, query: Query, hits: Sequence[Hit], known: Known) -> list[dict[str, Any]]:
    ranked = sorted(((_score(hit, query, known), hit) for hit in hits), key=lambda pair: (-pair[0], -pair[1].weight))
    exact = [hit for _, hit in ranked if hit.match and not hit.iri.startswith("https://w3id.org/zonegraph/code/")]
    certain = exact[0].iri if len(exact) == 1 else ""
    return [_result(who, hit, score, hit.iri == certain, query, known) for score, hit in ranked[: query.limit]]


def _score(hit: Hit, query: Query, known: Known) -> float:
    if not query.wanted:
        return hit.score
    fitting = sum(_fits(hit, prop, texts, known) for prop, texts in query.wanted) / len(query.wanted)
    return round((1 - _SHARE) * hit.score + 100 * _SHARE * fitting, 2)


def _fits(hit: Hit, prop: str, texts: Sequence[str], known: Known) -> bool:
    own = known.get((hit.iri, prop), frozenset())
    return any(extension.level(text) in own for text in texts)


def _result(who: Reader, hit: Hit, score: float, match: bool, query: Query, known: Known) -> dict[str, Any]:
    name = pick(hit.labels, who.lang)[0] or hit.name
    features: list[dict[str, Any]] = [{"id": "name", "value": hit.score}]
    features += [{"id": local_name(p), "value": _fits(hit, p, texts, known)} for p, texts in query.wanted]
    result = {
        "id": short(hit.iri),
        "name": name,
        "type": [{"id": hit.type, "name": who.vocabulary.label(ZG + hit.type, who.lang)}],
        "score": score,
        "match": match,
        "features": features,
    }
    return {**result, "description": hit.name} if hit.name != name else result


def suggest(kind: str) -> Response:
    """``/reconcile/suggest/entity|type|property?prefix=``."""
    if kind not in _SUGGEST:
        raise HttpProblemError(404, f"nothing suggests {kind}"[:100], code="unknown-kind")
    prefix = request.args.get("prefix", "").strip()
    cursor = max(0, request.args.get("cursor", 0, type=int))
    return _json({"result": _SUGGEST[kind](reader(), prefix, cursor)})


def _entities(who: Reader, prefix: str, cursor: int) -> list[dict[str, Any]]:
    hits = search_of(who.web, who.version).find(prefix, limit=cursor + 10)[cursor:] if prefix else []
    return [
        {
            "id": short(hit.iri),
            "name": pick(hit.labels, who.lang)[0] or hit.name,
            "description": hit.name,
            "notable": [{"id": hit.type, "name": who.vocabulary.label(ZG + hit.type, who.lang)}],
        }
        for hit in hits
    ]


def _types(who: Reader, prefix: str, cursor: int) -> list[dict[str, Any]]:
    iris = [term.iri for term in who.vocabulary.of_kind("class") if term.iri.startswith(ZG)]
    return [_type(who, iri) for iri in _fitting(who, iris, prefix)[cursor : cursor + 20]]


def _properties(who: Reader, prefix: str, cursor: int) -> list[dict[str, Any]]:
    kinds = ("object-property", "datatype-property")
    iris = [term.iri for kind in kinds for term in who.vocabulary.of_kind(kind) if term.iri.startswith(ZG)]
    return [_type(who, iri) for iri in _fitting(who, iris, prefix)[cursor : cursor + 20]]


def _fitting(who: Reader, iris: Sequence[str], prefix: str) -> list[str]:
    """Terms one of whose labels, or whose name, has the text in it; those that begin with it first."""
    text = extension.level(prefix)
    ranked = []
    for iri in iris:
        term = who.vocabulary.term(iri)
        names = [extension.level(name) for name in (*(term.labels.values() if term else ()), local_name(iri))]
        if any(text in name for name in names):
            ranked.append((not any(name.startswith(text) for name in names), min(map(len, names)), iri))
    return [iri for *_, iri in sorted(ranked)]


_SUGGEST: Final = {"entity": _entities, "type": _types, "property": _properties}


def properties() -> Response:
    """``/reconcile/properties?type=&limit=``: what can be fetched for things of a class."""
    limit = min(200, max(1, request.args.get("limit", 60, type=int)))
    return _json(extension.proposed(reader(), request.args.get("type", ""), limit))


def view() -> BaseResponse:
    """An identifier leads to the page about it."""
    iri = full(request.args.get("id", ""))
    if iri is None or not page_of(iri).startswith("/"):
        raise HttpProblemError(404, "there is no such identifier", code="unknown-thing")
    return redirect(page_of(iri), 303)


def preview() -> Response:
    """A card about a thing, to be put into the frame of another site."""
    iri = full(request.args.get("id", ""))
    if iri is None:
        raise HttpProblemError(404, "there is no such identifier", code="unknown-thing")
    response = site.page(lambda who: site.render(who, "preview.html", view=_card(who, iri)))
    response.headers["Content-Security-Policy"] = (
        "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors *"
    )
    return response


def _card(who: Reader, iri: str) -> extension.Card:
    rows = who.rows("SELECT DISTINCT ?p ?o WHERE { $node ?p ?o } LIMIT 200", {"node": ox.NamedNode(iri)})
    if not rows:
        raise HttpProblemError(404, "nothing is known of this", code="unknown-thing")
    return extension.card(who, iri, rows)
