"""Contradictions: the rules of OWL 2 RL whose conclusion is *false*, as findings with the facts that clash.

Two further findings come from the fact that no literal is ever equated: a functional property with two values,
and a value outside the datatype that is a property's range.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from zonegraph.reason.datatypes import belongs, is_well_formed, value_key
from zonegraph.reason.engine import Facts
from zonegraph.reason.rules import Rules, at_most
from zonegraph.reason.vocabulary import (
    DIFFERENT,
    LITERAL,
    NOTHING,
    RANGE,
    SAME,
    THING,
    TYPE,
    Term,
    Triple,
    is_builtin_class,
    is_literal,
    owl,
)


@dataclass(frozen=True, slots=True, order=True)
class Clash:
    """A contradiction: the rule (OWL 2 Profiles, section 4.3), the axiom's terms and the facts that clash."""

    rule: str
    focus: Term
    axiom: tuple[Term, ...]
    triples: tuple[Triple, ...]


def find_clashes(rules: Rules, facts: Facts) -> tuple[Clash, ...]:
    """Every contradiction in a closed set of facts, sorted, each once."""
    return tuple(sorted({clash for check in _CHECKS for clash in check(rules, facts)}))


def _class_pairs(rules: Rules) -> Iterator[tuple[str, Term, Term]]:
    index = rules.index
    for one, other in index.pairs(owl("disjointWith")):
        yield ("cax-dw", *sorted((one, other)))  # type: ignore[misc]
    for one, other in index.pairs(owl("complementOf")):
        yield ("cls-com", *sorted((one, other)))  # type: ignore[misc]
    for node in index.instances(owl("AllDisjointClasses")):
        for members in index.values(node, owl("members")):
            for one, other in combinations(sorted(index.members(members)), 2):
                yield "cax-adc", one, other
    for whole, parts in index.pairs(owl("disjointUnionOf")):
        del whole
        for one, other in combinations(sorted(index.members(parts)), 2):
            yield "cax-adc", one, other


def _disjoint_classes(rules: Rules, facts: Facts) -> Iterator[Clash]:
    pairs = sorted(set(_class_pairs(rules)))
    members = facts.members({c for _, one, other in pairs for c in (one, other)} | {NOTHING})
    for rule, one, other in pairs:
        for term in members[one] & members[other]:
            yield Clash(rule, term, (one, other), ((term, TYPE, one), (term, TYPE, other)))
    for term in members[NOTHING]:
        yield Clash("cls-nothing2", term, (NOTHING,), ((term, TYPE, NOTHING),))


def _property_pairs(rules: Rules) -> Iterator[tuple[str, Term, Term]]:
    index = rules.index
    for one, other in index.pairs(owl("propertyDisjointWith")):
        yield ("prp-pdw", *sorted((one, other)))  # type: ignore[misc]
    for node in index.instances(owl("AllDisjointProperties")):
        for members in index.values(node, owl("members")):
            for one, other in combinations(sorted(index.members(members)), 2):
                yield "prp-adp", one, other


def _disjoint_properties(rules: Rules, facts: Facts) -> Iterator[Clash]:
    for rule, one, other in sorted(set(_property_pairs(rules))):
        for subject, objects in facts.forward.get(one, {}).items():
            for obj in objects.intersection(facts.objects(other, subject)):
                yield Clash(rule, subject, (one, other), ((subject, one, obj), (subject, other, obj)))


def _reflexivity(rules: Rules, facts: Facts) -> Iterator[Clash]:
    for prop in rules.index.instances(owl("IrreflexiveProperty")):
        for subject, objects in facts.forward.get(prop, {}).items():
            if subject in objects:
                yield Clash("prp-irp", subject, (prop,), ((subject, prop, subject),))
    for prop in rules.index.instances(owl("AsymmetricProperty")):
        for subject, objects in facts.forward.get(prop, {}).items():
            for obj in objects:
                if subject <= obj and facts.has((obj, prop, subject)):
                    yield Clash("prp-asyp", subject, (prop,), ((subject, prop, obj), (obj, prop, subject)))


def _functional_values(rules: Rules, facts: Facts) -> Iterator[Clash]:
    for prop in rules.functional:
        for subject, objects in facts.forward.get(prop, {}).items():
            if len(objects) > 1:
                yield from _conflicts("prp-fp", subject, (prop,), objects)


def _conflicts(rule: str, subject: Term, axiom: tuple[Term, ...], objects: Iterable[Term]) -> Iterator[Clash]:
    """Literals (and a literal beside a thing) that a rule would have to equate."""
    values = {value_key(o) if is_literal(o) else (o, "", ""): o for o in sorted(objects)}
    if len(values) > 1 and any(is_literal(o) for o in values.values()):
        yield Clash(rule, subject, axiom, tuple((subject, axiom[0], o) for o in sorted(values.values())))


def _equality(rules: Rules, facts: Facts) -> Iterator[Clash]:
    del rules
    for subject, objects in facts.forward.get(DIFFERENT, {}).items():
        for obj in objects:
            if subject == obj and not facts.objects(SAME, subject):
                yield Clash("eq-diff1", subject, (), ((subject, DIFFERENT, subject),))
            elif facts.has((subject, SAME, obj)):
                yield Clash("eq-diff1", subject, (), ((subject, SAME, obj), (subject, DIFFERENT, obj)))


def _all_different(rules: Rules, facts: Facts) -> Iterator[Clash]:
    index = rules.index
    for node in index.instances(owl("AllDifferent")):
        for word in ("members", "distinctMembers"):
            for items in index.values(node, owl(word)):
                for one, other in combinations(sorted(index.members(items)), 2):
                    if facts.has((one, SAME, other)):
                        yield Clash("eq-diff2", one, (one, other), ((one, SAME, other),))


def _negative_assertions(rules: Rules, facts: Facts) -> Iterator[Clash]:
    index = rules.index
    for node, source in index.pairs(owl("sourceIndividual")):
        for prop in index.values(node, owl("assertionProperty")):
            for word, rule in (("targetIndividual", "prp-npa1"), ("targetValue", "prp-npa2")):
                for target in index.values(node, owl(word)):
                    if facts.has((source, prop, target)):
                        yield Clash(rule, source, (prop,), ((source, prop, target),))


def _cardinalities(rules: Rules, facts: Facts) -> Iterator[Clash]:
    none, one = at_most(rules.index, 0), at_most(rules.index, 1)
    members = facts.members({r.cls for r in (*none, *one)})
    for limit, restriction in [(0, r) for r in none] + [(1, r) for r in one]:
        qualified = restriction.filler not in {"", THING}
        rule = f"cls-maxqc{1 + 2 * limit}" if qualified else f"cls-maxc{1 + limit}"
        for term in members[restriction.cls]:
            values = [
                v
                for v in facts.objects(restriction.property, term)
                if not qualified or facts.is_a(v, restriction.filler)
            ]
            axiom = (restriction.property, restriction.cls)
            if limit:
                yield from _conflicts(rule, term, axiom, values)
            else:
                for value in values:
                    triples = ((term, restriction.property, value), (term, TYPE, restriction.cls))
                    yield Clash(rule, term, axiom, triples)


def _datatypes(rules: Rules, facts: Facts) -> Iterator[Clash]:
    ranges = [(p, c) for p, c in rules.index.pairs(RANGE) if is_builtin_class(c) and c not in {THING, LITERAL}]
    for prop, datatype in ranges:
        for subject, objects in facts.forward.get(prop, {}).items():
            for obj in objects:
                if not is_literal(obj) or not belongs(obj, datatype):
                    yield Clash("prp-rng", subject, (prop, datatype), ((subject, prop, obj),))


def _literals(rules: Rules, facts: Facts) -> Iterator[Clash]:
    del rules
    for prop, rows in facts.forward.items():
        for subject, objects in rows.items():
            for obj in objects:
                if obj[0] == '"' and not is_well_formed(obj):
                    yield Clash("dt-not-type", subject, (prop,), ((subject, prop, obj),))


_CHECKS: Final[tuple[Callable[[Rules, Facts], Iterator[Clash]], ...]] = (
    _disjoint_classes,
    _disjoint_properties,
    _reflexivity,
    _functional_values,
    _equality,
    _all_different,
    _negative_assertions,
    _cardinalities,
    _datatypes,
    _literals,
)
