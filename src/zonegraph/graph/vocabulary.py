"""What the ontology in the store says of terms: labels, superclasses, symmetry. Nothing here knows a term by name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from zonegraph.graph.ids import short_name, short_names
from zonegraph.graph.source import Row
from zonegraph.graph.terms import is_literal, language, plain
from zonegraph.names import local_name

#: Label ranks from here on are other names, used only when no proper label exists in any language.
OTHER_NAME: Final = 3
_NO_SLOT: Final = 900
_LISTS: Final = ("_labels", "_parents", "_templates")
Label = tuple[int, str, str]


class Vocabulary:
    """Terms of the ontology and the code lists, as the ``vocabulary`` queries of a profile found them."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = tuple(languages)
        self._labels: dict[str, set[Label]] = {}
        self._parents: dict[str, set[str]] = {}
        self._schemes: dict[str, str] = {}
        self._templates: dict[str, set[str]] = {}
        self.symmetric: set[str] = set()
        self.most_specific = lru_cache(maxsize=4096)(self._most_specific)
        self.slot_rank = lru_cache(maxsize=4096)(self._slot_rank)
        self.label = lru_cache(maxsize=4096)(self._label)
        self.name = lru_cache(maxsize=4096)(self._name)
        self.ancestors = lru_cache(maxsize=4096)(self._ancestors)
        self.remark = lru_cache(maxsize=4096)(self._remark)

    def load(self, found: Iterable[Row]) -> None:
        """Take in the rows of one query."""
        for term, label, parent, symmetric, scheme, template in found:
            iri = plain(term)
            if is_literal(label):
                self._labels.setdefault(iri, set()).add((1, language(label), plain(label)))
            if parent and parent != term:
                self._parents.setdefault(iri, set()).add(plain(parent))
            if template:
                self._templates.setdefault(iri, set()).add(plain(template))
            if plain(symmetric) == "true":
                self.symmetric.add(iri)
            if scheme:
                self._schemes[iri] = min(plain(scheme), self._schemes.get(iri, plain(scheme)))

    def as_data(self) -> Mapping[str, Any]:
        """Everything as plain lists, always in the same order."""
        lists = {name: {iri: sorted(found) for iri, found in sorted(getattr(self, name).items())} for name in _LISTS}
        return {**lists, "_schemes": dict(sorted(self._schemes.items())), "symmetric": sorted(self.symmetric)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any], languages: Sequence[str]) -> Vocabulary:
        """The same vocabulary, for other languages."""
        made = cls(languages)
        for name in (*_LISTS, "_schemes"):
            getattr(made, name).update(data[name])
        made.symmetric = set(data["symmetric"])
        return made

    @property
    def codes(self) -> Iterable[str]:
        """The members of code lists."""
        return self._schemes.keys()

    def _name(self, iri: str) -> str:
        """The short name of a term; a code loses the name of its list (``relation-kind-attracted``: ``attracted``)."""
        name = short_name(iri)
        scheme = self._schemes.get(iri)
        return name.removeprefix(short_name(scheme) + "-") if scheme else name

    def names(self, iris: Iterable[str], taken: frozenset[str] = frozenset()) -> dict[str, str]:
        """Distinct short names for several terms."""
        return short_names(iris, self.name, taken)

    def _label(self, iri: str) -> str:
        """The term's label in the first language that has one, or nothing."""
        return best_label(self._labels.get(iri, ()), self.languages)

    def _remark(self, text: str) -> str:
        """The label of a claim that stands in an attribute (see `pieces.REMARK`)."""
        return best_label([(rank, tag, label) for rank, tag, label in json.loads(text)], self.languages)

    def _ancestors(self, iri: str) -> frozenset[str]:
        """Everything above a term, without itself."""
        seen: set[str] = set()
        todo = list(self._parents.get(iri, ()))
        while todo:
            parent = todo.pop()
            if parent not in seen:
                seen.add(parent)
                todo.extend(self._parents.get(parent, ()))
        return frozenset(seen - {iri})

    def _most_specific(self, kinds: frozenset[str]) -> str:
        """The kind that no other one lies below; of several, the first by IRI. Equivalent kinds count as one."""
        lowest = [k for k in kinds if not any(self._below(other, k) for other in kinds if other != k)]
        return min(lowest or kinds)

    def _slot_rank(self, kinds: tuple[str, ...], role: str) -> int:
        """Where a role stands in the label templates of the kinds: the earliest place, or 900."""
        slot = "{" + local_name(role) + "}"
        templates = (text for kind in kinds for text in self._templates.get(kind, ()))
        return min((text.find(slot) for text in templates if slot in text), default=_NO_SLOT)

    def _below(self, kind: str, other: str) -> bool:
        return other in self.ancestors(kind) and kind not in self.ancestors(other)

    def wider(self, kinds: Iterable[str]) -> frozenset[str]:
        """The kinds and everything above them."""
        result = set(kinds)
        for kind in tuple(result):
            result |= self.ancestors(kind)
        return frozenset(result)


def best_label(labels: Iterable[Label], languages: Sequence[str]) -> str:
    """BCP 47 lookup over an ordered list; proper labels in any language go before other names. Stable."""
    known = sorted(labels)
    proper = [label for label in known if label[0] < OTHER_NAME]
    for candidates in (proper, known):
        for wanted in languages:
            for _, tag, text in candidates:
                if tag == wanted or (wanted and tag.startswith(wanted + "-")):
                    return text
        if candidates:
            return candidates[0][2]
    return ""
