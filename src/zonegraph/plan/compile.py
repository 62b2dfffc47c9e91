"""Compile the ontology, code lists, shapes and registry to a `Plan`: once a build, never in a worker."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import pyoxigraph as ox

from zonegraph.errors import AmbiguousTermError, OntologyError, Where
from zonegraph.names import OWL, RDF, RDFS, SH, SKOS, XSD, ZG, local_name
from zonegraph.plan.model import ClassPlan, Constraint, Kind, NameIndex, Plan, Role, Thing, ValueKind
from zonegraph.plan.sources import Sources, read_all
from zonegraph.values import fold

TYPE: Final = RDF + "type"
CONCEPT: Final = SKOS + "Concept"
CLAIM: Final = ZG + "Claim"
TIME_EXTENT: Final = ZG + "TimeExtent"
VALUE: Final = ZG + "value"
_LABELS: Final = (SKOS + "prefLabel", RDFS + "label")
_NAMES: Final = (*_LABELS, SKOS + "altLabel", SKOS + "hiddenLabel", SKOS + "notation", ZG + "roleAlias")
_DATATYPES: Final = {
    XSD + "integer": ValueKind.INTEGER,
    XSD + "nonNegativeInteger": ValueKind.INTEGER,
    XSD + "decimal": ValueKind.DECIMAL,
    XSD + "boolean": ValueKind.BOOLEAN,
    XSD + "date": ValueKind.DATE,
}


class Graph:
    """Triples by subject and predicate; literals as `ox.Literal`, everything else by IRI."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._index: dict[str, dict[str, list[str | ox.Literal]]] = defaultdict(lambda: defaultdict(list))
        for triple in triples:
            term = triple.object if isinstance(triple.object, ox.Literal) else _iri(triple.object)
            self._index[_iri(triple.subject)][triple.predicate.value].append(term)

    def subjects(self) -> Iterator[str]:
        """All subjects, sorted."""
        yield from sorted(self._index)

    def iris(self, subject: str, *predicates: str) -> list[str]:
        """The IRIs a subject points to, sorted."""
        found = self._index.get(subject, {})
        return sorted({t for p in predicates for t in found.get(p, ()) if isinstance(t, str)})

    def literals(self, subject: str, *predicates: str) -> list[ox.Literal]:
        """The literals of a subject, in the order of the predicates, then sorted."""
        found = self._index.get(subject, {})
        return [t for p in predicates for t in sorted(found.get(p, ()), key=str) if isinstance(t, ox.Literal)]

    def text(self, subject: str, predicate: str) -> str:
        """The first literal's text, or nothing."""
        return next((literal.value for literal in self.literals(subject, predicate)), "")

    def typed(self, *types: str) -> list[str]:
        """Subjects with one of these types, sorted."""
        wanted = set(types)
        return [s for s in self.subjects() if wanted.intersection(self.iris(s, TYPE))]


def _iri(term: object) -> str:
    return str(getattr(term, "value", term))


def compile_plan(sources: Sources) -> Plan:
    """Read the files and compile them.

    Raises `OntologyError` for what is not Turtle and `AmbiguousTermError` where two terms of one kind fold to
    the same name, naming both.
    """
    vocabulary = Graph(read_all(sources.ontology))
    shapes = Graph(read_all(sources.shapes))
    registry = Graph(read_all(sources.registry))
    ancestors = _ancestors(vocabulary)
    classes = _classes(vocabulary, shapes, ancestors)
    roles = {role.iri: role for role in _roles(vocabulary, classes)}
    codes = dict(_things(vocabulary, classes, {Kind.CODE}))
    known = {Kind.THING, Kind.CODE, Kind.CLAIM}
    external = dict(_things(Graph(read_all(sources.external)), classes, known))
    things = {**external, **codes, **dict(_things(registry, classes, known, strict=True))}
    return Plan(
        digest=sources.digest(),
        version=_version(vocabulary),
        classes=classes,
        roles=roles,
        things=things,
        class_names=_index("class", vocabulary, classes),
        role_names=_index("role", vocabulary, roles),
        code_names=_code_indexes(vocabulary, codes, classes),
        thing_names=_thing_names(registry, things, classes),
    )


def _version(vocabulary: Graph) -> str:
    ontologies = vocabulary.typed(OWL + "Ontology")
    versions = [iri for ontology in ontologies for iri in vocabulary.iris(ontology, OWL + "versionIRI")]
    return versions[0] if versions else ""


def _ancestors(vocabulary: Graph) -> dict[str, frozenset[str]]:
    parents = {
        iri: [p for p in vocabulary.iris(iri, RDFS + "subClassOf", OWL + "equivalentClass") if p != iri]
        for iri in vocabulary.typed(OWL + "Class", RDFS + "Class")
    }

    def up(iri: str) -> frozenset[str]:
        seen: set[str] = set()
        todo = [iri]
        while todo:
            current = todo.pop()
            if current not in seen:
                seen.add(current)
                todo.extend(parents.get(current, ()))
        return frozenset(seen)

    return {iri: up(iri) for iri in parents}


def _classes(vocabulary: Graph, shapes: Graph, ancestors: Mapping[str, frozenset[str]]) -> dict[str, ClassPlan]:
    constraints = _constraints(shapes)
    found: dict[str, ClassPlan] = {}
    for iri, up in ancestors.items():
        # nearest ancestor first: the one with the most ancestors itself
        near = sorted(up, key=lambda a: (-len(ancestors.get(a, ())), a))
        found[iri] = ClassPlan(
            iri=iri,
            name=local_name(iri),
            kind=_kind(vocabulary, up),
            ancestors=up,
            labels=_labels(vocabulary, iri),
            id_path=_nearest_text(vocabulary, near, ZG + "idPath") or _kebab(local_name(iri)),
            mint_key=next((tuple(k) for a in near if (k := vocabulary.iris(a, ZG + "mintKey"))), ()),
            label_template=_nearest_text(vocabulary, near, ZG + "labelTemplate"),
            constraints=_merge(constraints.get(a, {}) for a in near),
        )
    return found


def _nearest_text(vocabulary: Graph, near: Iterable[str], predicate: str) -> str:
    return next((text for a in near if (text := vocabulary.text(a, predicate))), "")


def _kind(vocabulary: Graph, up: frozenset[str]) -> Kind:
    if any(vocabulary.text(a, ZG + "literalMention") == "true" for a in up):
        return Kind.LITERAL
    marks = ((TIME_EXTENT, Kind.TIME), (CONCEPT, Kind.CODE), (CLAIM, Kind.CLAIM))
    return next((kind for iri, kind in marks if iri in up), Kind.THING)


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def _labels(graph: Graph, iri: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    for literal in graph.literals(iri, *_LABELS):
        labels.setdefault((literal.language or "").lower(), literal.value)
    return labels


def _constraints(shapes: Graph) -> dict[str, dict[str, Constraint]]:
    found: dict[str, dict[str, Constraint]] = defaultdict(dict)
    for shape in shapes.typed(SH + "NodeShape"):
        for target in shapes.iris(shape, SH + "targetClass"):
            for prop in shapes.iris(shape, SH + "property"):
                for constraint in _constraint(shapes, prop):
                    found[target][constraint.role] = constraint
    return found


def _constraint(shapes: Graph, prop: str) -> Iterator[Constraint]:
    paths = [path for path in shapes.iris(prop, SH + "path") if "genid" not in path]
    severity = shapes.iris(prop, SH + "severity")
    binding = not severity or severity == [SH + "Violation"]
    for path in paths:
        least = shapes.text(prop, SH + "minCount")
        most = shapes.text(prop, SH + "maxCount")
        yield Constraint(
            role=path,
            least=int(least) if least and binding else 0,
            most=int(most) if most and binding else None,
            classes=tuple(shapes.iris(prop, SH + "class")) if binding else (),
        )


def _merge(parts: Iterable[Mapping[str, Constraint]]) -> dict[str, Constraint]:
    merged: dict[str, Constraint] = {}
    for part in parts:
        for role, constraint in part.items():
            known = merged.get(role)
            merged[role] = constraint if known is None else _stricter(known, constraint)
    return merged


def _stricter(near: Constraint, far: Constraint) -> Constraint:
    most = [limit for limit in (near.most, far.most) if limit is not None]
    return Constraint(near.role, max(near.least, far.least), min(most, default=None), near.classes or far.classes)


def _roles(vocabulary: Graph, classes: Mapping[str, ClassPlan]) -> Iterator[Role]:
    for iri in vocabulary.typed(OWL + "ObjectProperty", OWL + "DatatypeProperty"):
        is_data = OWL + "DatatypeProperty" in vocabulary.iris(iri, TYPE)
        ranges = tuple(vocabulary.iris(iri, RDFS + "range"))
        node_role = next(iter(vocabulary.iris(iri, ZG + "roleNode")), None)
        yield Role(
            iri=iri,
            name=local_name(iri),
            kind=_data_kind(iri, ranges) if is_data else _object_kind(ranges, classes),
            ranges=ranges,
            ordered=vocabulary.text(iri, ZG + "orderedRole") == "true",
            owned=vocabulary.text(iri, ZG + "ownedRole") == "true",
            supplied=vocabulary.text(iri, ZG + "suppliedRole") == "true",
            node_role=node_role,
            labels=_labels(vocabulary, iri),
        )


def _data_kind(iri: str, ranges: tuple[str, ...]) -> ValueKind:
    if iri == VALUE:
        return ValueKind.QUANTITY
    return next((_DATATYPES[r] for r in ranges if r in _DATATYPES), ValueKind.TEXT)


def _object_kind(ranges: tuple[str, ...], classes: Mapping[str, ClassPlan]) -> ValueKind:
    kinds = {classes[r].kind for r in ranges if r in classes}
    if Kind.TIME in kinds:
        return ValueKind.TIME
    if Kind.CODE in kinds:
        return ValueKind.CODE
    return ValueKind.NODE if kinds else ValueKind.ANY


def _things(
    graph: Graph, classes: Mapping[str, ClassPlan], kinds: set[Kind], *, strict: bool = False
) -> Iterator[tuple[str, Thing]]:
    for subject in graph.subjects():
        types = graph.iris(subject, TYPE)
        known = tuple(t for t in types if t in classes and classes[t].kind in kinds)
        if strict and types and not known:
            raise OntologyError(
                f"the registry gives {subject} the type {types[0]}, which the ontology does not declare",
                where=Where(id=subject),
                hint="declare the class or mend the type",
                code="unknown-class",
            )
        if known and any(classes[t].iri != CONCEPT for t in known):
            yield subject, Thing(subject, _most_specific(known, classes), _labels(graph, subject))


def _most_specific(types: tuple[str, ...], classes: Mapping[str, ClassPlan]) -> tuple[str, ...]:
    return tuple(t for t in types if not any(t != o and t in classes[o].ancestors for o in types))


def _names(graph: Graph, iri: str) -> set[str]:
    return {folded for literal in graph.literals(iri, *_NAMES) if (folded := fold(literal.value))}


def _index(scope: str, vocabulary: Graph, terms: Iterable[str]) -> NameIndex:
    """Own terms win over reused ones of the same name; two own terms of one name are an error."""
    entries: dict[str, set[str]] = defaultdict(set)
    for iri in terms:
        for name in {fold(local_name(iri)), *_names(vocabulary, iri)}:
            entries[name].add(iri)
    return NameIndex(scope, {name: _settle(scope, name, iris) for name, iris in entries.items()})


def _settle(scope: str, name: str, iris: set[str]) -> tuple[str, ...]:
    own = {iri for iri in iris if iri.startswith(ZG)}
    chosen = sorted(own or iris)
    if len(own) > 1:
        raise AmbiguousTermError(
            f"{' and '.join(chosen)} share the {scope} name {name!r}", hint="rename one of them or drop an alias"
        )
    return tuple(chosen)


def _code_indexes(
    vocabulary: Graph, codes: Mapping[str, Thing], classes: Mapping[str, ClassPlan]
) -> dict[str, NameIndex]:
    entries: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for iri, code in codes.items():
        names = {fold(local_name(iri)), *_names(vocabulary, iri)}
        for class_iri in code.types:
            for name in {*names, *_short_names(vocabulary, iri)} - {""}:
                entries[class_iri][name].add(iri)
    return {c: _code_index(classes[c].name, names) for c, names in sorted(entries.items())}


def _short_names(vocabulary: Graph, iri: str) -> set[str]:
    """The local name without its scheme's: transport-mode-rail-sea is rail-sea."""
    name = local_name(iri)
    schemes = [local_name(scheme) + "-" for scheme in vocabulary.iris(iri, SKOS + "inScheme")]
    return {fold(name.removeprefix(scheme)) for scheme in schemes if name.startswith(scheme)}


def _code_index(scope: str, names: Mapping[str, set[str]]) -> NameIndex:
    for name, iris in names.items():
        if len(iris) > 1:
            raise AmbiguousTermError(
                f"{' and '.join(sorted(iris))} share the {scope} name {name!r}", hint="drop one of the labels"
            )
    return NameIndex(scope, {name: tuple(iris) for name, iris in names.items()})


def _thing_names(
    registry: Graph, things: Mapping[str, Thing], classes: Mapping[str, ClassPlan]
) -> dict[str, tuple[str, ...]]:
    entries: dict[str, set[str]] = defaultdict(set)
    for iri in registry.subjects():
        if iri in things:
            for name in _names(registry, iri):
                entries[name].add(iri)
    for name, iris in entries.items():
        _refuse_twins(name, sorted(iris), things)
    return {name: tuple(sorted(iris)) for name, iris in sorted(entries.items())}


def _refuse_twins(name: str, iris: list[str], things: Mapping[str, Thing]) -> None:
    by_class: dict[str, str] = {}
    for iri in iris:
        for class_iri in things[iri].types:
            other = by_class.setdefault(class_iri, iri)
            if other != iri:
                raise AmbiguousTermError(
                    f"{other} and {iri} are both {local_name(class_iri)} and both called {name!r}",
                    hint="give one of them another label in the registry",
                )
