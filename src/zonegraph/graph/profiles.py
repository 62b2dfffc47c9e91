"""Profiles: folders of SPARQL files that say what is a node, an edge, a label, an attribute.

A folder needs ``nodes.rq`` and ``edges.rq``; every other part is optional, and a part may be spread over several
files (``edges-direct.rq``, ``edges-statements.rq``). ``labels`` and ``vocabulary`` come from the ``shared`` folder
where a profile has none of its own. Adding a folder adds a profile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zonegraph.errors import ExportError, UsageError, Where
from zonegraph.resources import data_dir

#: Part of a profile to the variables that its queries must select (others are optional).
PARTS: Final[dict[str, tuple[str, ...]]] = {
    "vocabulary": ("term",),
    "means": ("kind",),
    "uses": ("name", "use"),
    "apart": ("node",),
    "spans": ("span", "source"),
    "nodes": ("node", "kind"),
    "events": ("kind",),
    "periods": ("period",),
    "provenance": ("event", "source"),
    "labels": ("node", "label"),
    "attributes": ("node", "name", "value"),
    "edges": ("source", "kind", "target"),
    "roles": ("event", "role", "participant"),
    "facts": ("node", "name", "value"),
    "observations": ("node", "indicator", "value"),
    "geometry": ("node", "lat", "long"),
}
#: Variables that a part may select as well; anything else in a query is a mistake worth a word.
OPTIONAL: Final[dict[str, tuple[str, ...]]] = {
    "vocabulary": ("label", "parent", "symmetric", "scheme", "template"),
    "means": ("role",),
    "uses": ("rank",),
    "apart": (),
    "spans": (),
    "nodes": ("start", "end", "when"),
    "events": ("event", "relation", "start", "end", "when", "weight"),
    "periods": ("start", "end", "when"),
    "provenance": ("span", "url", "date"),
    "labels": ("rank",),
    "attributes": (),
    "edges": ("event", "start", "end", "when", "weight", "graph"),
    "roles": ("rank", "via", "incoming"),
    "facts": ("graph",),
    "observations": ("unit", "variant", "start", "end", "when", "rank", "claim", "written", "broken"),
    "geometry": ("order", "place"),
}
_REQUIRED: Final = ("nodes", "edges")
_SHARED: Final = ("labels", "vocabulary")
_COMMON: Final = "shared"


@dataclass(frozen=True, slots=True)
class QueryFile:
    """One query of a profile: the part it belongs to, where it lies, its text."""

    part: str
    path: Path
    text: str

    def check(self, variables: tuple[str, ...]) -> None:
        """Raise `ExportError` unless the query selects what its part needs and nothing unknown."""
        where = Where(file=self.path.name)
        missing = [name for name in PARTS[self.part] if name not in variables]
        if missing:
            raise ExportError(f"{self.part} needs the variable ?{missing[0]}", where=where, hint="add it to SELECT")
        unknown = sorted(set(variables) - set(PARTS[self.part]) - set(OPTIONAL[self.part]))
        if unknown:
            known = ", ".join(f"?{name}" for name in PARTS[self.part] + OPTIONAL[self.part])
            raise ExportError(f"{self.part} knows no variable ?{unknown[0]}", where=where, hint=f"known: {known}")


@dataclass(frozen=True, slots=True)
class Profile:
    """A loaded profile: its name and the queries of each part, in file name order."""

    name: str
    queries: Mapping[str, tuple[QueryFile, ...]]

    def files(self) -> Iterator[QueryFile]:
        """All queries, part by part in the order in which they are run."""
        for part in PARTS:
            yield from self.queries.get(part, ())


def profile_names(folder: Path | None = None) -> tuple[str, ...]:
    """The names of the profiles at hand: folders with a ``nodes`` query."""
    root = folder or data_dir("queries") / "export"
    return tuple(sorted(path.name for path in root.iterdir() if path.is_dir() and any(path.glob("nodes*.rq"))))


def load_profile(name: str, folder: Path | None = None) -> Profile:
    """The profile of that name, or in that path; raises `UsageError` when there is none or it is incomplete."""
    root = folder or data_dir("queries") / "export"
    place = root / name if "/" not in name else Path(name)
    if not place.is_dir():
        raise UsageError(f"no profile {name!r}", hint=f"known: {', '.join(profile_names(root))}")
    queries = {part: _read(place, part) for part in PARTS}
    for part in _REQUIRED:
        if not queries[part]:
            raise UsageError(f"the profile {name!r} has no {part}.rq", where=Where(file=str(place)))
    shared = root / _COMMON if (root / _COMMON).is_dir() else data_dir("queries") / "export" / _COMMON
    for part in _SHARED:
        queries[part] = queries[part] or _read(shared, part)
    _refuse_strangers(place)
    return Profile(place.name, queries)


def _part_of(path: Path) -> str:
    return path.stem.split("-", 1)[0]


def _read(folder: Path, part: str) -> tuple[QueryFile, ...]:
    paths = sorted(path for path in folder.glob(f"{part}*.rq") if _part_of(path) == part)
    return tuple(QueryFile(part, path, path.read_text(encoding="utf-8")) for path in paths)


def _refuse_strangers(folder: Path) -> None:
    strange = sorted(path.name for path in folder.glob("*.rq") if _part_of(path) not in PARTS)
    if strange:
        raise UsageError(
            f"{strange[0]} belongs to no part of a profile",
            where=Where(file=str(folder)),
            hint=f"parts: {', '.join(PARTS)}",
        )
