"""Reconciliation Service API 0.2: names of a spreadsheet matched to things, and their properties fetched.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
import pyoxigraph as ox
from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from zonegraph.names import ZG, ZGC, ZGI, local_name
from zonegraph.search import Hit
from zonegraph.web import http
from zonegraph.web.pages import extension, site
from zonegraph.web.pages.addresses import full, page_of, short
from zonegraph.web.pages.candidates import STRICT, Query, candidates
from zonegraph.web.pages.reader import Reader, reader
from zonegraph.web.pages.spoken import spoken
from zonegraph.web.pages.vocabulary import pick
from zonegraph.web.problems import HttpProblemError, bad_request

LIMIT: Final = 5
MOST: Final = 50
MOST_QUERIES: Final = 500
#: How much of a score the properties make when a query names some.
_SHARE: Final = 0.3
PREVIEW: Final = (420, 240)
_DEFAULT_TYPES: Final = ("DevelopmentZone", "TerritorialUnit", "Place", "Enterprise", "Organization", "Person")


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
        "documentation": f"{base}/",
        "logo": base + site.assets().url("icon.svg"),
        "serviceVersion": who.version.id,
        "defaultTypes": types,
        "batchSize": MOST_QUERIES,
        "view": {"url": f"{path}/view?id={{{{id}}}}"},
        "preview": {"url": f"{path}/preview?id={{{{id}}}}", "width": PREVIEW[0], "height": PREVIEW[1]},
        "suggest": suggest,
        "extend": {
            "propose_properties": {"service_url": base, "service_path": "/reconcile/properties"},
            "property_settings": [
                {
                    "name": "limit",
                    "label": who.words("reconcile.limit"),
                    "type": "number",
                    "default": 0,
                    "help_text": who.words("reconcile.limit-help"),
                }
            ],
        },
    }


def _type(who: Reader, iri: str) -> dict[str, Any]:
    term = who.vocabulary.term(iri)
    described = spoken(term.definitions, who.lang)[0] if term else ""
    found = _named(who, iri)
    broader = [_named(who, parent) for parent in (term.parents if term else ()) if parent.startswith(ZG)]
    return found | ({"description": described} if described else {}) | ({"broader": broader} if broader else {})


def _named(who: Reader, iri: str) -> dict[str, Any]:
    return {"id": local_name(iri), "name": who.vocabulary.label(iri, who.lang)}


def _queries(batch: Any) -> dict[str, Query]:
    if not isinstance(batch, dict):
        raise bad_request("a batch is an object of queries", hint='such as {"q0": {"query": "Goldwind"}}')
    if len(batch) > MOST_QUERIES:
        hint = f"at most {MOST_QUERIES}, as the manifest says (batchSize)"
        raise HttpProblemError(413, "too many queries in one batch", hint=hint, code="too-many-queries")
    return {str(key): _query(value) for key, value in batch.items()}


def _query(value: Any) -> Query:
    """One query; raises 400 for what the schema of the specification does not allow."""
    if isinstance(value, str):
        value = {"query": value}
    if not isinstance(value, dict) or not ("query" in value or value.get("properties")):
        raise bad_request("a query has a query or properties", hint='such as {"q0": {"query": "Goldwind"}}')
    limit = value.get("limit", LIMIT)
    if not isinstance(limit, int | float):
        raise bad_request("a limit is a number", hint="such as 5")
    strict = value.get("type_strict", STRICT[0])
    if strict not in STRICT:
        raise bad_request("this is no type_strict", hint="any, should or all")
    wanted = tuple(_wanted(item) for item in _listed(value, "properties"))
    types = tuple(_type_name(kind) for kind in _listed(value, "type"))
    return Query(str(value.get("query") or "").strip(), types, min(MOST, max(1, int(limit))), wanted, strict)


def _listed(value: Mapping[str, Any], name: str) -> list[Any]:
    """The members of a list; one text stands for a list of it."""
    found = value.get(name) or []
    listed = [found] if isinstance(found, str) else found
    if not isinstance(listed, list):
        raise bad_request(f"{name} is a list", hint="see the Reconciliation Service API 0.2")
    return listed


def _type_name(kind: Any) -> str:
    text = kind.get("id") if isinstance(kind, dict) else kind
    if not isinstance(text, str):
        raise bad_request("a type is its identifier", hint="such as Enterprise")
    return local_name(text)


def _wanted(item: Any) -> tuple[str, tuple[str, ...]]:
    if not isinstance(item, dict) or not isinstance(item.get("pid"), str) or "v" not in item:
        raise bad_request("a property has pid and v", hint='such as {"pid": "locatedIn", "v": "Urumqi"}')
    return extension.property_iri(item["pid"]), _texts(item["v"])


def _texts(value: Any) -> tuple[str, ...]:
    """Values of a property as text; a matched value counts by its id, a truth value as the graph writes it."""
    values = value if isinstance(value, list) else [value]
    return tuple(_value_text(one) for one in values if one is not None)


def _value_text(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("id", ""))
    return str(value).lower() if isinstance(value, bool) else str(value)


def answers(who: Reader, batch: Mapping[str, Query]) -> dict[str, Any]:
    """The answers to a batch; the properties of all candidates are read in one query."""
    found = candidates(who, batch)
    properties = {prop for query in batch.values() for prop, _ in query.wanted}
    concerned = {hit.iri for key, hits in found.items() if batch[key].wanted for hit in hits}
    known = extension.texts_of(who, concerned, properties) if concerned and properties else {}
    return {key: {"result": _results(who, batch[key], hits, known)} for key, hits in found.items()}


Known = Mapping[tuple[str, str], frozenset[str]]


def _results(who: Reader, query: Query, hits: Sequence[Hit], known: Known) -> list[dict[str, Any]]:
    once = {hit.iri: hit for hit in reversed(hits)}.values()
    ranked = sorted(((_score(hit, query, known), hit) for hit in once), key=lambda pair: (-pair[0], -pair[1].weight))
    exact = {hit.iri for _, hit in ranked if hit.match and not hit.iri.startswith(ZGC)}
    # without a name, or with two things of that name, nothing is certain
    certain = exact.pop() if query.text and len(exact) == 1 else ""
    return [_result(who, hit, score, hit.iri == certain, query, known) for score, hit in ranked[: query.limit]]


def _score(hit: Hit, query: Query, known: Known) -> float:
    if not query.wanted:
        return hit.score
    fitting = sum(_fits(hit, prop, texts, known) for prop, texts in query.wanted) / len(query.wanted)
    if not query.text:
        return round(100 * fitting, 2)
    return round((1 - _SHARE) * hit.score + 100 * _SHARE * fitting, 2)


def _fits(hit: Hit, prop: str, texts: Sequence[str], known: Known) -> bool:
    own = known.get((hit.iri, prop), frozenset())
    return any(extension.level(text) in own for text in texts)


def _result(who: Reader, hit: Hit, score: float, match: bool, query: Query, known: Known) -> dict[str, Any]:
    name = pick(hit.labels, who.lang)[0] or hit.name
    features: list[dict[str, Any]] = [{"id": "name", "value": hit.score}] if query.text else []
    features += [{"id": local_name(p), "value": _fits(hit, p, texts, known)} for p, texts in query.wanted]
    result = {
        "id": short(hit.iri),
        "name": name,
        "type": [_named(who, ZG + hit.type)],
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
    found = candidates(who, {"": Query(prefix, limit=cursor + 9)})[""] if prefix else []
    hits = list({hit.iri: hit for hit in found}.values())[cursor : cursor + 10]
    return [
        {
            "id": short(hit.iri),
            "name": pick(hit.labels, who.lang)[0] or hit.name,
            "description": hit.name,
            "notable": [_named(who, ZG + hit.type)],
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
