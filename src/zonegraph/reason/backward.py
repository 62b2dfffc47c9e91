"""The rules run backwards: from a conclusion to the premises that would yield it.

Each step names the rule as OWL 2 Profiles, section 4.3, does, the axioms it uses, and its premises. Nothing is
recorded while inferring; premises are looked up in the graph when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

from zonegraph.reason.rules import Index, Rules, at_most, restrictions
from zonegraph.reason.vocabulary import (
    DOMAIN,
    RANGE,
    SAME,
    SUB_CLASS,
    SUB_PROPERTY,
    THING,
    TYPE,
    Term,
    Triple,
    is_blank,
    is_literal,
    owl,
)

#: Ways looked at per rule, so that a range over a whole graph stays cheap to explain.
_WAYS: Final = 200


class Source(Protocol):
    """What is known: facts given and inferred."""

    def match(self, subject: Term | None, predicate: Term | None, obj: Term | None) -> list[Triple]:
        """The facts that fit; None fits everything. Sorted."""

    def is_given(self, triple: Triple) -> bool:
        """Whether the fact was given, not inferred."""


@dataclass(frozen=True, slots=True)
class Step:
    """One way to a conclusion."""

    rule: str
    premises: tuple[Triple, ...]
    axioms: tuple[Triple, ...] = ()


class Backward:
    """Finds the steps to a conclusion in one graph."""

    def __init__(self, rules: Rules, source: Source) -> None:
        self._rules = rules
        self._index: Index = rules.index
        self._source = source

    def steps(self, triple: Triple) -> Iterator[Step]:
        """The ways that may lead to the triple; premises about anonymous classes are still to be shown."""
        if triple[1] == TYPE:
            finders = _TYPE_FINDERS
        elif triple[1] == SAME:
            finders = _SAME_FINDERS
        else:
            finders = _FACT_FINDERS
        for finder in finders:
            yield from islice(finder(self, triple), _WAYS)

    # -- looking up -----------------------------------------------------------------------------------

    def _objects(self, subject: Term, predicate: Term) -> list[Term]:
        if is_blank(predicate):
            return [t[0] for q in self._inverses(predicate) for t in self._source.match(None, q, subject)]
        return [t[2] for t in self._source.match(subject, predicate, None)]

    def _subjects(self, predicate: Term, obj: Term) -> list[Term]:
        if is_blank(predicate):
            return [t[2] for q in self._inverses(predicate) for t in self._source.match(obj, q, None)]
        return [t[0] for t in self._source.match(None, predicate, obj)]

    def _inverses(self, predicate: Term) -> list[Term]:
        pairs = self._index.pairs(owl("inverseOf"))
        return sorted({b for a, b in pairs if a == predicate} | {a for a, b in pairs if b == predicate})

    def _below(self, predicate: Term, upper: Term) -> list[Term]:
        return [lower for lower, obj in self._index.pairs(predicate) if obj == upper and lower != upper]

    # -- membership -----------------------------------------------------------------------------------

    def subclass(self, triple: Triple) -> Iterator[Step]:
        """cax-sco, cax-eqc1, cax-eqc2, cls-int2, cls-uni: all are subclass axioms of the closed ontology."""
        subject, _, cls = triple
        for axiom, rule in ((SUB_CLASS, "cax-sco"), (owl("equivalentClass"), "cax-eqc1")):
            for lower in self._below(axiom, cls):
                yield Step(rule, ((subject, TYPE, lower),), ((lower, axiom, cls),))

    def ends(self, triple: Triple) -> Iterator[Step]:
        """prp-dom and prp-rng."""
        subject, _, cls = triple
        for prop in self._below(DOMAIN, cls):
            for obj in self._objects(subject, prop):
                yield Step("prp-dom", ((subject, prop, obj),), ((prop, DOMAIN, cls),))
        for prop in self._below(RANGE, cls):
            for other in self._subjects(prop, subject):
                yield Step("prp-rng", ((other, prop, subject),), ((prop, RANGE, cls),))

    def expressions(self, triple: Triple) -> Iterator[Step]:
        """cls-int1, cls-oo, cls-svf1, cls-svf2, cls-hv2."""
        subject, _, cls = triple
        for head in self._index.values(cls, owl("intersectionOf")):
            parts = (p for p in self._index.members(head) if p != THING)
            yield Step("cls-int1", tuple((subject, TYPE, p) for p in parts), ((cls, owl("intersectionOf"), head),))
        if (subject, cls) in self._rules.one_of:
            yield Step("cls-oo", (), ((cls, owl("oneOf"), subject),))
        for prop in self._index.values(cls, owl("onProperty")):
            for filler in self._index.values(cls, owl("someValuesFrom")):
                axiom = ((cls, owl("onProperty"), prop), (cls, owl("someValuesFrom"), filler))
                for obj in self._objects(subject, prop):
                    fact = (subject, prop, obj)
                    if filler == THING or is_literal(obj):
                        yield Step("cls-svf2", (fact,), axiom)
                    else:
                        yield Step("cls-svf1", (fact, (obj, TYPE, filler)), axiom)
            for value in self._index.values(cls, owl("hasValue")):
                axiom = ((cls, owl("onProperty"), prop), (cls, owl("hasValue"), value))
                yield Step("cls-hv2", ((subject, prop, value),), axiom)

    def all_values(self, triple: Triple) -> Iterator[Step]:
        """cls-avf."""
        subject, _, cls = triple
        for restriction in restrictions(self._index, "allValuesFrom"):
            if restriction.filler == cls:
                axiom = (restriction.cls, owl("allValuesFrom"), cls)
                for other in self._subjects(restriction.property, subject):
                    fact = (other, restriction.property, subject)
                    yield Step("cls-avf", (fact, (other, TYPE, restriction.cls)), (axiom,))

    # -- properties -----------------------------------------------------------------------------------

    def subproperty(self, triple: Triple) -> Iterator[Step]:
        """prp-spo1, prp-eqp1, prp-eqp2."""
        subject, prop, obj = triple
        for lower in self._below(SUB_PROPERTY, prop):
            yield Step("prp-spo1", ((subject, lower, obj),), ((lower, SUB_PROPERTY, prop),))

    def turned(self, triple: Triple) -> Iterator[Step]:
        """prp-inv1, prp-inv2, prp-symp."""
        subject, prop, obj = triple
        if is_literal(obj):
            return
        if prop in self._index.instances(owl("SymmetricProperty")):
            yield Step("prp-symp", ((obj, prop, subject),), ((prop, TYPE, owl("SymmetricProperty")),))
        for one, other in self._index.pairs(owl("inverseOf")):
            if prop == other:
                yield Step("prp-inv1", ((obj, one, subject),), ((one, owl("inverseOf"), other),))
            if prop == one:
                yield Step("prp-inv2", ((obj, other, subject),), ((one, owl("inverseOf"), other),))

    def transitive(self, triple: Triple) -> Iterator[Step]:
        """prp-trp."""
        subject, prop, obj = triple
        if prop in self._rules.transitive:
            axiom = (prop, TYPE, owl("TransitiveProperty"))
            for middle in self._objects(subject, prop):
                yield Step("prp-trp", ((subject, prop, middle), (middle, prop, obj)), (axiom,))

    def chain(self, triple: Triple) -> Iterator[Step]:
        """prp-spo2."""
        subject, prop, obj = triple
        for head in self._index.values(prop, owl("propertyChainAxiom")):
            axiom = (prop, owl("propertyChainAxiom"), head)
            for path in self._paths(subject, self._index.members(head), obj):
                yield Step("prp-spo2", path, (axiom,))

    def _paths(self, start: Term, steps: tuple[Term, ...], goal: Term) -> Iterator[tuple[Triple, ...]]:
        for obj in self._objects(start, steps[0]):
            if len(steps) > 1:
                for rest in self._paths(obj, steps[1:], goal):
                    yield (self._named(start, steps[0], obj), *rest)
            elif obj == goal:
                yield (self._named(start, steps[0], obj),)

    def _named(self, subject: Term, prop: Term, obj: Term) -> Triple:
        """A fact with an anonymous inverse, said with the property that has a name."""
        inverses = self._inverses(prop) if is_blank(prop) else []
        return (obj, inverses[0], subject) if inverses else (subject, prop, obj)

    def has_value(self, triple: Triple) -> Iterator[Step]:
        """cls-hv1."""
        subject, prop, obj = triple
        for restriction in restrictions(self._index, "hasValue"):
            if (restriction.property, restriction.filler) == (prop, obj):
                axioms = ((restriction.cls, owl("onProperty"), prop), (restriction.cls, owl("hasValue"), obj))
                yield Step("cls-hv1", ((subject, TYPE, restriction.cls),), axioms)

    # -- equality -------------------------------------------------------------------------------------

    def replaced(self, triple: Triple) -> Iterator[Step]:
        """eq-rep-s and eq-rep-o."""
        subject, prop, obj = triple
        for _, _, other in self._source.match(subject, SAME, None):
            if other != subject:
                yield Step("eq-rep-s", ((other, SAME, subject), (other, prop, obj)))
        if prop != TYPE and not is_literal(obj):
            for _, _, other in self._source.match(obj, SAME, None):
                if other != obj:
                    yield Step("eq-rep-o", ((other, SAME, obj), (subject, prop, other)))

    def functional(self, triple: Triple) -> Iterator[Step]:
        """prp-fp and prp-ifp."""
        one, _, other = triple
        for prop in sorted(self._rules.functional):
            axiom = (prop, TYPE, owl("FunctionalProperty"))
            for subject in self._subjects(prop, one):
                yield Step("prp-fp", ((subject, prop, one), (subject, prop, other)), (axiom,))
        for prop in sorted(self._rules.inverse_functional):
            axiom = (prop, TYPE, owl("InverseFunctionalProperty"))
            for obj in self._objects(one, prop):
                yield Step("prp-ifp", ((one, prop, obj), (other, prop, obj)), (axiom,))

    def at_most_one(self, triple: Triple) -> Iterator[Step]:
        """cls-maxc2, cls-maxqc3, cls-maxqc4."""
        one, _, other = triple
        for limit in at_most(self._index, 1):
            axiom = (limit.cls, owl("onProperty"), limit.property)
            for subject in self._subjects(limit.property, one):
                facts = ((subject, limit.property, one), (subject, limit.property, other))
                types: tuple[Triple, ...] = ((subject, TYPE, limit.cls),)
                if limit.filler not in {"", THING}:
                    types += ((one, TYPE, limit.filler), (other, TYPE, limit.filler))
                yield Step("cls-maxqc3" if limit.filler else "cls-maxc2", (*facts, *types), (axiom,))

    def keys(self, triple: Triple) -> Iterator[Step]:
        """prp-key."""
        one, _, other = triple
        for cls, keys in self._rules.keys:
            shared = [(k, v) for k in keys for v in self._objects(one, k) if v in self._objects(other, k)]
            if {k for k, _ in shared} == set(keys):
                facts = tuple((term, k, v) for k, v in shared for term in (one, other))
                types = ((one, TYPE, cls), (other, TYPE, cls))
                yield Step("prp-key", (*types, *facts), ((cls, owl("hasKey"), keys[0]),))

    def same(self, triple: Triple) -> Iterator[Step]:
        """eq-sym and eq-trans."""
        one, _, other = triple
        yield Step("eq-sym", ((other, SAME, one),))
        for middle in self._objects(one, SAME):
            if middle not in {one, other}:
                yield Step("eq-trans", ((one, SAME, middle), (middle, SAME, other)))


_Finder = Callable[[Backward, Triple], Iterator[Step]]
_TYPE_FINDERS: Final[tuple[_Finder, ...]] = (
    Backward.subclass,
    Backward.ends,
    Backward.expressions,
    Backward.all_values,
    Backward.subproperty,
    Backward.replaced,
)
_FACT_FINDERS: Final[tuple[_Finder, ...]] = (
    Backward.subproperty,
    Backward.turned,
    Backward.transitive,
    Backward.chain,
    Backward.has_value,
    Backward.replaced,
)
_SAME_FINDERS: Final[tuple[_Finder, ...]] = (
    Backward.functional,
    Backward.at_most_one,
    Backward.keys,
    Backward.same,
    Backward.subproperty,
    Backward.replaced,
)
