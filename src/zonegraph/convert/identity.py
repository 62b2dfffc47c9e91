"""Which IRI an event gets: a hash of what its class says identifies it, the same in every document. Pure.

An event without key values is identified by its document and record. Values of owned roles (a growth rate of
this figure, the second call of this service) are identified within their owner, so owners come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from zonegraph.convert.events import PREDICATE, STATEMENT, predicate_of
from zonegraph.convert.facts import Argument, Context, event_path, find_role, role_arguments
from zonegraph.convert.terms import identity, path_iri
from zonegraph.errors import SeedError, UnknownTermError
from zonegraph.plan import ClassPlan, Plan, Role
from zonegraph.seeds import Event


class Identities:
    """IRIs of a document's events, each worked out once, on demand."""

    def __init__(self, plan: Plan, events: Mapping[str, Event], classes: Mapping[str, ClassPlan]) -> None:
        self._events = events
        self._classes = classes
        self._plan = plan
        self._known: dict[str, str] = {}
        self._open: set[str] = set()
        self._owners = dict(_owners(plan, events.values(), classes))

    def iri(self, context: Context, identifier: str) -> str:
        """The IRI of an event; raises `SeedError` where identities depend on each other in a circle."""
        if identifier in self._known:
            return self._known[identifier]
        if identifier in self._open:
            raise SeedError(f"{identifier} refers to itself", code="cycle", hint="break the circle of events")
        self._open.add(identifier)
        try:
            self._known[identifier] = self._mint(context, self._events[identifier])
        finally:
            self._open.discard(identifier)
        return self._known[identifier]

    def _mint(self, context: Context, event: Event) -> str:
        if event.ref:
            return event_path(event)
        cls = self._classes[event.id]
        key = sorted(set(self._key(context, event, cls)))
        owner, role, number = self._owners.get(event.id, ("", None, 0))
        if role is not None and owner in self._classes:
            if role.ordered and role.iri in self._classes[owner].mint_key:
                # the owner's identity says what stands at each place, so the place is enough
                return f"{self.iri(context, owner)}/{role.name}/{number}"
            # several values of one owner may say the same and still be two: the record tells them apart
            key = [self.iri(context, owner), *(key or [event.id])]
        return path_iri(cls.id_path, identity([cls.iri, *(key or [context.document.id, event.id])]))

    def _key(self, context: Context, event: Event, cls: ClassPlan) -> Iterator[str]:
        wanted = set(cls.mint_key)
        for role, found in role_arguments(context, event, cls, wanted):
            for number, argument in enumerate(found, start=1):
                yield from self._parts(context, role, number, argument, wanted)
        if cls.iri == STATEMENT and PREDICATE in wanted:
            yield f"{PREDICATE}\x1e{predicate_of(context, event).term}"

    def _parts(self, context: Context, role: Role, number: int, argument: Argument, wanted: set[str]) -> Iterator[str]:
        if role.iri in wanted:
            term = self._member(context, role, argument)
            yield f"{role.iri}\x1e{number}\x1e{term}" if role.ordered else f"{role.iri}\x1e{term}"
        # unit and qualifier come with a quantity and may be named in a key like roles of their own
        yield from (f"{name}\x1e{term}" for name, term in argument.companions if name in wanted and name != role.iri)

    def _member(self, context: Context, role: Role, argument: Argument) -> str:
        """For an ordered role the thing that stands at the place, whether or not the place is an event of its own."""
        if role.node_role is None or argument.event is None:
            return argument.term
        cls = self._classes[argument.event.id]
        found = role_arguments(context, argument.event, cls, {role.node_role})
        return "\x1d".join(sorted(a.term for _, values in found for a in values))


def _owners(
    plan: Plan, events: Iterable[Event], classes: Mapping[str, ClassPlan]
) -> Iterator[tuple[str, tuple[str, Role, int]]]:
    for event in events:
        for name, ids in event.args.items():
            try:
                role = find_role(plan, name)
            except UnknownTermError:
                # the event will be rejected for it when its turn comes
                continue
            for number, identifier in enumerate(ids if role.owned else (), start=1):
                # nor does an event own what its role cannot hold: it will be rejected and must not rename the other
                made = classes.get(identifier)
                if made and any(plan.is_a(made.iri, class_iri) for class_iri in role.ranges):
                    yield identifier, (event.id, role, number)
