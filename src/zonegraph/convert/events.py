"""An event to its node: class, identity, facts checked against the shapes, evidence. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from zonegraph.convert.facts import ORDER, Argument, Context, arguments, find_role
from zonegraph.convert.resolve import Moment, find_code
from zonegraph.convert.terms import decimal, identity, integer, iri, literal, typed
from zonegraph.errors import SeedError
from zonegraph.names import PROV, RDF, RDFS, ZG, expand, local_name
from zonegraph.plan import ClassPlan, Constraint, Plan, Role, ValueKind
from zonegraph.seeds import Event

TYPE: Final = RDF + "type"
DERIVED_FROM: Final = PROV + "wasDerivedFrom"
BASIS: Final = ZG + "basis"
BASIS_CLASS: Final = ZG + "Basis"
LABEL: Final = RDFS + "label"
SERIES_BREAK: Final = ZG + "seriesBreak"
STATEMENT: Final = ZG + "StatementClaim"
SUBJECT: Final = ZG + "subject"
PREDICATE: Final = ZG + "predicate"
OBJECT: Final = ZG + "object"
#: Facts that the converter adds itself: shapes may demand them, annotators need not.
_OWN: Final = frozenset({TYPE, DERIVED_FROM, BASIS, LABEL, ORDER})
RETROSPECTIVE: Final = "retrospective"

Triple = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Node:
    """A converted event: its IRI and triples, and what its label is made of."""

    event: Event
    cls: ClassPlan
    iri: str
    triples: tuple[Triple, ...]
    moments: tuple[Moment, ...]
    parts: Mapping[str, tuple[Argument, ...]]
    made: tuple[tuple[str, Argument], ...] = ()


def build_node(context: Context, event: Event, cls: ClassPlan) -> Node:
    """Read, check and write one event; raises `SeedError` and its kin for what is wrong with it."""
    values = _values(context, event, cls)
    spans = _evidence(context, event, values)
    node = context.event_iri(event.id)
    facts = [*_facts(context, event, node, values), *_basis(context, event, node)]
    _check(context, cls, facts)
    _check_events(context, cls, values)
    if cls.iri == STATEMENT:
        _check_statement(context, values)
    triples = [
        (node, TYPE, iri(cls.iri)),
        *((node, DERIVED_FROM, iri(span)) for span in spans),
        *facts,
        *_role_nodes(context, event, node, values, spans),
        *_direct(values if cls.iri == STATEMENT else {}),
    ]
    moments = tuple(a.moment for arguments_ in values.values() for a in arguments_ if a.moment)
    parts = {local_name(role): tuple(arguments_) for role, arguments_ in values.items()}
    made = tuple(
        (_made(context, event, node, role, number, argument), argument)
        for role, found in ((context.plan.roles[name], found) for name, found in values.items())
        for number, argument in enumerate(found if role.node_role else (), start=1)
        if not _is_role_node(context, role, argument)
    )
    return Node(event, cls, node, tuple(triples), moments, parts, made)


def _values(context: Context, event: Event, cls: ClassPlan) -> dict[str, list[Argument]]:
    values: dict[str, list[Argument]] = defaultdict(list)
    for role, found in arguments(context, event, cls):
        values[role.iri].extend(found)
    if cls.iri == STATEMENT:
        values.setdefault(PREDICATE, [predicate_of(context, event)])
    return dict(values)


def predicate_of(context: Context, event: Event) -> Argument:
    """The property that a statement claim asserts: the type it was annotated with."""
    exact = expand(event.type)
    role = context.plan.roles.get(exact) or find_role(context.plan, event.type)
    return Argument(iri(role.iri), role.iri)


def _evidence(context: Context, event: Event, values: Mapping[str, list[Argument]]) -> list[str]:
    spans = {span for found in values.values() for argument in found for span in argument.spans}
    for identifier in event.trigger:
        if identifier not in context.mentions:
            code = "depends-on-rejected" if identifier in context.rejected else "dangling-reference"
            raise SeedError(f"{identifier} as trigger is no usable mention", code=code, hint=f"mend {identifier}")
        spans.update(context.mentions[identifier].spans)
    if not spans:
        raise SeedError("no characters state this", code="no-evidence", hint="name a trigger or a mention in args")
    return sorted(spans)


def _facts(context: Context, event: Event, node: str, values: Mapping[str, list[Argument]]) -> Iterator[Triple]:
    for name, found in values.items():
        role = context.plan.roles[name]
        for argument in found:
            if role.node_role is None or _is_role_node(context, role, argument):
                yield node, name, argument.term
            # what a role says outright wins over what came along with a number
            yield from ((node, p, t) for p, t in argument.companions if p == name or p not in values)
    if event.conf is not None:
        yield node, ZG + "confidence", decimal(Decimal(repr(event.conf)))
    if event.by:
        yield node, ZG + "annotatedBy", literal(event.by)


def _basis(context: Context, event: Event, node: str) -> Iterator[Triple]:
    yield node, BASIS, _basis_term(context, event)
    if event.basis == RETROSPECTIVE:
        yield node, SERIES_BREAK, typed("true", "boolean")


def _basis_term(context: Context, event: Event) -> str:
    """A figure given for a time before its subject existed is explicit, and marked as a break of the series."""
    return iri(find_code(context.plan, BASIS_CLASS, "explicit" if event.basis == RETROSPECTIVE else event.basis))


def _is_role_node(context: Context, role: Role, argument: Argument) -> bool:
    """Whether the argument was annotated as an event of the role's range, so that no node need be made for it."""
    if argument.event is None:
        return False
    made = context.event_class[argument.event.id].iri
    return any(context.plan.is_a(made, class_iri) for class_iri in role.ranges)


def _role_nodes(
    context: Context, event: Event, node: str, values: Mapping[str, list[Argument]], spans: list[str]
) -> Iterator[Triple]:
    for name, found in values.items():
        role = context.plan.roles[name]
        for number, argument in enumerate(found if role.node_role else (), start=1):
            if not _is_role_node(context, role, argument):
                made = _made(context, event, node, role, number, argument)
                yield node, role.iri, iri(made)
                yield from _role_node(made, role, number, argument, _basis_term(context, event), spans)
            elif role.ordered:
                yield argument.node, ORDER, integer(number)


def _made(context: Context, event: Event, node: str, role: Role, number: int, argument: Argument) -> str:
    """The IRI of a node made for an argument: by its place, and by what stands there unless the owner's IRI says so."""
    within = role.iri in context.event_class[event.id].mint_key
    return f"{node}/{role.name}/{number if within else identity([str(number), argument.term])}"


def _role_node(
    made: str, role: Role, number: int, argument: Argument, basis: str, spans: list[str]
) -> Iterator[Triple]:
    for class_iri in role.ranges:
        yield made, TYPE, iri(class_iri)
    yield made, role.node_role or "", argument.term
    if role.ordered:
        yield made, ORDER, integer(number)
    yield made, BASIS, basis
    for span in argument.spans or spans:
        yield made, DERIVED_FROM, iri(span)


def _direct(values: Mapping[str, list[Argument]]) -> Iterator[Triple]:
    for subject in values.get(SUBJECT, ()):
        for predicate in values.get(PREDICATE, ()):
            for value in values.get(OBJECT, ()):
                yield subject.node, predicate.node, value.term


def _check(context: Context, cls: ClassPlan, facts: list[Triple]) -> None:
    terms: dict[str, set[str]] = defaultdict(set)
    for _, predicate, term in facts:
        terms[predicate].add(term)
    for role, constraint in _demands(context.plan, cls):
        found = terms.get(role)
        # a role that is neither demanded nor there cannot be wrong
        if found is not None or constraint.least:
            _check_role(context, cls, constraint, found or _NONE)


_NONE: Final[set[str]] = set()


def _demands(plan: Plan, cls: ClassPlan) -> list[tuple[str, Constraint]]:
    """The constraints of a class that a fact can break, found once a plan."""
    key = ("demands", cls.iri)
    found: list[tuple[str, Constraint]] | None = plan.memo.get(key)
    if found is None:
        found = plan.memo[key] = [
            (role, constraint)
            for role, constraint in cls.constraints.items()
            if role not in _OWN
            and ((known := plan.roles.get(role)) is None or known.node_role is None)
            and (constraint.least or constraint.most is not None or constraint.classes)
        ]
    return found


def _check_role(context: Context, cls: ClassPlan, constraint: Constraint, terms: set[str]) -> None:
    if len(terms) < constraint.least:
        name = local_name(constraint.role)
        raise SeedError(
            f"{cls.name} needs {constraint.least} {name}, this has {len(terms)}",
            code="missing-role",
            hint=f"add {name}",
        )
    if constraint.most is not None and len(terms) > constraint.most:
        name = local_name(constraint.role)
        raise SeedError(
            f"{cls.name} takes {constraint.most} {name}, this has {len(terms)}", code="too-many", hint="split the event"
        )
    for term in sorted(terms) if constraint.classes else ():
        _check_class(context, local_name(constraint.role), constraint, term.strip("<>"))


def _check_events(context: Context, cls: ClassPlan, values: Mapping[str, list[Argument]]) -> None:
    """Events among the arguments against the classes that the shapes allow: the registry does not know them."""
    for name, found in values.items():
        role = context.plan.roles[name]
        wanted = cls.constraints[name].classes if name in cls.constraints else ()
        for argument in found if wanted and role.node_role is None else ():
            made = context.event_class[argument.event.id] if argument.event else None
            if made and not any(context.plan.is_a(made.iri, class_iri) for class_iri in wanted):
                raise SeedError(
                    f"{role.name} is a {made.name}, not a {' or '.join(map(local_name, wanted))}",
                    code="wrong-class",
                    hint="mend the argument",
                )


def _check_statement(context: Context, values: Mapping[str, list[Argument]]) -> None:
    """A statement's object must fit the range of its property, and the property must join things."""
    for predicate in values.get(PREDICATE, ()):
        role = context.plan.roles[predicate.node]
        if role.kind not in {ValueKind.NODE, ValueKind.ANY, ValueKind.CODE, ValueKind.TIME}:
            raise SeedError(f"{role.name} joins no two things", code="wrong-kind", hint="use it as a role of an event")
        for argument in values.get(OBJECT, ()):
            if role.kind is ValueKind.NODE:
                _check_class(context, role.name, Constraint(role.iri, classes=role.ranges), argument.node)


def _check_class(context: Context, name: str, constraint: Constraint, node: str) -> None:
    thing = context.plan.things.get(node)
    if thing is None:
        return
    if not any(context.plan.thing_is_a(node, class_iri) for class_iri in constraint.classes):
        wanted = " or ".join(local_name(c) for c in constraint.classes)
        kinds = ", ".join(local_name(kind) for kind in thing.types)
        raise SeedError(f"{name} is a {kinds}, not a {wanted}", code="wrong-class", hint="mend the argument")
