"""The annotations of a CAS as records: our own layers exactly, any other layer as far as it goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import orjson

from zonegraph.seeds.formats.common import Draft, only_known
from zonegraph.seeds.records import Seed, Span

_MENTION: Final = "webanno.custom.ZonegraphMention"
_EVENT: Final = "webanno.custom.ZonegraphEvent"
# tokens, sentences and bookkeeping of the annotation tool say nothing about the document
_TECHNICAL: Final = (
    "uima.tcas.DocumentAnnotation",
    "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.",
    "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.",
    "de.tudarmstadt.ukp.clarin.webanno.api.type.",
    "org.dkpro.core.api.xml.type.",
)
_KIND_FEATURES: Final = ("kind", "value", "label", "category")
_BOOKKEEPING: Final = frozenset({"begin", "end", "sofa", "identifier", "order", *_KIND_FEATURES})
_MENTION_KEYS: Final = ("value", "attrs", "by", "conf", "note")
_EVENT_KEYS: Final = ("attrs", "basis", "by", "conf", "note")


class Reader:
    """One CAS to one seed."""

    def __init__(self, draft: Draft, cas: Any) -> None:
        self.draft = draft
        self.cas = cas
        self.ids: dict[int, str] = {}
        self.left: Counter[str] = Counter()

    def run(self) -> Seed:
        """Mentions, then whatever refers to them."""
        relations: list[Any] = []
        events: list[Any] = []
        pieces: dict[str, list[Any]] = {}
        for structure in self.cas.select_all_fs():
            name = structure.type.name
            if name == _EVENT:
                events.append(structure)
            elif name == _MENTION:
                pieces.setdefault(self._own_id(structure, pieces), []).append(structure)
            elif _has(structure, "Governor") and _has(structure, "Dependent"):
                relations.append(structure)
            elif not name.startswith(_TECHNICAL):
                self._foreign(structure)
        self._mentions(pieces)
        self._events(events)
        for relation in relations:
            self._relation(relation)
        for name, count in sorted(self.left.items()):
            self.draft.lost("layer-left-out", f"{count} of {name} mark no characters", "add them by hand")
        return self.draft.seed()

    def _own_id(self, structure: Any, known: dict[str, list[Any]]) -> str:
        """The id it carries; copies made in a tool share it and are told apart by their piece."""
        wanted = structure.identifier or ""
        same = known.get(wanted, [])
        if wanted and not any((s.piece or 0) == (structure.piece or 0) for s in same):
            return str(wanted)
        return f"+{structure.xmiID}"

    def _mentions(self, pieces: dict[str, list[Any]]) -> None:
        for identifier, structures in pieces.items():
            structures.sort(key=lambda s: s.begin)
            made = self.draft.new_id(identifier, "T")
            first = next((s for s in structures if not s.piece), structures[0])
            self.ids.update({s.xmiID: made for s in structures})
            spans: list[Span] = [(s.begin, s.end) for s in structures]
            fields = only_known(_loaded(first.record), _MENTION_KEYS)
            self.draft.mention(made, first.kind or "", spans, ref=first.ref or "", **fields)

    def _events(self, events: list[Any]) -> None:
        for event in events:
            self.ids[event.xmiID] = self.draft.new_id(event.identifier or "", "E")
            # the id is taken from here on; the arguments follow when all ids are known
            self.draft.reserve(self.ids[event.xmiID])
        for event in events:
            args: dict[str, list[str]] = {}
            for link in _elements(event.arguments):
                args.setdefault(link.role or "", []).append(self._target(link))
            trigger = [self._target(link) for link in _elements(event.triggers)]
            fields = only_known(_loaded(event.record), _EVENT_KEYS)
            made = self.ids[event.xmiID]
            self.draft.event(made, event.kind or "", args, trigger=trigger, ref=event.ref or "", **fields)

    def _target(self, link: Any) -> str:
        if link.target is None:
            return str(link.iri or "")
        return self.ids.get(link.target.xmiID, f"#{link.target.xmiID}")

    def _foreign(self, structure: Any) -> None:
        """An annotation of a layer that is not ours: its value is the type, its identifier the reference."""
        if not _has(structure, "begin") or structure.begin is None or structure.begin >= structure.end:
            self.left[structure.type.name] += 1
            return
        made = self.draft.new_id("", "T")
        self.ids[structure.xmiID] = made
        said = {f.name: getattr(structure, f.name, None) for f in structure.type.all_features}
        kind = _kind(said, structure.type.name)
        attrs = {k: v for k, v in said.items() if k not in _BOOKKEEPING and isinstance(v, str | int | bool)}
        for name, value in said.items():
            if name not in attrs and name not in _BOOKKEEPING and value is not None:
                self.draft.lost("feature-left-out", f"{name!r} is not carried", "add it by hand", of=made)
        ref = str(said.get("identifier") or "")
        self.draft.mention(made, kind, [(structure.begin, structure.end)], ref=ref, attrs=attrs)

    def _relation(self, relation: Any) -> None:
        """An arc between two annotations: a statement, its value the property."""
        ends = [getattr(relation, name) for name in ("Governor", "Dependent")]
        names = [self.ids.get(end.xmiID, f"#{end.xmiID}") if end is not None else "" for end in ends]
        said = {name: getattr(relation, name, None) for name in _KIND_FEATURES}
        kind = _kind(said, relation.type.name)
        args = {"subject": [names[0]], "object": [names[1]]}
        self.draft.event(self.draft.new_id("", "E"), kind, args)


def _kind(said: Mapping[str, Any], layer: str) -> str:
    """What a foreign annotation says it is, else the name of its layer."""
    return next((str(said[k]) for k in _KIND_FEATURES if said.get(k)), layer.rsplit(".", 1)[-1])


def _has(structure: Any, feature: str) -> bool:
    return structure.type.get_feature(feature) is not None


def _elements(array: Any) -> list[Any]:
    """The members of an array, whichever way the reader gives it."""
    return list(getattr(array, "elements", array) or []) if array is not None else []


def _loaded(text: object) -> Any:
    try:
        return orjson.loads(text) if isinstance(text, str) else None
    except orjson.JSONDecodeError:
        return None
