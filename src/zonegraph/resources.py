"""Where the shipped ontology, seeds and queries lie: in the wheel, or at the top of a checkout."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from zonegraph.errors import UsageError


def data_dir(name: str) -> Path:
    """The folder ``ontology``, ``seeds`` or ``queries``; raises `UsageError` when it is not there."""
    package = Path(str(files("zonegraph")))
    for folder in (package / "data" / name, package.parents[1] / name):
        if folder.is_dir():
            return folder
    raise UsageError(f"the folder {name!r} is not installed", hint=f"name one with --{name} DIR")
