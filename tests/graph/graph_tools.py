"""Tools of the export tests: small stores, hostile text, programs that may be missing."""

from __future__ import annotations

import io
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from zonegraph.graph import ExportOptions, export_graph

HERE = Path(__file__).parent
JS = HERE.parent / "js"
HOSTILE = (
    "A \"quoted\" & <tagged> 'name'\nline two\ttab \\ back|pipe;semi,comma 🚄 \u202bשלום عربي\u202c {brace} %25 $x^2$"
)


@dataclass(frozen=True)
class Source:
    """A store as the exports need it: only the engine's handle."""

    raw: ox.Store


def load(text: str | bytes) -> Source:
    store = ox.Store()
    store.load(text.encode() if isinstance(text, str) else text, format=ox.RdfFormat.TRIG)
    return Source(store)


def as_bytes(store: Source, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    export_graph(store, form, ExportOptions(**options), out)
    return out.getvalue()


def missing(what: str) -> None:
    """Skip on a machine that lacks a reader; CI must have them all."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not installed")
    pytest.skip(f"{what} is not installed")


def needs(program: str) -> str:
    """The path of a program that a reader needs."""
    found = shutil.which(program)
    if found is None:
        missing(program)
    return str(found)
