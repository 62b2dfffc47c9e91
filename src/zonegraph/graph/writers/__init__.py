"""The formats: every module in this folder that has a ``FORMAT``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from zonegraph.graph.writers.base import Format

__all__ = ["FORMATS", "Format", "Formats"]


class Formats(Mapping[str, Format]):
    """The table of formats by name, read from the modules when it is first used."""

    @cached_property
    def _table(self) -> dict[str, Format]:
        modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
        formats = (getattr(module, "FORMAT", None) for module in modules)
        return {form.name: form for form in sorted(filter(None, formats), key=lambda form: form.name)}

    def __getitem__(self, name: str) -> Format:
        return self._table[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)


FORMATS: Final = Formats()
