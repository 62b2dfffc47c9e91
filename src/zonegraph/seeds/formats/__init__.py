"""Other annotation formats: one table of what can be read and written, one module behind each row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from zonegraph.errors import UsageError
from zonegraph.plan import Plan
from zonegraph.seeds.formats.brat_conf import brat_configuration
from zonegraph.seeds.formats.brat_read import read_brat
from zonegraph.seeds.formats.brat_write import write_brat
from zonegraph.seeds.formats.cas import read_cas_json, read_cas_xmi, write_cas_json, write_cas_xmi
from zonegraph.seeds.formats.common import Incoming, Outgoing, SourceText
from zonegraph.seeds.formats.doccano import read_doccano
from zonegraph.seeds.formats.labelstudio import read_labelstudio
from zonegraph.seeds.formats.pubannotation import read_pubannotation, write_pubannotation
from zonegraph.seeds.formats.webanno import read_webanno, write_webanno
from zonegraph.seeds.records import Seed

Read = Callable[[Incoming], list[Seed]]
Write = Callable[[Seed, SourceText | None], Outgoing]


@dataclass(frozen=True, slots=True)
class Format:
    """A row: ``companions`` are files read beside the one given, ``shared`` makes files once an export."""

    name: str
    extension: str
    read: Read | None
    write: Write | None
    companions: tuple[str, ...] = ()
    shared: Callable[[Plan], Mapping[str, bytes]] | None = None


_TABLE: Final = (
    Format("brat", ".ann", read_brat, write_brat, ("{stem}.txt",), brat_configuration),
    Format("webanno", ".jsonld", read_webanno, write_webanno),
    Format("pubannotation", ".json", read_pubannotation, write_pubannotation),
    Format("cas-json", ".json", read_cas_json, write_cas_json),
    Format("cas-xmi", ".xmi", read_cas_xmi, write_cas_xmi, ("TypeSystem.xml",)),
    Format("labelstudio", ".json", read_labelstudio, None),
    Format("doccano", ".jsonl", read_doccano, None),
)
FORMATS: Final[Mapping[str, Format]] = {row.name: row for row in _TABLE}
READABLE: Final = tuple(row.name for row in _TABLE if row.read)
WRITABLE: Final = tuple(row.name for row in _TABLE if row.write)


def import_seeds(name: str, incoming: Incoming) -> list[Seed]:
    """The seeds of a file in another format, each with findings about what was lost.

    Raises `UsageError` for an unknown format or a missing text, `SeedError` for a file not in the format.
    """
    read = _row(name).read
    if read is None:
        raise UsageError(f"{name} can only be written", hint=f"read one of {', '.join(READABLE)}")
    return read(incoming)


def export_seed(name: str, seed: Seed, source: SourceText | None = None) -> Outgoing:
    """A seed in another format; raises `UsageError` where the format needs a text that is not given."""
    write = _row(name).write
    if write is None:
        raise UsageError(f"{name} can only be read", hint=f"write one of {', '.join(WRITABLE)}")
    if source is not None and seed.document is not None and source.digest != seed.document.sha256:
        raise UsageError(f"{source.name} is not the text of {seed.id}", hint="run `zonegraph seeds verify`")
    return write(seed, source)


def _row(name: str) -> Format:
    if name not in FORMATS:
        raise UsageError(f"no format is called {name!r}", hint=f"use {', '.join(FORMATS)}")
    return FORMATS[name]


__all__ = [
    "FORMATS",
    "READABLE",
    "WRITABLE",
    "Format",
    "Incoming",
    "Outgoing",
    "SourceText",
    "export_seed",
    "import_seeds",
]
