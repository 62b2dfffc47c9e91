"""Run conversion over a folder of seeds: in this process, in several, on Dask or on Spark.

The engines differ in who calls `convert_shard`; the bytes are the same.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson

from zonegraph.convert.shards import Receipt, Task, convert_shard, plan_tasks, receipt_path, shard_path
from zonegraph.errors import UsageError
from zonegraph.plan import Plan
from zonegraph.seeds import Finding, seed_files

Progress = Callable[[int, int], None]
Made = tuple[Receipt, bool]


@dataclass(frozen=True, slots=True)
class Conversion:
    """All shards of a folder: ``receipts`` by name, and how many were made now rather than found."""

    out: Path
    receipts: tuple[Receipt, ...]
    made: int

    @property
    def records_in(self) -> int:
        """Records read."""
        return sum(r.records_in for r in self.receipts)

    @property
    def emitted(self) -> int:
        """Records that became quads."""
        return sum(r.emitted for r in self.receipts)

    @property
    def quads(self) -> int:
        """Distinct quads over the shards."""
        return sum(r.quads for r in self.receipts)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in the order of shards."""
        return tuple(f for r in self.receipts for f in r.findings)

    @property
    def rejects(self) -> tuple[Finding, ...]:
        """One finding for each lost record."""
        return tuple(f for f in self.findings if f.severity == "error")

    def shards(self) -> Iterator[Path]:
        """The N-Quads files, sorted."""
        yield from (shard_path(self.out, receipt.name) for receipt in self.receipts)


def convert_folder(
    plan: Plan,
    seeds: Path,
    out: Path,
    *,
    workers: int = 1,
    engine: str = "local",
    scheduler: str = "",
    fresh: bool = False,
    progress: Progress | None = None,
) -> Conversion:
    """Convert every seed file of a folder into shards; removes shards whose seeds are gone.

    Raises `UsageError` for an unknown or missing engine.
    """
    tasks = plan_tasks(seed_files(seeds))
    out.mkdir(parents=True, exist_ok=True)
    make = partial(_make, plan=plan, out=out, fresh=fresh)
    made: list[Made] = []
    for count, result in enumerate(_engine(engine)(make, tasks, workers, scheduler), start=1):
        made.append(result)
        if progress:
            progress(count, len(tasks))
    receipts = tuple(sorted((receipt for receipt, _ in made), key=lambda r: r.name))
    _sweep(out, {task.name for task in tasks})
    conversion = Conversion(out, receipts, sum(new for _, new in made))
    write_manifest(conversion)
    return conversion


def _make(task: Task, *, plan: Plan, out: Path, fresh: bool) -> Made:
    return convert_shard(plan, task, out, fresh=fresh)


def _engine(name: str) -> Callable[[Callable[[Task], Made], Sequence[Task], int, str], Iterable[Made]]:
    engines = {"local": _local, "dask": _dask, "spark": _spark}
    if name not in engines:
        raise UsageError(f"no engine is called {name!r}", hint=f"use {', '.join(engines)}")
    return engines[name]


_WORKER: dict[str, Callable[[Task], Made]] = {}
_CHUNK: Final = 8


def _local(make: Callable[[Task], Made], tasks: Sequence[Task], workers: int, scheduler: str) -> Iterator[Made]:
    if workers <= 1 or len(tasks) <= 1:
        yield from map(make, tasks)
        return
    # spawn: a clean interpreter whatever threads the caller runs; the plan is sent once a worker, not once a task
    context = multiprocessing.get_context("spawn")
    with context.Pool(min(workers, len(tasks)), _remember, (make,)) as pool:
        yield from pool.imap_unordered(_call, tasks, chunksize=min(_CHUNK, 1 + len(tasks) // (4 * workers)))


def _remember(make: Callable[[Task], Made]) -> None:
    _WORKER["make"] = make


def _call(task: Task) -> Made:
    return _WORKER["make"](task)


def _dask(make: Callable[[Task], Made], tasks: Sequence[Task], workers: int, scheduler: str) -> Iterator[Made]:
    """Workers elsewhere must see the folders of seeds and shards under the same paths."""
    try:
        from dask import distributed  # noqa: PLC0415
    except ImportError:
        raise UsageError("Dask is not installed", hint="pip install 'zonegraph[dask]'") from None
    yield from _on_dask(distributed, make, tasks, workers, scheduler)


def _on_dask(
    dask: Any, make: Callable[[Task], Made], tasks: Sequence[Task], workers: int, scheduler: str
) -> Iterator[Made]:
    with ExitStack() as stack:
        address = scheduler or stack.enter_context(_cluster(dask, workers))
        client = stack.enter_context(dask.Client(address))
        whole = client.scatter(make, broadcast=True)
        futures = [client.submit(_apply, whole, task, pure=False) for task in tasks]
        for _, made in dask.as_completed(futures, with_results=True):
            yield made


def _cluster(dask: Any, workers: int) -> Any:
    # the port of the status page is left to the system: a fixed one may be taken
    where = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    return dask.LocalCluster(n_workers=max(1, workers), threads_per_worker=1, **where)


def _apply(make: Callable[[Task], Made], task: Task) -> Made:
    return make(task)


def _spark(make: Callable[[Task], Made], tasks: Sequence[Task], workers: int, scheduler: str) -> Iterator[Made]:
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ImportError:
        raise UsageError("Spark is not installed", hint="pip install 'zonegraph[spark]'") from None
    session = SparkSession.builder.appName("zonegraph").master(scheduler or f"local[{max(1, workers)}]").getOrCreate()
    try:
        yield from session.sparkContext.parallelize(tasks, max(1, len(tasks) // _CHUNK)).map(make).collect()
    finally:
        session.stop()


def _sweep(out: Path, wanted: set[str]) -> None:
    for path in out.glob("*.nq"):
        if path.stem not in wanted:
            path.unlink(missing_ok=True)
            receipt_path(out, path.stem).unlink(missing_ok=True)


def write_manifest(conversion: Conversion) -> None:
    """``manifest.json`` (shards with counts and digests) and ``rejects.jsonl`` beside the shards."""
    shards = [
        {"file": f"{r.name}.nq", "sha256": r.sha256, "quads": r.quads, "graphs": list(r.graphs)}
        for r in conversion.receipts
    ]
    totals = {
        "records_in": conversion.records_in,
        "emitted": conversion.emitted,
        "rejected": len(conversion.rejects),
        "quads": conversion.quads,
    }
    manifest = orjson.dumps({**totals, "shards": shards}, option=orjson.OPT_INDENT_2)
    (conversion.out / "manifest.json").write_bytes(manifest + b"\n")
    lines = b"".join(orjson.dumps(f.as_dict()) + b"\n" for f in conversion.findings)
    (conversion.out / "rejects.jsonl").write_bytes(lines)
