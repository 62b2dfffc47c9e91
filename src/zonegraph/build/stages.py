"""The stages after loading, in order: what each adds to the version in the making."""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zonegraph.build.pipeline import Stage, staged
from zonegraph.derive import derive_store
from zonegraph.discovery import VOID_NAME, write_statistics
from zonegraph.errors import ExportError
from zonegraph.graph import DEFAULT_PROFILE, Profile, load_profile, made_for, prepare, prepared_name
from zonegraph.reason import infer_store
from zonegraph.search import INDEX_NAME, build_index
from zonegraph.store import VersionWriter

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Derive:
    """Claims that follow by arithmetic, in their own graph."""

    queries: Path

    @property
    def key(self) -> str:
        """What the result depends on besides the data."""
        return folder_digest(self.queries / "derive", "*.rq")

    def __call__(self, writer: VersionWriter) -> dict[str, Any]:
        """Fill the graph of derived claims."""
        return {"derived": derive_store(writer.store, self.queries)}


@dataclass(frozen=True, slots=True)
class Infer:
    """Triples that follow by the ontology's axioms, in their own graph."""

    ontology: Path
    key: str = "1"

    def __call__(self, writer: VersionWriter) -> dict[str, Any]:
        """Fill the graph of inferred triples; contradictions are counted here and shown by `validate`."""
        cache = closure_cache(writer.path.parent.parent)
        adopt_closures(self.ontology, cache)
        result = infer_store(writer.store, cache_dir=cache)
        return {"inferred": len(result.triples), "clashes": len(result.findings)}


@dataclass(frozen=True, slots=True)
class Index:
    """The index of names."""

    key: str = "1"

    def __call__(self, writer: VersionWriter) -> dict[str, Any]:
        """Write the index beside the data."""
        return {"names": build_index(staged(writer), writer.path / INDEX_NAME)}


@dataclass(frozen=True, slots=True)
class Describe:
    """The statistics that the service description shows."""

    key: str = "1"

    def __call__(self, writer: VersionWriter) -> dict[str, Any]:
        """Write them beside the data."""
        return {"described": write_statistics(staged(writer), writer.path / VOID_NAME)}


@dataclass(frozen=True, slots=True)
class Draw:
    """The graph that exports write out, as the default profile draws it."""

    queries: Path

    @property
    def key(self) -> str:
        """What the result depends on besides the data."""
        return made_for(self._profile())

    def _profile(self) -> Profile:
        return load_profile(DEFAULT_PROFILE, self.queries / "export")

    def __call__(self, writer: VersionWriter) -> dict[str, Any]:
        """Write it beside the data. What cannot be drawn is no reason to publish nothing: an export says so again."""
        profile = self._profile()
        path = writer.path / prepared_name(profile)
        try:
            return {"drawn": prepare(staged(writer), profile, path)}
        except ExportError as error:
            path.unlink(missing_ok=True)
            log.warning("the graph cannot be exported as it is: %s", error)
            return {"drawn": 0}


def default_stages(ontology: Path, queries: Path, *, infer: bool = True) -> Sequence[tuple[str, Stage]]:
    """Derive, infer, index, describe, draw."""
    reasoning: tuple[tuple[str, Stage], ...] = (("infer", Infer(ontology)),) if infer else ()
    has_profile = (queries / "export" / DEFAULT_PROFILE).is_dir()
    drawing: tuple[tuple[str, Stage], ...] = (("draw", Draw(queries)),) if has_profile else ()
    return (("derive", Derive(queries)), *reasoning, ("index", Index()), ("describe", Describe()), *drawing)


def closure_cache(store: Path) -> Path:
    """Where a store directory keeps the closure of its ontology between builds."""
    return store / "work" / "closure"


def adopt_closures(ontology: Path, cache: Path) -> None:
    """Take over what ``ontology/closure`` has: closures named by the digest of the axioms they belong to."""
    for path in sorted((ontology / "closure").glob("schema-*.nt")):
        target = cache / path.name
        if not target.exists():
            cache.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def folder_digest(folder: Path, pattern: str) -> str:
    """SHA-256 over names and bytes of the files that a stage depends on."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob(pattern)):
        digest.update(path.name.encode("utf-8") + b"\0" + path.read_bytes())
    return digest.hexdigest()
