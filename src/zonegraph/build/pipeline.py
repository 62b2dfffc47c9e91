"""Build: compile, convert, load, derive, infer, index, publish. A killed build leaves what is served untouched."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from zonegraph.convert.runner import Conversion, convert_folder
from zonegraph.errors import SeedError, StoreError, UsageError
from zonegraph.names import GRAPH_EXTERNAL, GRAPH_ONTOLOGY, GRAPH_REGISTRY
from zonegraph.plan import Plan, Sources, as_lines, compile_plan, read_all, with_labels
from zonegraph.seeds import Finding
from zonegraph.store import ReadStore, StoreDir, Version, VersionWriter

log = logging.getLogger(__name__)

#: Changes whenever the same inputs would give another version.
PIPELINE: Final = "1"
ON_ERROR: Final = ("reject", "warn", "abort")

#: A stage after loading: gets the writer, changes or reads the staged graph, returns facts for version.json.
Stage = Callable[[VersionWriter], dict[str, Any]]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What to build from, and how."""

    store: Path
    seeds: Path
    ontology: Path
    workers: int = 1
    engine: str = "local"
    scheduler: str = ""
    full: bool = False
    on_error: str = "reject"
    stages: Sequence[tuple[str, Stage]] = ()

    def __post_init__(self) -> None:
        if self.on_error not in ON_ERROR:
            raise UsageError(f"{self.on_error!r} is no policy", hint=f"use {', '.join(ON_ERROR)}")


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did: the version that is served now, and whether anything had to be done."""

    version: Version
    changed: bool
    documents: int
    converted: int
    records_in: int
    emitted: int
    findings: tuple[Finding, ...]

    @property
    def rejects(self) -> tuple[Finding, ...]:
        """One finding for each lost record."""
        return tuple(f for f in self.findings if f.severity == "error")


def build(options: BuildOptions, progress: Progress | None = None) -> BuildReport:
    """Build and publish.

    Raises `SeedError` when records were rejected and the policy is ``abort``, `OntologyError` for a broken
    vocabulary, `StoreError` when the store cannot be written; then nothing is published.
    """
    tell = progress or _silent
    store = StoreDir(options.store)
    with store.lock():
        store.sweep()
        sources = Sources.from_dirs(options.ontology, options.seeds)
        tell("compile", 0, 1)
        plan = compile_plan(sources)
        conversion = _convert(options, plan, store, tell)
        if options.on_error == "abort" and conversion.rejects:
            raise SeedError(
                f"{len(conversion.rejects)} records were rejected, first: {conversion.rejects[0]}",
                hint="mend them, or build with --on-error reject",
            )
        key = _inputs_key(options, sources, conversion)
        known = None if options.full else _published(store, key)
        version = known or _make_version(options, store, sources, conversion, key, tell)
        if known is None:
            store.publish(version)
    return _report(version, conversion, changed=known is None)


def _silent(stage: str, done: int, total: int) -> None:
    """Nobody is watching."""


def _convert(options: BuildOptions, plan: Plan, store: StoreDir, tell: Progress) -> Conversion:
    return convert_folder(
        plan,
        options.seeds,
        store.path / "work" / "shards",
        workers=options.workers,
        engine=options.engine,
        scheduler=options.scheduler,
        fresh=options.full,
        progress=lambda done, total: tell("convert", done, total),
    )


def _inputs_key(options: BuildOptions, sources: Sources, conversion: Conversion) -> str:
    digest = hashlib.sha256(f"{PIPELINE}\0{sources.digest()}".encode())
    for name, stage in options.stages:
        digest.update(f"{name}={getattr(stage, 'key', '')}\0".encode())
    for receipt in conversion.receipts:
        digest.update(f"{receipt.name}={receipt.sha256}\0".encode())
    return digest.hexdigest()


def _published(store: StoreDir, key: str) -> Version | None:
    if not store.exists():
        return None
    try:
        version = store.current()
    except StoreError:
        # a damaged version is a reason to build, not to stop
        return None
    return version if version.extra.get("inputs") == key else None


def _make_version(
    options: BuildOptions, store: StoreDir, sources: Sources, conversion: Conversion, key: str, tell: Progress
) -> Version:
    extra: dict[str, Any] = {"inputs": key, "documents": _documents(conversion)}
    with VersionWriter(store) as writer:
        for number, lines in enumerate(vocabulary(sources)):
            tell("vocabulary", number, 3)
            writer.load_lines(lines)
        shards = list(conversion.shards())
        for number, path in enumerate(shards, start=1):
            writer.load_bytes(path.read_bytes())
            tell("load", number, len(shards))
        for number, (name, stage) in enumerate(options.stages):
            tell(name, number, len(options.stages))
            extra.update(stage(writer))
        tell("publish", 0, 1)
        return writer.finish(extra)


def vocabulary(sources: Sources) -> Iterator[list[str]]:
    """N-Quads lines of the three graphs that come from Turtle files: ontology, registry, external."""
    groups = (
        (sources.ontology, GRAPH_ONTOLOGY),
        (sources.registry, GRAPH_REGISTRY),
        (sources.external, GRAPH_EXTERNAL),
    )
    for paths, graph in groups:
        yield list(as_lines(with_labels(read_all(paths)), graph))


def staged(writer: VersionWriter) -> ReadStore:
    """A handle on the graph in the making, for stages that only ask."""
    return ReadStore(writer.store)


def _documents(conversion: Conversion) -> int:
    return sum(len(receipt.graphs) for receipt in conversion.receipts)


def _report(version: Version, conversion: Conversion, *, changed: bool) -> BuildReport:
    return BuildReport(
        version=version,
        changed=changed,
        documents=_documents(conversion),
        converted=conversion.made,
        records_in=conversion.records_in,
        emitted=conversion.emitted,
        findings=conversion.findings,
    )
