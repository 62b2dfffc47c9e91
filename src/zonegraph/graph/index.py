"""What stands behind an IRI: a node, an event, something that says things, or nothing known. Small whatever the graph.

Terms are known by the 64 bits of their hash: sorted in an array that is eight bytes a term, not in a dictionary of
texts. Two described things of the same hash would be taken for one, so the loader looks for that.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left

#: What the projection makes of a term: nothing is known of it; a node; an event; something that only says things of
#: others (a number, a stop, a statement); an address that stands in an attribute as it is (a document, an outside
#: source); something that is not even mentioned (terms of the ontology, spans, dates).
UNKNOWN, NODE, EVENT, MEANS, ADDRESS, APART = range(6)


def key_of(term: str) -> int:
    """The key of a term (with its brackets) while the program runs; nothing has the key 0."""
    return hash(term) if term else 0


class Index:
    """Role and kinds of every described term, by its key."""

    def __init__(self) -> None:
        self._keys = array("q")
        self._roles = bytearray()
        self._sets = array("I")
        self.kind_sets: list[tuple[int, ...]] = []
        self._numbers: dict[tuple[int, ...], int] = {}

    def add(self, key: int, role: int, kinds: tuple[int, ...]) -> int:
        """Take in the next term, in order of keys; the number of its set of kinds."""
        number = self._numbers.setdefault(kinds, len(self.kind_sets))
        if number == len(self.kind_sets):
            self.kind_sets.append(kinds)
        self._keys.append(key)
        self._roles.append(role)
        self._sets.append(number)
        return number

    def role(self, key: int) -> int:
        """What the term is."""
        place = bisect_left(self._keys, key)
        if place < len(self._keys) and self._keys[place] == key:
            return self._roles[place]
        return UNKNOWN

    def kinds(self, key: int) -> tuple[int, ...]:
        """The kinds of a described term."""
        place = bisect_left(self._keys, key)
        return self.kind_sets[self._sets[place]]


class Sources:
    """Which document each text span lies in: twelve bytes a span."""

    def __init__(self) -> None:
        self._keys = array("q")
        self._documents = array("i")
        self._names: list[str] = []
        self._numbers: dict[str, int] = {}

    def add(self, span: str, document: str) -> None:
        """Take in a span; `sort` must follow before anything is asked."""
        number = self._numbers.setdefault(document, len(self._names))
        if number == len(self._names):
            self._names.append(document)
        self._keys.append(key_of(span))
        self._documents.append(number)

    def sort(self) -> None:
        """Bring all spans into order."""
        order = sorted(range(len(self._keys)), key=self._keys.__getitem__)
        self._keys = array("q", map(self._keys.__getitem__, order))
        self._documents = array("i", map(self._documents.__getitem__, order))

    def holds(self, key: int) -> bool:
        """Whether the term of this key is a span."""
        place = bisect_left(self._keys, key)
        return place < len(self._keys) and self._keys[place] == key

    def of(self, span: str) -> list[str]:
        """The documents that hold this span: one, in sound data."""
        key = key_of(span)
        place = bisect_left(self._keys, key)
        found = []
        while place < len(self._keys) and self._keys[place] == key:
            found.append(self._names[self._documents[place]])
            place += 1
        return found
