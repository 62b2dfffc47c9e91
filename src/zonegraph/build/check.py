"""Proof that an incremental build equals a full one."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from zonegraph.build.pipeline import BuildOptions, build


def full_digest(options: BuildOptions) -> str:
    """The digest of a build from nothing, in a directory of its own that is removed again."""
    with tempfile.TemporaryDirectory(prefix="zonegraph-check-") as folder:
        return build(replace(options, store=Path(folder), full=True)).version.digest
