"""Data extension: the values of properties for many things at once, for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from zonegraph.names import RDF, RDFS, SKOS, XSD, ZG, ZGC, local_name
from zonegraph.search.keys import search_fold
from zonegraph.web.backend import Row, Term
from zonegraph.web.pages.addresses import full, is_iri, page_of, short
from zonegraph.web.pages.reader import Names, Reader, text_of
from zonegraph.web.pages.values import read_number, value_link
from zonegraph.web.problems import bad_request

MOST_THINGS: Final = 500
MOST_PROPERTIES: Final = 40
#: Names in one language are asked for as ``prefLabel@en``.
NAME: Final = "prefLabel@"
_INDICATOR: Final = "zgc:indicator-"
_NUMBERS: Final = {XSD + name for name in ("decimal", "double", "float")}

_VALUES: Final = """
SELECT DISTINCT ?s ?p ?o WHERE { VALUES ?s { $iris } ?s ?p ?o FILTER(?p IN ($props)) }"""
_FIGURES: Final = """
SELECT DISTINCT ?s ?i ?value ?when WHERE {
  VALUES ?s { $iris } VALUES ?i { $props }
  ?claim zg:about ?s ; zg:indicator ?i ; zg:value ?value ; a zg:Observation .
  OPTIONAL { ?claim zg:period ?period . ?period zg:latest ?when }
}"""
_USED: Final = """
SELECT ?p (COUNT(*) AS ?n) WHERE { $type_pattern GRAPH ?g { ?s ?p ?o } FILTER(?g NOT IN (zgg:ontology, zgg:inferred)) }
GROUP BY ?p ORDER BY DESC(?n) ?p LIMIT 60"""
_MEASURED: Final = """
SELECT DISTINCT ?p WHERE { ?c zg:about ?s ; zg:indicator ?p ; a zg:Observation . $type_pattern } ORDER BY ?p LIMIT 60"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A data extension query: things by identifier, properties with their settings."""

    ids: tuple[str, ...]
    properties: tuple[tuple[str, int], ...]


def parse(value: Any) -> Asked:
    """Read the query; raises 400 for anything else."""
    if not isinstance(value, dict) or not all(isinstance(value.get(name), list) for name in ("ids", "properties")):
        raise bad_request("a data extension has ids and properties", hint='{"ids": ["…"], "properties": [{"id": "…"}]}')
    ids = tuple(str(one) for one in value["ids"])
    properties = tuple(_asked(one) for one in value["properties"])
    if len(ids) > MOST_THINGS or len(properties) > MOST_PROPERTIES:
        raise bad_request("too much at once", hint=f"at most {MOST_THINGS} things and {MOST_PROPERTIES} properties")
    return Asked(ids, properties)


def _asked(value: Any) -> tuple[str, int]:
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        raise bad_request("a property has an id", hint='such as {"id": "locatedIn"}')
    settings = value.get("settings") or {}
    if not isinstance(settings, dict):
        raise bad_request("settings are an object", hint='such as {"limit": 1}')
    limit = settings.get("limit", 0)
    try:
        return value["id"], max(0, int(limit))
    except (TypeError, ValueError, OverflowError):
        return value["id"], 0


def extend(who: Reader, asked: Asked) -> dict[str, Any]:
    """The answer: three queries, whatever is asked for."""
    iris = {one: iri for one in asked.ids if (iri := full(one))}
    direct = [name for name, _ in asked.properties if not name.startswith((NAME, _INDICATOR))]
    labels = [SKOS + "prefLabel", RDFS + "label"] if any(n.startswith(NAME) for n, _ in asked.properties) else []
    rows = _rows(who, _VALUES, iris.values(), [*map(property_iri, direct), *labels], joint=", ")
    measured = [ZGC + name.removeprefix("zgc:") for name, _ in asked.properties if name.startswith(_INDICATOR)]
    figures = _rows(who, _FIGURES, iris.values(), measured, joint=" ")
    names = who.names({o.value for row in rows if isinstance(o := row["o"], ox.NamedNode)})
    values = {**_by_property(rows, names), **_by_indicator(figures)}
    meta = [_meta(who, name) for name, _ in asked.properties]
    return {"meta": meta, "rows": {one: _row(iris.get(one, ""), asked, values) for one in asked.ids}}


def _rows(who: Reader, text: str, iris: Iterable[str], props: Sequence[str], *, joint: str) -> list[Row]:
    wanted, named = sorted(set(iris)), [prop for prop in props if is_iri(prop)]
    if not wanted or not named:
        return []
    return who.rows(text.replace("$props", joint.join(str(ox.NamedNode(p)) for p in named)), iris=wanted)


Values = dict[tuple[str, str], list[dict[str, Any]]]


def _by_property(rows: Sequence[Row], names: Names) -> Values:
    found: Values = {}
    for row in sorted(rows, key=lambda r: (str(r["s"]), str(r["p"]), str(r["o"]))):
        subject, predicate, value = text_of(row["s"]), text_of(row["p"]), row["o"]
        found.setdefault((subject, predicate), []).append(_value(value, names))
        if predicate in {SKOS + "prefLabel", RDFS + "label"} and isinstance(value, ox.Literal):
            own = found.setdefault((subject, NAME + (value.language or "").lower()), [])
            if not own:
                own.append({"str": value.value})
    return found


def _by_indicator(rows: Sequence[Row]) -> Values:
    """The figures of an indicator, latest first."""
    found: Values = {}
    for row in sorted(rows, key=lambda r: text_of(r.get("when")), reverse=True):
        key = text_of(row["s"]), "zgc:" + text_of(row["i"]).removeprefix(ZGC)
        if (cell := _number(text_of(row["value"]))) not in found.setdefault(key, []):
            found[key].append(cell)
    return found


def _value(value: Term, names: Names) -> dict[str, Any]:
    if isinstance(value, ox.NamedNode):
        return {"id": short(value.value), "name": names.link(value.value).text}
    if isinstance(value, ox.Literal):
        kind = value.datatype.value
        if kind in _NUMBERS or kind == XSD + "integer":
            return _number(value.value)
        if kind == XSD + "date":
            return {"date": f"{value.value[:10]}T00:00:00Z"}
    return {"str": text_of(value)}


def _number(text: str) -> dict[str, Any]:
    number = read_number(text)
    if number is None:
        return {"str": text}
    return {"int": int(number)} if number == number.to_integral_value() else {"float": float(number)}


def _row(iri: str, asked: Asked, values: Values) -> dict[str, Any]:
    row = {}
    for name, limit in asked.properties:
        own = values.get((iri, name)) or values.get((iri, property_iri(name)), [])
        row[name] = own[:limit] if limit else own
    return row


def property_iri(name: str) -> str:
    """The IRI of a property by its identifier in this service."""
    return name if "://" in name else _SPECIAL.get(name, ZG + name)


_SPECIAL: Final = {"type": RDF + "type", "altLabel": SKOS + "altLabel"}


def _meta(who: Reader, name: str) -> dict[str, Any]:
    meta: dict[str, Any] = {"id": name, "name": title(who, name)}
    term = who.vocabulary.term(property_iri(name))
    kind = next((iri for iri in term.ranges if iri.startswith(ZG)), "") if term else ""
    if kind:
        meta["type"] = {"id": local_name(kind), "name": who.vocabulary.label(kind, who.lang)}
    return meta


def title(who: Reader, name: str) -> str:
    """The heading of a column."""
    if name.startswith(NAME):
        tag = name.removeprefix(NAME)
        key = f"language.{tag}"
        return f"{who.words('entity.names')}: {who.words(key) if who.words.has(key) else tag}"
    if name.startswith(_INDICATOR):
        return who.vocabulary.label(ZGC + name.removeprefix("zgc:"), who.lang)
    return who.vocabulary.label(property_iri(name), who.lang)


def proposed(who: Reader, kind: str, limit: int) -> dict[str, Any]:
    """What can be fetched for a class: names, properties in use, indicators with figures."""
    iri = ZG + local_name(kind) if kind else ""
    pattern = f"?s a {ox.NamedNode(iri)} ." if iri and who.vocabulary.term(iri) else ""
    used = [
        text_of(row["p"]) for row in who.rows(_USED.replace("$type_pattern", pattern or "?s a ?any .")) if "p" in row
    ]
    measured = [text_of(row["p"]) for row in who.rows(_MEASURED.replace("$type_pattern", pattern))]
    names = [NAME + tag for tag in ("zh-hans", "zh-hant", "en")]
    own = [local_name(p) for p in used if p.startswith(ZG) and who.vocabulary.term(p)]
    codes = ["zgc:" + p.removeprefix(ZGC) for p in measured if p.startswith(ZGC)]
    found = [{"id": name, "name": title(who, name)} for name in [*names, *own, *codes][:limit]]
    answer: dict[str, Any] = {"properties": found, "limit": limit}
    return {**answer, "type": local_name(kind)} if kind else answer


def level(text: str) -> str:
    """A value with script, case and spaces levelled; identifiers keep their form."""
    return text if "/" in text or ":" in text else search_fold(text)


def texts_of(who: Reader, iris: Iterable[str], props: Iterable[str]) -> Mapping[tuple[str, str], frozenset[str]]:
    """By thing and property: identifiers and levelled labels of the values."""
    rows = _rows(who, _VALUES, iris, sorted(props), joint=", ")
    names = who.names({o.value for row in rows if isinstance(o := row["o"], ox.NamedNode)})
    found: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        own = found.setdefault((text_of(row["s"]), text_of(row["p"])), set())
        value = row["o"]
        if isinstance(value, ox.NamedNode):
            own |= {short(value.value), value.value}
            own |= {level(text) for text in names.texts.get(value.value, {}).values()}
        else:
            own.add(level(text_of(value)))
    return {key: frozenset(own) for key, own in found.items()}


@dataclass(frozen=True, slots=True)
class Card:
    """The preview of a thing."""

    title: str
    href: str
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


def card(who: Reader, iri: str, rows: Sequence[Row]) -> Card:
    """The preview of a thing from the rows of its properties."""
    names = who.names({iri, *(o.value for row in rows if isinstance(o := row["o"], ox.NamedNode))})
    pairs = [(text_of(row["p"]), row["o"]) for row in rows]
    kinds = who.vocabulary.narrowest(text_of(o) for p, o in pairs if p == RDF + "type")
    labels = [text_of(o) for p, o in pairs if p in {SKOS + "prefLabel", SKOS + "altLabel"}]
    facts = [
        (who.vocabulary.label(p, who.lang), value_link(o, names).text)
        for p, o in pairs
        if p.startswith(ZG) and who.vocabulary.term(p)
    ]
    heading = names.link(iri).text
    return Card(
        title=heading,
        href=page_of(iri),
        kinds=tuple(who.vocabulary.label(kind, who.lang) for kind in kinds),
        names=tuple(dict.fromkeys(name for name in labels if name != heading))[:6],
        facts=tuple(dict.fromkeys(facts))[:6],
    )
