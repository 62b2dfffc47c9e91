"""Why a triple holds: the shortest derivation, found by deepening until the given facts are reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from zonegraph.names import GRAPH_INFERRED, GRAPH_ONTOLOGY
from zonegraph.reason.backward import Backward, Source, Step
from zonegraph.reason.infer import Inference
from zonegraph.reason.rules import compile_rules
from zonegraph.reason.schema import Schema, close_schema
from zonegraph.reason.vocabulary import TYPE, Term, Triple, is_blank, is_literal

#: The longest chain of steps looked for; nothing in a well-formed ontology comes near it.
MAX_DEPTH: Final = 12
GIVEN: Final = "given"


@dataclass(frozen=True, slots=True)
class Derivation:
    """A triple, the rule that yields it (``given`` for facts), the axioms used and the premises' derivations."""

    triple: Triple
    rule: str
    axioms: tuple[Triple, ...] = ()
    premises: tuple[Derivation, ...] = ()

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Derivation]]:
        """The derivation and all below it, with their depth, top first."""
        yield depth, self
        for premise in self.premises:
            yield from premise.walk(depth + 1)

    def given(self) -> tuple[Triple, ...]:
        """The given facts that it rests on, sorted, each once."""
        return tuple(sorted({d.triple for _, d in self.walk() if d.rule == GIVEN}))


class StoreSource:
    """A store as a source of facts; given is what stands in a named graph other than the inferred one."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._inferred = ox.NamedNode(GRAPH_INFERRED)

    def match(self, subject: Term | None, predicate: Term | None, obj: Term | None) -> list[Triple]:
        """The facts that fit, sorted."""
        quads = self._store.quads_for_pattern(_subject(subject), _predicate(predicate), _term(obj), None)
        return sorted({(str(q.subject), str(q.predicate), str(q.object)) for q in quads})

    def is_given(self, triple: Triple) -> bool:
        """Whether some graph other than the inferred one states it."""
        quads = self._store.quads_for_pattern(_subject(triple[0]), _predicate(triple[1]), _term(triple[2]), None)
        return any(isinstance(q.graph_name, ox.NamedNode) and q.graph_name != self._inferred for q in quads)


class MemorySource:
    """Given triples and an inference over them as a source of facts."""

    def __init__(self, given: Iterable[Triple], inference: Inference) -> None:
        self._given = frozenset(given)
        self._all = sorted({*self._given, *inference.triples})

    def match(self, subject: Term | None, predicate: Term | None, obj: Term | None) -> list[Triple]:
        """The facts that fit, sorted."""
        pattern = (subject, predicate, obj)
        return [t for t in self._all if all(want in {None, have} for want, have in zip(pattern, t, strict=True))]

    def is_given(self, triple: Triple) -> bool:
        """Whether the triple was given."""
        return triple in self._given


class Explainer:
    """Explains triples of one graph under one ontology."""

    def __init__(self, schema: Schema, source: Source) -> None:
        self._source = source
        self._backward = Backward(compile_rules(schema), source)
        self._steps: dict[Triple, tuple[Step, ...]] = {}
        self._failed: dict[Triple, int] = {}

    @classmethod
    def from_store(cls, store: ox.Store, *, cache_dir: Path | None = None) -> Explainer:
        """Explain triples of a store whose inferred graph is filled."""
        quads = store.quads_for_pattern(None, None, None, ox.NamedNode(GRAPH_ONTOLOGY))
        ontology = [(str(q.subject), str(q.predicate), str(q.object)) for q in quads]
        return cls(close_schema(ontology, cache_dir), StoreSource(store))

    def explain(self, triple: Triple) -> Derivation | None:
        """The shortest derivation of the triple; None when it neither is given nor follows."""
        self._failed.clear()
        for depth in range(MAX_DEPTH + 1):
            found = self._prove(triple, depth)
            if found is not None:
                return found
        return None

    def _prove(self, triple: Triple, depth: int) -> Derivation | None:
        if self._source.is_given(triple):
            return Derivation(triple, GIVEN)
        if depth == 0 or self._failed.get(triple, -1) >= depth:
            return None
        for step in self._ways(triple):
            premises = self._prove_all(step.premises, depth - 1)
            if premises is not None:
                return Derivation(triple, step.rule, step.axioms, premises)
        self._failed[triple] = depth
        return None

    def _prove_all(self, premises: tuple[Triple, ...], depth: int) -> tuple[Derivation, ...] | None:
        found = []
        for premise in premises:
            derivation = self._prove(premise, depth)
            if derivation is None:
                return None
            found.append(derivation)
        return tuple(found)

    def _ways(self, triple: Triple) -> tuple[Step, ...]:
        if triple not in self._steps:
            steps = self._backward.steps(triple)
            self._steps[triple] = tuple(s for s in steps if all(map(self._may_hold, s.premises)))
        return self._steps[triple]

    def _may_hold(self, triple: Triple) -> bool:
        """Memberships in anonymous classes and facts with anonymous inverses are in no graph; others must be."""
        if is_literal(triple[0]):
            return False
        if is_blank(triple[1]) or (triple[1] == TYPE and is_blank(triple[2])):
            return True
        return bool(self._source.match(*triple))


def explain_triple(store: ox.Store, triple: Triple, *, cache_dir: Path | None = None) -> Derivation | None:
    """Why the triple holds in a store; None when it does not. See `Explainer` for more than one triple."""
    return Explainer.from_store(store, cache_dir=cache_dir).explain(triple)


def _subject(term: Term | None) -> ox.NamedNode | ox.BlankNode | None:
    if term is None:
        return None
    return ox.BlankNode(term[2:]) if is_blank(term) else ox.NamedNode(term[1:-1])


def _predicate(term: Term | None) -> ox.NamedNode | None:
    return None if term is None or is_blank(term) else ox.NamedNode(term[1:-1])


def _term(term: Term | None) -> ox.NamedNode | ox.BlankNode | ox.Literal | None:
    if term is None or not is_literal(term):
        return _subject(term)
    (quad,) = ox.parse(f"<urn:s> <urn:p> {term} .", format=ox.RdfFormat.N_TRIPLES)
    assert isinstance(quad.object, ox.Literal)
    return quad.object
