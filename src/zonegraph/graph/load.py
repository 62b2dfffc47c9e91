"""The answers of a profile's queries laid down in the stage, part by part."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Final

from zonegraph.errors import ExportError
from zonegraph.graph.facts import ADD_EDGE, Facts, known
from zonegraph.graph.ids import edge_number, node_id
from zonegraph.graph.index import ADDRESS, APART, EVENT, MEANS, NODE, UNKNOWN, Index, Sources, key_of
from zonegraph.graph.pieces import Piece, Time
from zonegraph.graph.source import Row
from zonegraph.graph.spells import widen
from zonegraph.graph.stage import Names, Shelf
from zonegraph.graph.terms import is_literal, language, number, plain, typed
from zonegraph.graph.vocabulary import Vocabulary

_TYPED: Final = "SELECT key, iri, kind, event FROM typed ORDER BY key, iri"
_ADD_NODE: Final = "INSERT INTO node VALUES (?, ?, ?, 0, ?, ?)"
_ADD_EVENT: Final = "INSERT INTO event VALUES (?, ?, ?, ?, NULL, 1.0, 0)"
_GIVEN: Final = "SELECT key, MIN(relation), MAX(weight) FROM given GROUP BY key"
_ADD_NUMBER: Final = "INSERT OR IGNORE INTO obs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_KEY: Final = itemgetter(0)
#: The parts that say what there is; the others say more about it.
EARLY: Final = frozenset(["vocabulary", "means", "uses", "apart", "spans", "nodes", "events"])
_NO_NODE, _NO_EVENT, _ADDRESS, _APART = "no-node", "no-event", "address", "apart"
_ROLES: Final = {word: word for word in (_NO_NODE, _NO_EVENT, _ADDRESS, _APART)}


@lru_cache(maxsize=1024)
def days(start: str, end: str, when: str) -> Time:
    """First and last day and the text of a period, of three terms."""
    first, last = widen(plain(start)), widen(plain(end))
    text = plain(when) or _interval(plain(start), plain(end))
    return (first[0] if first else "", last[1] if last else "", text)


def _interval(first: str, last: str) -> str:
    return first if first == last else f"{first or '..'}/{last or '..'}"


class Loader:
    """Lays the answers of one part after another down. ``blank_nodes`` says whether nodes may be blank."""

    def __init__(self, db: sqlite3.Connection, vocabulary: Vocabulary, names: Names, *, blank_nodes: bool) -> None:
        self.db = db
        self.vocabulary = vocabulary
        self.names = names
        self.index = Index()
        self.sources = Sources()
        self.facts = Facts(db, self.index, names, vocabulary, self.sources)
        self.by_graph: dict[str, list[tuple[str, str, str, str]]] = {}
        self._blank_nodes = blank_nodes
        self._means: dict[int, set[str]] = {}
        self._all_means = lru_cache(maxsize=4096)(self._means_of)
        self._kind = lru_cache(maxsize=4096)(self._specific)
        self._apart: set[int] = set()
        self._event_kinds: set[int] = set()
        self._typed = Shelf(db, "INSERT INTO typed VALUES (?, ?, ?, ?)")
        self._given = Shelf(db, "INSERT INTO given VALUES (?, ?, ?)")
        self._edges = Shelf(db, ADD_EDGE)
        self._times = Shelf(db, "INSERT INTO rel_time VALUES (?, ?, ?, ?)")
        self._loose = Shelf(db, "INSERT INTO loose VALUES (?, ?)")
        self._roles = Shelf(db, "INSERT INTO role VALUES (?, ?, ?, ?, ?, ?)")
        self._numbers = Shelf(db, _ADD_NUMBER)
        self._places = Shelf(db, "INSERT OR IGNORE INTO geo VALUES (?, ?, ?, ?, ?)")
        self._shelves = (
            self._typed, self._given, self._edges, self._times, self._loose, self._roles, self._numbers, self._places,
        )  # fmt: skip
        self._parts = {
            "vocabulary": vocabulary.load, "means": self._load_means, "uses": self.facts.use, "apart": self._load_apart,
            "nodes": self._load_nodes, "events": self._load_events, "periods": self._load_periods,
            "spans": self._load_spans, "provenance": self._load_provenance, "labels": self._load_labels,
            "attributes": self._load_attributes, "edges": self._load_edges, "roles": self._load_roles,
            "facts": self.facts.load, "observations": self._load_observations, "geometry": self._load_geometry,
        }  # fmt: skip

    def load(self, part: str, found: Iterable[Row]) -> None:
        """Lay all rows of one query down."""
        self._parts[part](found)
        for shelf in (*self.facts.shelves, *self._shelves):
            shelf.flush()

    def settle(self) -> None:
        """Settle what every described term is; all parts that need to know come after."""
        self._typed.flush()
        nodes, events = Shelf(self.db, _ADD_NODE), Shelf(self.db, _ADD_EVENT)
        for key, rows in groupby(self.db.execute(_TYPED), key=_KEY):
            found = list(rows)
            term = self._only_term(found)
            kinds = tuple(sorted({kind for _, _, kind, _ in found}))
            role = self._role(key, kinds, {event for *_, event in found})
            number = self.index.add(key, role, kinds)
            if role == NODE:
                name = self._named(term)
                nodes.add((key, name, node_id(name), self._kind(kinds), number))
            elif role == EVENT:
                events.add((key, self._named(term), self._kind(kinds), number))
        nodes.flush()
        events.flush()
        self.db.execute("DELETE FROM typed")
        self._settle_given()

    def _settle_given(self) -> None:
        """Relations and weights that the queries of events gave."""
        self._given.flush()
        for key, relation, weight in self.db.execute(_GIVEN).fetchall():
            chosen = self.names[relation] if relation else None
            self.db.execute("UPDATE event SET relation = ?, weight = ? WHERE key = ?", (chosen, weight, key))

    @staticmethod
    def _only_term(found: list[tuple[int, str, int, int]]) -> str:
        first, last = found[0][1], found[-1][1]
        if first != last:
            raise ExportError(f"{first} and {last} have the same hash", hint="run the command again")
        return first

    def _role(self, key: int, kinds: tuple[int, ...], told: set[int]) -> int:
        """What a term of some kinds is; ``told`` by queries of nodes (0), of events (1) or both."""
        means = self._all_means(kinds)
        if key in self._apart or _APART in means or self.sources.holds(key):
            return APART
        if _NO_NODE not in means and 0 in told:
            return NODE
        if _NO_EVENT not in means and (1 in told or not self._event_kinds.isdisjoint(kinds)):
            return EVENT
        return ADDRESS if _ADDRESS in means else MEANS

    def _named(self, term: str) -> str:
        """The IRI of a node or an event; a blank one is refused where the profile does not allow it."""
        if term.startswith("_") and not self._blank_nodes:
            raise ExportError(
                f"a node of this profile is a blank node ({term})",
                hint="give it an IRI, or use a profile that allows blank nodes (raw)",
            )
        return plain(term)

    def _means_of(self, kinds: tuple[int, ...]) -> frozenset[str]:
        return frozenset(role for kind in kinds for role in self._means.get(kind, ()))

    def _specific(self, kinds: tuple[int, ...]) -> int:
        """The number of the most specific of some kinds."""
        return self.names.of_iri(self.vocabulary.most_specific(frozenset(self.names.iris(kinds))))

    def _load_means(self, found: Iterable[Row]) -> None:
        for kind, role in found:
            self._means.setdefault(self.names[kind], set()).add(known(_ROLES, "role", plain(role) or _NO_NODE))

    def _load_apart(self, found: Iterable[Row]) -> None:
        self._apart.update(key_of(term) for (term,) in found)

    def _load_nodes(self, found: Iterable[Row]) -> None:
        for node, kind, start, end, when in found:
            self._typed.add((key_of(node), node, self.names[kind], 0))
            if start or end:
                self.facts.add(node, Piece(times=[days(start, end, when)]))

    def _load_events(self, found: Iterable[Row]) -> None:
        for kind, event, relation, start, end, when, weight in found:
            if not event:
                self._event_kinds.add(self.names[kind])
                continue
            self._typed.add((key_of(event), event, self.names[kind], 1))
            self._given.add((key_of(event), relation or None, number(weight)))
            if start or end or when:
                self.facts.add(event, Piece(times=[days(start, end, when)]))

    def _load_periods(self, found: Iterable[Row]) -> None:
        for period, start, end, when in found:
            self.facts.periods.setdefault(period, []).append(days(start, end, when))
            if when:
                self.facts.dates.setdefault(period, []).append(plain(when))

    def _load_spans(self, found: Iterable[Row]) -> None:
        for span, source in found:
            self.sources.add(span, source)
        self.sources.sort()

    def _load_provenance(self, found: Iterable[Row]) -> None:
        for event, source, span, url, date in found:
            evidence = self.facts.noted((plain(source), plain(span), plain(url), plain(date)))
            known = self.facts.documents.setdefault(source, [])
            if evidence[2:] not in known:
                known.append(evidence[2:])
            self.facts.add(event, Piece(evidence=[evidence]))
            if not self.index.role(key_of(event)):
                self.by_graph.setdefault(plain(event), []).append(evidence)

    def _load_labels(self, found: Iterable[Row]) -> None:
        for node, label, rank in found:
            text = plain(label)
            if is_literal(label) and text.strip():
                self.facts.add(node, Piece([(int(number(rank)), language(label), self.facts.checked(text))]))

    def _load_attributes(self, found: Iterable[Row]) -> None:
        for node, name, value in found:
            lang, kind, text = typed(value)
            self.facts.add(node, Piece(cells=[(self.names[name], lang, kind, self.facts.checked(text))]))

    def _load_edges(self, found: Iterable[Row]) -> None:
        for source, kind, target, event, start, end, when, weight, graph in found:
            ends = self.index.role(key_of(source)), self.index.role(key_of(target))
            if ends == (NODE, NODE):
                self._edge(source, kind, target, event, days(start, end, when), number(weight), graph)
            elif ends in {(NODE, UNKNOWN), (UNKNOWN, NODE)}:
                key = edge_number(plain(source), plain(kind), plain(target), plain(event))
                self._loose.add((plain(target if ends[0] == NODE else source), key))

    def _edge(self, source: str, kind: str, target: str, event: str, time: Time, weight: float, graph: str) -> None:
        symmetric = plain(kind) in self.vocabulary.symmetric
        if symmetric and node_id(plain(source)) > node_id(plain(target)):
            source, target = target, source
        key = edge_number(plain(source), plain(kind), plain(target), plain(event))
        claim, graphs = key_of(event), str(self.names[graph]) if graph else ""
        ends = (key_of(source), self.names[kind], key_of(target))
        self._edges.add((key, *ends, plain(event), weight, claim, claim, int(symmetric), graphs))
        if time[0] or time[1] or time[2].strip("./"):
            self._times.add((key, *time))

    def _load_roles(self, found: Iterable[Row]) -> None:
        for event, role, who, rank, via, incoming in found:
            if self.index.role(key_of(event)) == EVENT:
                ends = key_of(event), int(number(rank)), self.names[role], key_of(who)
                self._roles.add((*ends, plain(via), plain(incoming) == "true"))

    def _load_observations(self, found: Iterable[Row]) -> None:
        for node, indicator, value, unit, variant, start, end, when, rank, claim, written, broken in found:
            _, kind, text = typed(value)
            if kind in {"long", "double"}:
                what = (key_of(node), *map(plain, (indicator, unit, variant)), text)
                how = int(number(rank)), plain(claim), plain(written), plain(broken) == "true"
                self._numbers.add((*what, *days(start, end, when), *how))

    def _load_geometry(self, found: Iterable[Row]) -> None:
        for node, lat, lon, order, place in found:
            where = number(lon, 999), number(lat, 999)
            if abs(where[0]) <= 180 and abs(where[1]) <= 90:
                self._places.add((key_of(node), int(number(order, 0)), plain(place) or plain(node), *where))
