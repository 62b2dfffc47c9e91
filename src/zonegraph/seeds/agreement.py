"""Agreement of two annotators of one text: spans, types, roles, values. Pure; standard library only.

Mentions are matched by equal spans (same types first), then by overlap; events by type and shared arguments.
The result holds counts and ratios only, no characters of the text.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from zonegraph.errors import UsageError, Where
from zonegraph.seeds.fmt import natural
from zonegraph.seeds.records import Event, Mention, Seed

Pairs = dict[str, str]


@dataclass(frozen=True, slots=True)
class Score:
    """How many items both have, and how many each has; ratios are 1 where neither has any."""

    both: int
    left: int
    right: int

    @property
    def precision(self) -> float:
        """The share of the right-hand items that the left has too."""
        return self.both / self.right if self.right else float(not self.left)

    @property
    def recall(self) -> float:
        """The share of the left-hand items that the right has too."""
        return self.both / self.left if self.left else float(not self.right)

    @property
    def f1(self) -> float:
        """The harmonic mean of both; symmetric."""
        total = self.left + self.right
        return 2 * self.both / total if total else 1.0

    def as_dict(self) -> dict[str, float | int]:
        """Counts and ratios, rounded to four places."""
        ratios = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        return {**asdict(self), **{name: round(value, 4) for name, value in ratios.items()}}


@dataclass(frozen=True, slots=True)
class Agreement:
    """All measures of two seeds of one text.

    ``spans_exact`` and ``spans_overlap`` leave types aside; ``spans_typed`` wants equal spans and types.
    ``type_kappa`` is Cohen's, over mentions with equal spans, ``None`` where there are none. ``refs`` and
    ``values`` count matched mentions of which at least one says which thing, or which value, it is.
    """

    document: str
    left: str
    right: str
    spans_exact: Score
    spans_typed: Score
    spans_overlap: Score
    type_kappa: float | None
    type_pairs: int
    refs: Score
    values: Score
    events: Score
    roles: Score
    attributes: Score

    def scores(self) -> Iterator[tuple[str, Score]]:
        """Each F1 measure with its name."""
        for name in ("spans_exact", "spans_typed", "spans_overlap", "refs", "values", "events", "roles", "attributes"):
            yield name, getattr(self, name)

    def as_dict(self) -> dict[str, Any]:
        """The result as JSON."""
        head = {"document": self.document, "left": self.left, "right": self.right}
        kappa = None if self.type_kappa is None else round(self.type_kappa, 4)
        scores = {name: score.as_dict() for name, score in self.scores()}
        return {**head, **scores, "type_kappa": kappa, "type_pairs": self.type_pairs}

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Measure, F1 or kappa, precision, recall, both, left, right."""
        for name, s in self.scores():
            ratios = (f"{value:.3f}" for value in (s.f1, s.precision, s.recall))
            yield (name, *ratios, str(s.both), str(s.left), str(s.right))
        kappa = "-" if self.type_kappa is None else f"{self.type_kappa:.3f}"
        yield ("type_kappa", kappa, "", "", str(self.type_pairs), "", "")


def agreement(left: Seed, right: Seed) -> Agreement:
    """Compare two seeds; raises `UsageError` when they are about different texts or have no header."""
    digests = [seed.document.sha256 if seed.document else "" for seed in (left, right)]
    if digests[0] != digests[1] or not digests[0]:
        raise UsageError(
            f"{left.file} and {right.file} are about different texts",
            where=Where(file=right.file),
            hint="compare two annotations of the same bytes",
        )
    exact = _match_exact(left.mentions, right.mentions)
    overlap = {**exact, **_match_overlap(left.mentions, right.mentions, exact)}
    ours, theirs = {m.id: m for m in left.mentions}, {m.id: m for m in right.mentions}
    kinds = [(ours[a].type, theirs[b].type) for a, b in exact.items()]
    events = _match_events(left.events, right.events, overlap)
    return Agreement(
        document=left.id,
        left=left.file,
        right=right.file,
        spans_exact=Score(len(exact), len(ours), len(theirs)),
        spans_typed=Score(sum(a == b for a, b in kinds), len(ours), len(theirs)),
        spans_overlap=Score(len(overlap), len(ours), len(theirs)),
        type_kappa=cohen_kappa(kinds),
        type_pairs=len(kinds),
        refs=_said([(ours[a].ref, theirs[b].ref) for a, b in overlap.items()]),
        values=_said([(_value(ours[a]), _value(theirs[b])) for a, b in overlap.items()]),
        events=Score(len(events), len(left.events), len(right.events)),
        roles=_roles(left.events, right.events, {**overlap, **events}),
        attributes=_attributes(left.events, right.events, events),
    )


def cohen_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Agreement beyond chance; 1 when both always say the same one thing, ``None`` without pairs."""
    total = len(pairs)
    if not total:
        return None
    observed = sum(a == b for a, b in pairs) / total
    left, right = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(left[kind] * right[kind] for kind in left) / total**2
    return 1.0 if chance == 1 else (observed - chance) / (1 - chance)


def _match_exact(left: Iterable[Mention], right: Iterable[Mention]) -> Pairs:
    """One to one by equal spans; of several at one place, those of one type find each other first."""
    places: dict[Hashable, list[Mention]] = defaultdict(list)
    for mention in sorted(right, key=lambda m: natural(m.id)):
        places[mention.spans].append(mention)
    pairs: Pairs = {}
    ours = sorted(left, key=lambda m: natural(m.id))
    for same_type in (True, False):
        for mention in ours:
            waiting = places[mention.spans] if mention.id not in pairs else []
            other = next((o for o in waiting if o.type == mention.type or not same_type), None)
            if other is not None:
                waiting.remove(other)
                pairs[mention.id] = other.id
    return pairs


def _match_overlap(left: Sequence[Mention], right: Sequence[Mention], exact: Pairs) -> Pairs:
    """The rest one to one, most common characters first."""
    taken = set(exact.values())
    ours = [m for m in left if m.id not in exact]
    theirs = sorted((m for m in right if m.id not in taken), key=lambda m: m.begin)
    meets = [
        (-shared, a.type != b.type, natural(a.id), natural(b.id), a.id, b.id)
        for a in ours
        for b in theirs
        if b.begin < a.end and a.begin < b.end and (shared := _shared(a, b))
    ]
    return _greedy((a, b) for *_, a, b in sorted(meets))


def _shared(one: Mention, other: Mention) -> int:
    return sum(max(0, min(e, f) - max(b, c)) for b, e in one.spans for c, f in other.spans)


def _greedy(candidates: Iterable[tuple[str, str]]) -> Pairs:
    pairs: Pairs = {}
    taken: set[str] = set()
    for a, b in candidates:
        if a not in pairs and b not in taken:
            pairs[a] = b
            taken.add(b)
    return pairs


def _match_events(left: Sequence[Event], right: Sequence[Event], mentions: Pairs) -> Pairs:
    """One to one within a type, by shared arguments and triggers; twice, so that events among arguments count."""
    pairs: Pairs = {}
    for _ in range(2):
        known = {**mentions, **pairs}
        ours = {e.id: _features(e, known) for e in left}
        theirs = {e.id: _features(e, None) for e in right}
        scored = [
            (-_jaccard(ours[a.id], theirs[b.id]), natural(a.id), natural(b.id), a.id, b.id)
            for a in left
            for b in right
            if a.type == b.type and ours[a.id] & theirs[b.id]
        ]
        pairs = _greedy((a, b) for *_, a, b in sorted(scored))
    return pairs


def _features(event: Event, names: Mapping[str, str] | None) -> frozenset[tuple[str, str]]:
    """Role and filler pairs, fillers named as the other annotator names them; unmatched ones never agree."""
    pairs = [(role, i) for role, ids in event.args.items() for i in ids] + [("", i) for i in event.trigger]
    return frozenset((role, _name(i, names)) for role, i in pairs)


def _name(identifier: str, names: Mapping[str, str] | None) -> str:
    if identifier.startswith("@") or names is None:
        return identifier
    return names.get(identifier, f"?{identifier}")


def _jaccard(one: frozenset[Any], other: frozenset[Any]) -> float:
    return len(one & other) / len(one | other)


def _roles(left: Sequence[Event], right: Sequence[Event], pairs: Pairs) -> Score:
    """Event, role and filler triples: equal when events and fillers are matched and the roles are the same."""
    ours = {(pairs.get(e.id, f"?{e.id}"), *f) for e in left for f in _features(e, pairs) if f[0]}
    theirs = {(e.id, *f) for e in right for f in _features(e, None) if f[0]}
    return Score(len(ours & theirs), len(ours), len(theirs))


def _attributes(left: Sequence[Event], right: Sequence[Event], pairs: Pairs) -> Score:
    """Attributes and basis of matched events."""
    theirs = {event.id: _stated(event) for event in right}
    matched = [(_stated(event), theirs[pairs[event.id]]) for event in left if event.id in pairs]
    both = sum(len(a & b) for a, b in matched)
    return Score(both, sum(len(a) for a, _ in matched), sum(len(b) for _, b in matched))


def _stated(event: Event) -> set[tuple[str, str]]:
    return {(name, repr(value)) for name, values in event.attrs.items() for value in values} | {("basis", event.basis)}


def _value(mention: Mention) -> str:
    return repr(sorted(mention.value.items())) if mention.value else ""


def _said(pairs: Iterable[tuple[str, str]]) -> Score:
    """Among matched mentions: who says something, and where both say the same."""
    listed = list(pairs)
    both = sum(bool(a) and a == b for a, b in listed)
    return Score(both, sum(bool(a) for a, _ in listed), sum(bool(b) for _, b in listed))
