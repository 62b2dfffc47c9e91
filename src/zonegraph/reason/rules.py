"""Axioms compiled to rules: what each property and each class entails, read off the closed ontology.

Rules with one premise (subclass, subproperty, domain, range, inverse, symmetry, equivalence) collapse into set
lookups: `Rules.rewrites`, `Rules.subject_types`, `Rules.object_types`, `Rules.up`. Rules with more premises
are kept by the predicate or the class that triggers them. Rule names are those of OWL 2 Profiles, section 4.3.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from zonegraph.errors import OntologyError, Where
from zonegraph.reason.schema import Schema
from zonegraph.reason.vocabulary import (
    DOMAIN,
    FIRST,
    NIL,
    NOTHING,
    RANGE,
    REST,
    SUB_CLASS,
    SUB_PROPERTY,
    THING,
    TYPE,
    Term,
    Triple,
    is_builtin_class,
    literal_parts,
    owl,
)

_EMPTY: Final = frozenset[Term]()
_Types: TypeAlias = defaultdict[Term, set[Term]]
_Rewrites: TypeAlias = Mapping[Term, tuple[tuple[Term, bool], ...]]


@dataclass(frozen=True, slots=True)
class Index:
    """Axioms by predicate and subject."""

    objects: Mapping[Term, Mapping[Term, tuple[Term, ...]]]

    @classmethod
    def from_axioms(cls, axioms: Iterable[Triple]) -> Index:
        """Index a set of axioms; objects come sorted."""
        found: dict[Term, dict[Term, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for subject, predicate, obj in axioms:
            found[predicate][subject].append(obj)
        return cls({p: {s: tuple(sorted(row)) for s, row in rows.items()} for p, rows in found.items()})

    def pairs(self, predicate: Term) -> list[tuple[Term, Term]]:
        """Subject and object of every axiom with this predicate, sorted."""
        rows = self.objects.get(predicate, {})
        return [(subject, obj) for subject in sorted(rows) for obj in rows[subject]]

    def values(self, subject: Term, predicate: Term) -> tuple[Term, ...]:
        """The objects of one subject under one predicate."""
        return self.objects.get(predicate, {}).get(subject, ())

    def instances(self, kind: Term) -> list[Term]:
        """The subjects of this type, sorted."""
        return [subject for subject, obj in self.pairs(TYPE) if obj == kind]

    def members(self, head: Term) -> tuple[Term, ...]:
        """The items of an RDF list; raises `OntologyError` when the list is broken."""
        items, seen = list[Term](), set[Term]()
        while head != NIL:
            first, rest = self.values(head, FIRST), self.values(head, REST)
            if len(first) != 1 or len(rest) != 1 or head in seen:
                raise OntologyError(
                    "an rdf:List in an axiom is broken",
                    where=Where(file="ontology", id=head),
                    hint="each cell needs one rdf:first and one rdf:rest",
                )
            seen.add(head)
            items.append(first[0])
            head = rest[0]
        return tuple(items)


@dataclass(frozen=True, slots=True)
class Restriction:
    """A class expression over one property; ``filler`` is a class, a value, or empty."""

    cls: Term
    property: Term
    filler: Term = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """``steps`` in a row entail ``target``."""

    target: Term
    steps: tuple[Term, ...]


def _table() -> defaultdict[Term, list[Restriction]]:
    return defaultdict(list)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one ontology. Compile with `compile_rules`."""

    up: dict[Term, frozenset[Term]]
    rewrites: dict[Term, tuple[tuple[Term, bool], ...]]
    subject_types: dict[Term, frozenset[Term]]
    object_types: dict[Term, frozenset[Term]]
    transitive: frozenset[Term]
    functional: frozenset[Term]
    inverse_functional: frozenset[Term]
    chains: dict[Term, tuple[tuple[Chain, int], ...]]
    intersections: dict[Term, tuple[tuple[Term, frozenset[Term]], ...]]
    keys: tuple[tuple[Term, tuple[Term, ...]], ...]
    one_of: tuple[tuple[Term, Term], ...]
    index: Index
    some_by_property: dict[Term, list[Restriction]] = field(default_factory=_table)
    some_by_filler: dict[Term, list[Restriction]] = field(default_factory=_table)
    all_by_property: dict[Term, list[Restriction]] = field(default_factory=_table)
    all_by_class: dict[Term, list[Restriction]] = field(default_factory=_table)
    value_by_property: dict[Term, list[Restriction]] = field(default_factory=_table)
    value_by_class: dict[Term, list[Restriction]] = field(default_factory=_table)
    one_by_property: dict[Term, list[Restriction]] = field(default_factory=_table)
    one_by_class: dict[Term, list[Restriction]] = field(default_factory=_table)
    one_by_filler: dict[Term, list[Restriction]] = field(default_factory=_table)

    def supers(self, cls: Term) -> frozenset[Term]:
        """The class itself and everything above it."""
        return self.up.get(cls) or frozenset((cls,))

    @property
    def joining_properties(self) -> frozenset[Term]:
        """Properties whose triples can meet another premise."""
        tables = (self.some_by_property, self.all_by_property, self.value_by_property, self.one_by_property)
        plain = self.transitive | self.functional | self.inverse_functional | frozenset(self.chains)
        return plain.union(*tables)

    @property
    def joining_classes(self) -> frozenset[Term]:
        """Classes whose members can meet another premise."""
        tables = (self.some_by_filler, self.all_by_class, self.value_by_class, self.one_by_class, self.one_by_filler)
        return frozenset(self.intersections).union(*tables)


def compile_rules(schema: Schema) -> Rules:
    """Compile a closed ontology; raises `OntologyError` when an RDF list in an axiom is broken."""
    index = Index.from_axioms(schema.axioms)
    up = _up(index)
    rewrites = _rewrites(index)
    domains, ranges = _ends(index, up)
    rules = Rules(
        up=up,
        rewrites=rewrites,
        subject_types=_end_types(domains, ranges, rewrites),
        object_types=_end_types(ranges, domains, rewrites),
        transitive=frozenset(index.instances(owl("TransitiveProperty"))),
        functional=frozenset(index.instances(owl("FunctionalProperty"))),
        inverse_functional=frozenset(index.instances(owl("InverseFunctionalProperty"))),
        chains=_chains(index),
        intersections=_intersections(index),
        keys=tuple((c, index.members(keys)) for c, keys in index.pairs(owl("hasKey"))),
        one_of=tuple((item, c) for c, items in index.pairs(owl("oneOf")) for item in index.members(items)),
        index=index,
    )
    _restrictions(rules)
    return rules


def _up(index: Index) -> dict[Term, frozenset[Term]]:
    """Superclasses by class, transitively (the closed ontology already holds every pair)."""
    found: dict[Term, set[Term]] = defaultdict(set)
    for lower, upper in [*index.pairs(SUB_CLASS), *index.pairs(owl("equivalentClass"))]:
        if upper != THING:
            found[lower].update((lower, upper))
    return {c: frozenset(found[c]) for c in found}


def _rewrites(index: Index) -> dict[Term, tuple[tuple[Term, bool], ...]]:
    """For each property the properties it entails; True when subject and object change places."""
    steps: dict[Term, set[tuple[Term, bool]]] = defaultdict(set)
    for lower, upper in [*index.pairs(SUB_PROPERTY), *index.pairs(owl("equivalentProperty"))]:
        steps[lower].add((upper, False))
    for one, other in index.pairs(owl("inverseOf")):
        steps[one].add((other, True))
        steps[other].add((one, True))
    for symmetric in index.instances(owl("SymmetricProperty")):
        steps[symmetric].add((symmetric, True))
    return {p: _reach(p, steps) for p in steps}


def _reach(start: Term, steps: Mapping[Term, set[tuple[Term, bool]]]) -> tuple[tuple[Term, bool], ...]:
    seen, todo = {(start, False)}, [(start, False)]
    while todo:
        prop, flipped = todo.pop()
        for upper, flip in steps.get(prop, ()):
            state = (upper, flip != flipped)
            if state not in seen:
                seen.add(state)
                todo.append(state)
    return tuple(sorted(seen))


def _ends(index: Index, up: Mapping[Term, frozenset[Term]]) -> tuple[_Types, _Types]:
    """Domain and range of each property, with all superclasses."""
    domains, ranges = _Types(set), _Types(set)
    for prop, cls in index.pairs(DOMAIN):
        domains[prop] |= _named(up.get(cls) or {cls})
    for prop, cls in index.pairs(RANGE):
        ranges[prop] |= _named(up.get(cls) or {cls})
    _domain_like(index, up, domains)
    return domains, ranges


def _end_types(straight: _Types, flipped: _Types, rewrites: _Rewrites) -> dict[Term, frozenset[Term]]:
    """Classes of one end of each property, through everything that the property entails."""
    found = {}
    for prop in {*rewrites, *straight, *flipped}:
        classes = set[Term]()
        for entailed, flip in rewrites.get(prop, ((prop, False),)):
            classes |= (flipped if flip else straight).get(entailed, _EMPTY)
        if classes:
            found[prop] = frozenset(classes)
    return found


def _domain_like(index: Index, up: Mapping[Term, frozenset[Term]], table: _Types) -> None:
    """``some p Thing`` types every subject of p (cls-svf2): as good as a domain."""
    for cls, filler in index.pairs(owl("someValuesFrom")):
        if filler == THING:
            for prop in index.values(cls, owl("onProperty")):
                table[prop] |= _named(up.get(cls) or {cls})


def _named(classes: Iterable[Term]) -> set[Term]:
    """Without datatypes and built-in classes, which type no individual."""
    return {c for c in classes if c == NOTHING or not is_builtin_class(c)}


def _chains(index: Index) -> dict[Term, tuple[tuple[Chain, int], ...]]:
    found: dict[Term, list[tuple[Chain, int]]] = defaultdict(list)
    for target, steps in index.pairs(owl("propertyChainAxiom")):
        chain = Chain(target, index.members(steps))
        for position, step in enumerate(chain.steps):
            found[step].append((chain, position))
    return {step: tuple(chains) for step, chains in found.items()}


def _intersections(index: Index) -> dict[Term, tuple[tuple[Term, frozenset[Term]], ...]]:
    found: dict[Term, list[tuple[Term, frozenset[Term]]]] = defaultdict(list)
    for cls, items in index.pairs(owl("intersectionOf")):
        parts = frozenset(index.members(items)) - {THING}
        for part in parts:
            found[part].append((cls, parts))
    return {part: tuple(rows) for part, rows in found.items()}


def _restrictions(rules: Rules) -> None:
    tables = (
        ("someValuesFrom", rules.some_by_property, None, rules.some_by_filler),
        ("allValuesFrom", rules.all_by_property, rules.all_by_class, None),
        ("hasValue", rules.value_by_property, rules.value_by_class, None),
    )
    for word, by_property, by_class, by_filler in tables:
        for restriction in restrictions(rules.index, word):
            by_property[restriction.property].append(restriction)
            if by_class is not None:
                by_class[restriction.cls].append(restriction)
            if by_filler is not None:
                by_filler[restriction.filler].append(restriction)
    for restriction in at_most(rules.index, 1):
        rules.one_by_property[restriction.property].append(restriction)
        rules.one_by_class[restriction.cls].append(restriction)
        if restriction.filler not in {"", THING}:
            rules.one_by_filler[restriction.filler].append(restriction)


def restrictions(index: Index, word: str) -> list[Restriction]:
    """The restrictions stated with one OWL word, such as ``someValuesFrom``."""
    return [
        Restriction(cls, prop, filler)
        for cls, filler in index.pairs(owl(word))
        for prop in index.values(cls, owl("onProperty"))
    ]


def at_most(index: Index, limit: int) -> list[Restriction]:
    """The cardinality restrictions with this maximum; the filler is empty when unqualified."""
    found = []
    for word in ("maxCardinality", "maxQualifiedCardinality"):
        for cls, number in index.pairs(owl(word)):
            if literal_parts(number)[0] != str(limit):
                continue
            fillers = index.values(cls, owl("onClass")) if word == "maxQualifiedCardinality" else ("",)
            found += [Restriction(cls, p, f) for p in index.values(cls, owl("onProperty")) for f in fillers]
    return found
