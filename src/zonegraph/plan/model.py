"""The plan: all that conversion needs to know of the ontology, the code lists and the registry, frozen.

Workers receive the plan, never the ontology; ``digest`` changes whenever one of its sources does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from zonegraph.errors import AmbiguousTermError, UnknownTermError


class Kind(StrEnum):
    """What the instances of a class are to the converter."""

    THING = "thing"
    CLAIM = "claim"
    CODE = "code"
    TIME = "time"
    LITERAL = "literal"


class ValueKind(StrEnum):
    """How the arguments of a role are read, chosen by the role's range."""

    QUANTITY = "quantity"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    TEXT = "text"
    TIME = "time"
    CODE = "code"
    NODE = "node"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Role:
    """A property as a role of an event.

    ``node_role`` is set where each argument becomes a node of its own; ``ordered`` where that node is numbered;
    ``owned`` where the values' identity includes the event that has them; ``supplied`` where the converter fills it.
    """

    iri: str
    name: str
    kind: ValueKind
    ranges: tuple[str, ...] = ()
    ordered: bool = False
    owned: bool = False
    supplied: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    node_role: str | None = None


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a shape demands of one role of a class; ``least`` and ``most`` count values."""

    role: str
    least: int = 0
    most: int | None = None
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """A class: its ancestors (itself included), what its instances are, how their IRIs and labels are made."""

    iri: str
    name: str
    kind: Kind
    ancestors: frozenset[str]
    labels: Mapping[str, str]
    id_path: str
    mint_key: tuple[str, ...] = ()
    label_template: str = ""
    constraints: Mapping[str, Constraint] = field(default_factory=dict)

    @property
    def closed(self) -> bool:
        """Whether shapes list the roles, so that any other is refused."""
        return bool(self.constraints)


@dataclass(frozen=True, slots=True)
class Thing:
    """An entity of the registry or a code: its most specific classes and labels by lower-case language tag."""

    iri: str
    types: tuple[str, ...]
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NameIndex:
    """Folded name to IRIs, within one scope."""

    scope: str
    entries: Mapping[str, tuple[str, ...]]

    def find(self, folded: str, shown: str) -> str:
        """The one IRI with this name; raises `UnknownTermError` or `AmbiguousTermError`."""
        hits = self.entries.get(folded, ())
        if len(hits) == 1:
            return hits[0]
        if not hits:
            raise UnknownTermError(f"no {self.scope} is called {shown!r}", hint="see the ontology for the names")
        raise AmbiguousTermError(f"{shown!r} names {' and '.join(hits)}", hint="use the full IRI")


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything the converter knows. Mappings are by IRI unless said otherwise."""

    digest: str
    version: str
    classes: Mapping[str, ClassPlan]
    roles: Mapping[str, Role]
    things: Mapping[str, Thing]
    class_names: NameIndex
    role_names: NameIndex
    code_names: Mapping[str, NameIndex]
    thing_names: Mapping[str, tuple[str, ...]]
    #: Answers of pure functions of the plan, remembered by their callers; never part of its identity or its pickle.
    memo: dict[tuple[str, ...], Any] = field(default_factory=dict, compare=False, repr=False)

    def __getstate__(self) -> list[Any]:
        return [None if f.name == "memo" else getattr(self, f.name) for f in fields(self)]

    def __setstate__(self, state: list[Any]) -> None:
        for f, value in zip(fields(self), state, strict=True):
            object.__setattr__(self, f.name, {} if f.name == "memo" else value)

    def is_a(self, class_iri: str, ancestor: str) -> bool:
        """Whether a class is ``ancestor`` or below it."""
        plan = self.classes.get(class_iri)
        return class_iri == ancestor or (plan is not None and ancestor in plan.ancestors)

    def thing_is_a(self, iri: str, ancestor: str) -> bool:
        """Whether a known thing is an instance of ``ancestor``; false for unknown things."""
        thing = self.things.get(iri)
        return thing is not None and any(self.is_a(kind, ancestor) for kind in thing.types)
