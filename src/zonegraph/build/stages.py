"""The stages after loading, in order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from zonegraph.build.pipeline import Stage


def default_stages(queries: Path, *, infer: bool = True) -> Sequence[tuple[str, Stage]]:
    """Derive, infer, index."""
    return ()
