"""The one entry: a store, a format and options in; bytes and a report out."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import threading
import zipfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from zonegraph.errors import ExportError, StoreError, UsageError, Where
from zonegraph.graph.lint import check_before_writing, linted
from zonegraph.graph.model import Graph, Meta
from zonegraph.graph.options import ExportOptions, ExportReport
from zonegraph.graph.prepare import prepare
from zonegraph.graph.prepared import Prepared, made_for, prepared_name
from zonegraph.graph.profiles import load_profile
from zonegraph.graph.project import Counts, Projection
from zonegraph.graph.source import Source
from zonegraph.graph.writers import FORMATS, Format
from zonegraph.graph.writers.base import Job, Part

#: Elements that are written together.
_AT_ONCE: Final = 128
#: The only date a zip may carry: the first one that the format knows.
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)


def find_format(name: str) -> Format:
    """The format of that name; raises `UsageError` when there is none."""
    if name not in FORMATS:
        raise UsageError(f"no graph format {name!r}", hint=f"known: {', '.join(FORMATS)}")
    return FORMATS[name]


def export_graph(
    store: Source, form: str, options: ExportOptions, out: BinaryIO | Path, *, folder: Path | None = None
) -> ExportReport:
    """Write the asked slice of the store's graph.

    ``folder`` is where a prepared graph may lie, the directory of the version; where there is none, one is made.

    To a path: a file, or for formats of several files a folder; each appears whole or not at all. To a stream: the
    file, or a zip. Raises `ExportError` when the graph cannot be carried, `UsageError` for wrong options, `QueryError`
    for a profile that cannot be asked.
    """
    chosen = find_format(form)
    if not chosen.needs_graph:
        return _report(chosen, options, None, None, _deliver(chosen, chosen.write(_bare(store, options)), out))
    with opened(store, options, folder) as prepared:
        graph, counts = Projection(prepared, options).run()
        _check_limit(chosen, graph)
        if prepared.overview.odd_text:
            check_before_writing(graph, chosen.refuses)
        parts = chosen.write(Job(linted(graph, None), options, store))
        return _report(chosen, options, graph, counts, _deliver(chosen, parts, out))


@contextlib.contextmanager
def opened(store: Source, options: ExportOptions, folder: Path | None) -> Iterator[Prepared]:
    """The prepared graph of the asked profile: from the folder, or made now and left there for the next export."""
    profile = load_profile(options.profile, options.profiles)
    place = folder / prepared_name(profile) if folder else None
    ready = Prepared.open(place, made_for(profile)) if place else None
    if ready is not None:
        with ready:
            yield ready
        return
    with tempfile.TemporaryDirectory(prefix="zonegraph-export-") as name:
        path = Path(name) / "graph.sqlite"
        prepare(store, profile, path, limit=None if options.is_slice else options.max_edges)
        if place is not None:
            _leave(path, place)
        with Prepared.fresh(path) as made:
            yield made


def _leave(made: Path, place: Path) -> None:
    """Whole or not at all; a version that cannot be written, or is gone, just keeps none."""
    temporary = place.with_name(f".{place.name}-{os.getpid()}-{threading.get_ident()}")
    try:
        shutil.copyfile(made, temporary)
        temporary.replace(place)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def export_etag(version: str, form: str, options: ExportOptions) -> str:
    """A strong ETag's text: the same version, format and options give the same bytes."""
    key = "\n".join((version, form, options.as_text()))
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _bare(store: Source, options: ExportOptions) -> Job:
    meta = Meta("zonegraph", "", options.version, options.modified, "", dynamic=False)
    return Job(Graph(meta, (), (), (), (), lambda: iter(()), lambda: iter(()), 0, 0), options, store)


def _check_limit(form: Format, graph: Graph) -> None:
    if form.limit is not None and graph.edge_count > form.limit:
        raise ExportError(
            f"{graph.edge_count} edges are too many for {form.name}, which is of use up to {form.limit}",
            hint="ask for a slice (--center, --kinds, --max-nodes) or take gexf",
            code="export-too-large",
        )


def _report(
    form: Format, options: ExportOptions, graph: Graph | None, counts: Counts | None, files: tuple[str, ...]
) -> ExportReport:
    if graph is None or counts is None:
        return ExportReport(form.name, "", 0, 0, files=files)
    merged = graph.parallel if form.merges else 0
    events = counts.events
    return ExportReport(
        format=form.name,
        profile=graph.meta.profile,
        nodes=graph.node_count,
        edges=graph.edge_count - merged,
        merged=merged,
        collapsed=events.collapsed,
        kept=events.kept,
        noted=events.noted,
        skipped=events.skipped,
        unlinked=events.unlinked,
        dangling=counts.dangling,
        alternatives=counts.alternatives,
        unplaced=counts.unplaced,
        left_out=counts.left_out,
        notes=tuple(f"not in the store: {iri}" for iri in counts.dangling_ends),
        files=files,
    )


def _deliver(form: Format, parts: Iterator[Part], out: BinaryIO | Path) -> tuple[str, ...]:
    if isinstance(out, Path):
        return _to_folder(parts, out) if form.multi else (_to_file(next(parts).chunks, out),)
    if form.multi:
        return _to_zip(parts, out)
    part = next(parts)
    for data in _encoded(part.chunks):
        out.write(data)
    return (part.name,)


def _encoded(chunks: Iterable[str]) -> Iterator[bytes]:
    """The text in pieces of a useful size."""
    rest = iter(chunks)
    while some := "".join(islice(rest, _AT_ONCE)):
        yield some.encode()


def _to_file(chunks: Iterable[str], path: Path) -> str:
    """Write beside the target, then rename: a reader never sees half a file."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder", hint="name a file with -o")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise StoreError(f"cannot write: {error.strerror}", where=Where(file=str(path))) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(_encoded(chunks))
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise StoreError(f"cannot write: {error.strerror}", where=Where(file=str(path))) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    return path.name


def _to_folder(parts: Iterable[Part], folder: Path) -> tuple[str, ...]:
    if folder.suffix == ".zip":
        with folder.open("wb") as file:
            return _to_zip(parts, file)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", hint="name a folder, or a .zip, with -o")
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(_to_file(part.chunks, folder / part.name) for part in parts)


def _to_zip(parts: Iterable[Part], out: BinaryIO) -> tuple[str, ...]:
    """A zip with fixed dates and modes, so that the same files give the same bytes."""
    names: list[str] = []
    with zipfile.ZipFile(out, "w") as archive:
        for part in parts:
            info = zipfile.ZipInfo(part.name, _ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3
            with archive.open(info, "w") as file:
                for data in _encoded(part.chunks):
                    file.write(data)
            names.append(part.name)
    return tuple(names)
