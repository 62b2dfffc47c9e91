"""The stages after loading, in order: what each adds to the version in the making."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zonegraph.build.pipeline import Stage, staged
from zonegraph.search import INDEX_NAME, build_index
from zonegraph.store import VersionWriter


@dataclass(frozen=True, slots=True)
class Index:
    """The index of names."""

    key: str = "1"

    def __call__(self, writer: VersionWriter) -> dict[str, Any]:
        """Write the index beside the data."""
        return {"names": build_index(staged(writer), writer.path / INDEX_NAME)}


def default_stages(queries: Path, *, infer: bool = True) -> Sequence[tuple[str, Stage]]:
    """Derive, infer, index."""
    return (("index", Index()),)


def folder_digest(folder: Path, pattern: str) -> str:
    """SHA-256 over names and bytes of the files that a stage depends on."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob(pattern)):
        digest.update(path.name.encode("utf-8") + b"\0" + path.read_bytes())
    return digest.hexdigest()
