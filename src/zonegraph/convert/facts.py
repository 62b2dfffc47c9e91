"""What an event says, as property and term pairs; the arguments of each role read as its range demands. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from zonegraph.convert.quantity import measure
from zonegraph.convert.resolve import Moment, Resolved, find_code, known_thing, moment, reference
from zonegraph.convert.terms import decimal, integer, iri, literal, typed
from zonegraph.errors import SeedError, UnknownTermError
from zonegraph.names import ZG, expand, local_name
from zonegraph.plan import ClassPlan, Kind, Plan, Role, ValueKind
from zonegraph.seeds import Document, Event
from zonegraph.values import TimeValue, fold, read_edtf

ORDER: Final = ZG + "order"


@dataclass(frozen=True, slots=True)
class Argument:
    """One value of a role: its N-Quads term, the node it stands for, and the characters it was read from.

    ``event`` is set where the argument is another event of the same document.
    """

    term: str
    node: str = ""
    spans: tuple[str, ...] = ()
    companions: tuple[tuple[str, str], ...] = ()
    moment: Moment | None = None
    text: str = ""
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """A document while it is converted: what its mentions denote and which nodes its events are."""

    plan: Plan
    document: Document
    anchor: TimeValue | None
    mentions: Mapping[str, Resolved]
    rejected: Mapping[str, str]
    events: Mapping[str, Event]
    event_iri: Callable[[str], str]
    event_built: Callable[[str], bool]
    event_class: Mapping[str, ClassPlan]
    event_refs: frozenset[str]
    dropped: list[tuple[str, str]] = field(default_factory=list)
    read: dict[tuple[str, str], Argument] = field(default_factory=dict)
    stated: dict[tuple[str, type, Any], Argument] = field(default_factory=dict)


def find_role(plan: Plan, name: str) -> Role:
    """A role by IRI, CURIE, local name, label or alias; raises `UnknownTermError`."""
    known: Role | None = plan.memo.get(("role", name))
    if known is None:
        known = plan.memo["role", name] = _find_role(plan, name)
    return known


def _find_role(plan: Plan, name: str) -> Role:
    expanded = expand(name)
    for candidate in (expanded, ZG + name):
        if candidate in plan.roles:
            return plan.roles[candidate]
    return plan.roles[plan.role_names.find(fold(name), name)]


def arguments(context: Context, event: Event, cls: ClassPlan) -> Iterator[tuple[Role, list[Argument]]]:
    """The roles of an event with their arguments, mentions first, then attributes; raises `SeedError`.

    Events among the arguments are built first; one that had to be rejected is left out and noted.
    """
    for role, found in role_arguments(context, event, cls, None):
        kept = [a for a in found if a.event is None or context.event_built(a.event.id)]
        context.dropped.extend((event.id, a.event.id) for a in found if a.event is not None and a not in kept)
        yield role, kept


def role_arguments(
    context: Context, event: Event, cls: ClassPlan, wanted: set[str] | None
) -> Iterator[tuple[Role, list[Argument]]]:
    """The arguments of some roles (all when ``wanted`` is none); a number counts for its unit and qualifier too."""
    for name, ids in event.args.items():
        role = _allowed(context.plan, cls, name)
        if wanted is None or role.iri in wanted or role.kind is ValueKind.QUANTITY:
            # an owned value's identity waits for its owner's, so only the event itself is looked at here
            waits = wanted is not None and role.owned
            yield role, [_argument(context, role, identifier, waits=waits) for identifier in ids]
    for name, values in event.attrs.items():
        role = _allowed(context.plan, cls, name)
        if wanted is None or role.iri in wanted:
            yield role, [_attribute(context, role, value) for value in values]


def _allowed(plan: Plan, cls: ClassPlan, name: str) -> Role:
    try:
        role = find_role(plan, name)
    except UnknownTermError as error:
        raise SeedError(f"no role is called {name!r}", code="unknown-role", hint=_roles_hint(plan, cls)) from error
    if cls.closed and role.iri not in cls.constraints:
        raise SeedError(f"{cls.name} has no role {role.name}", code="role-not-allowed", hint=_roles_hint(plan, cls))
    return role


def _roles_hint(plan: Plan, cls: ClassPlan) -> str:
    names = sorted(plan.roles[iri].name for iri in cls.constraints if iri in plan.roles)
    return f"{cls.name} has {', '.join(names)}" if names else "see the ontology for its roles"


def _argument(context: Context, role: Role, identifier: str, *, waits: bool) -> Argument:
    if identifier.startswith("@"):
        return _attribute(context, role, identifier)
    if identifier in context.mentions:
        return _from_mention(context, role, context.mentions[identifier])
    if identifier in context.event_class:
        return _from_event(context, role, identifier, waits=waits)
    if identifier in context.rejected:
        raise SeedError(
            f"{identifier} in role {role.name} was rejected",
            code="depends-on-rejected",
            hint=f"mend {identifier}",
        )
    raise SeedError(
        f"{identifier} in role {role.name} is no record of this file",
        code="dangling-reference",
        hint="name a mention or an event, or write @path for a thing",
    )


def _from_event(context: Context, role: Role, identifier: str, *, waits: bool) -> Argument:
    if role.kind not in {ValueKind.NODE, ValueKind.ANY}:
        raise _unfit(role, f"{identifier} is an event")
    event = context.events[identifier]
    node = "" if waits else context.event_iri(identifier)
    return Argument(iri(node), node, event=event)


def _from_mention(context: Context, role: Role, resolved: Resolved) -> Argument:
    """Read once: the identity of an event asks for its arguments before the event itself does."""
    key = (role.iri, resolved.mention.id)
    known = context.read.get(key)
    if known is None:
        known = context.read[key] = _read_mention(context, role, resolved)
    return known


def _read_mention(context: Context, role: Role, resolved: Resolved) -> Argument:
    spans = resolved.spans
    match role.kind:
        case ValueKind.QUANTITY | ValueKind.INTEGER | ValueKind.DECIMAL:
            return _number(context, role, resolved)
        case ValueKind.TEXT:
            return Argument(literal(resolved.text), "", spans, text=resolved.text)
        case ValueKind.TIME:
            if resolved.moment is None:
                raise _unfit(role, f"{resolved.mention.id} is no date")
            return Argument(iri(resolved.iri), resolved.iri, spans, moment=resolved.moment)
        case ValueKind.CODE:
            code = resolved.iri if resolved.kind is Kind.CODE else _code(context, role, resolved.mention.text)
            return Argument(iri(code), code, spans)
        case ValueKind.NODE | ValueKind.ANY if resolved.iri:
            return Argument(iri(resolved.iri), resolved.iri, spans, moment=resolved.moment)
    raise _unfit(role, f"{resolved.mention.id} is a {local_name(resolved.class_iri)}")


def _number(context: Context, role: Role, resolved: Resolved) -> Argument:
    if resolved.kind is not Kind.LITERAL:
        raise _unfit(role, f"{resolved.mention.id} is a {local_name(resolved.class_iri)}, not a quantity")
    read = measure(context.plan, resolved)
    spans = resolved.spans
    if role.kind is ValueKind.QUANTITY:
        return Argument(decimal(read.quantity.value), "", spans, tuple(read.facts()), text=read.quantity.as_written)
    if role.kind is ValueKind.DECIMAL:
        return Argument(decimal(read.quantity.value), "", spans, text=read.quantity.as_written)
    value = read.quantity.value
    if value != value.to_integral_value():
        raise _unfit(role, f"{resolved.mention.text!r} is no whole number")
    return Argument(integer(int(value)), "", spans, text=str(int(value)))


def _attribute(context: Context, role: Role, value: Any) -> Argument:
    key = (role.iri, type(value), value)
    known = context.stated.get(key)
    if known is None:
        read = _ATTRIBUTES.get((role.kind, type(value)))
        if read is None:
            raise _unfit(role, f"{value!r} is of another kind")
        known = context.stated[key] = read(context, role, value)
    return known


def _decimal_attribute(context: Context, role: Role, value: Any) -> Argument:
    return Argument(decimal(_as_decimal(role, value)), text=str(value))


def _integer_attribute(context: Context, role: Role, value: Any) -> Argument:
    return Argument(integer(value), text=str(value))


def _boolean_attribute(context: Context, role: Role, value: Any) -> Argument:
    return Argument(typed(str(value).lower(), "boolean"), text=str(value))


def _text_attribute(context: Context, role: Role, value: Any) -> Argument:
    return Argument(literal(value), text=value)


def _date_attribute(context: Context, role: Role, value: Any) -> Argument:
    return Argument(typed(_as_day(role, value), "date"), text=value)


def _time_attribute(context: Context, role: Role, value: Any) -> Argument:
    when = moment(read_edtf(value), context.document, deictic=False)
    return Argument(iri(when.iri), when.iri, moment=when)


def _code_attribute(context: Context, role: Role, value: Any) -> Argument:
    code = _code(context, role, value.removeprefix("@"))
    return Argument(iri(code), code)


def _node_attribute(context: Context, role: Role, value: Any) -> Argument:
    return _node(context, value.removeprefix("@"))


_ATTRIBUTES: Final[Mapping[tuple[ValueKind, type], Callable[[Context, Role, Any], Argument]]] = {
    (ValueKind.QUANTITY, str): _decimal_attribute,
    (ValueKind.QUANTITY, int): _decimal_attribute,
    (ValueKind.DECIMAL, str): _decimal_attribute,
    (ValueKind.DECIMAL, int): _decimal_attribute,
    (ValueKind.INTEGER, int): _integer_attribute,
    (ValueKind.BOOLEAN, bool): _boolean_attribute,
    (ValueKind.TEXT, str): _text_attribute,
    (ValueKind.DATE, str): _date_attribute,
    (ValueKind.TIME, str): _time_attribute,
    (ValueKind.CODE, str): _code_attribute,
    (ValueKind.NODE, str): _node_attribute,
    (ValueKind.ANY, str): _node_attribute,
}


def _node(context: Context, path: str) -> Argument:
    found = reference(path)
    if found in context.plan.classes or found in context.plan.roles:
        return Argument(iri(found), found)
    known = found if found in context.event_refs else known_thing(context.plan, found, path)
    return Argument(iri(known), known)


def _as_decimal(role: Role, value: object) -> Decimal:
    try:
        number = Decimal(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise _unfit(role, f"{value!r} is no decimal number written as a text")
    return number


def _as_day(role: Role, value: str) -> str:
    read = read_edtf(value)
    if read.precision != "day" or read.earliest is None:
        raise _unfit(role, f"{value!r} is no day")
    return read.earliest.isoformat()


def _code(context: Context, role: Role, name: str) -> str:
    found = [r for r in role.ranges if context.plan.classes.get(r)]
    for class_iri in found[:-1]:
        try:
            return find_code(context.plan, class_iri, name)
        except UnknownTermError:
            continue
    if not found:
        return known_thing(context.plan, reference(name), name)
    return find_code(context.plan, found[-1], name)


def _unfit(role: Role, message: str) -> SeedError:
    ranges = ", ".join(local_name(r) for r in role.ranges)
    return SeedError(f"role {role.name}: {message}", code="wrong-kind", hint=f"it takes {ranges or role.kind.value}")


def event_path(event: Event) -> str:
    """The IRI that an event's ``ref`` fixes, or nothing."""
    return reference(event.ref) if event.ref else ""
