"""Shards: a slice of the seed files to one N-Quads file and a receipt; resumable, the same bytes whoever runs it.

A shard whose receipt matches (seed digests, plan digest, converter version) and whose bytes are unchanged is
not converted again. Workers write their own shards: sending text back through pipes would cost the gain.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from zonegraph.convert.document import convert_seed
from zonegraph.errors import StoreError, Where
from zonegraph.names import GRAPH_DOC
from zonegraph.plan import Plan
from zonegraph.seeds import Finding, Seed, read_seed, refuse_seed

#: Changes whenever the same records would give other quads.
CONVERTER: Final = "4"
#: Below this many files each is a shard of its own; above, files share shards by a hash of their names.
_SINGLE: Final = 2048
_PER_SHARD: Final = 256
_HEAD_ID: Final = re.compile(rb'"id"\s*:\s*"([^"]+)"')


@dataclass(frozen=True, slots=True)
class Task:
    """One shard to make: its name and the seed files in it, sorted.

    ``twins`` are those among them whose document id an earlier file has already.
    """

    name: str
    files: tuple[Path, ...]
    twins: frozenset[Path] = frozenset()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a shard was made from and what came of it."""

    name: str
    key: str
    sha256: str
    quads: int
    records_in: int
    emitted: int
    graphs: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def rejects(self) -> tuple[Finding, ...]:
        """Findings that each stand for one lost record."""
        return tuple(f for f in self.findings if f.severity == "error")

    def as_dict(self) -> dict[str, Any]:
        """The receipt as JSON."""
        return {
            "name": self.name,
            "key": self.key,
            "sha256": self.sha256,
            "quads": self.quads,
            "records_in": self.records_in,
            "emitted": self.emitted,
            "graphs": list(self.graphs),
            "findings": [f.as_dict() for f in self.findings],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Receipt:
        """Read a receipt written by `as_dict`."""
        findings = tuple(Finding(**finding) for finding in data["findings"])
        rest = {k: data[k] for k in ("name", "key", "sha256", "quads", "records_in", "emitted")}
        return cls(graphs=tuple(data["graphs"]), findings=findings, **rest)


def plan_tasks(files: Sequence[Path]) -> list[Task]:
    """Divide seed files into shards: stable under adding and removing files while their number stays in range."""
    twins = _twins(files)
    if len(files) <= _SINGLE:
        return [Task(path.stem, (path,), twins & {path}) for path in files]
    digits = max(1, len(f"{len(files) // _PER_SHARD:x}"))
    buckets: dict[str, list[Path]] = {}
    for path in files:
        buckets.setdefault(hashlib.sha256(path.name.encode("utf-8")).hexdigest()[:digits], []).append(path)
    return [Task(f"part-{n}", tuple(sorted(p)), twins & set(p)) for n, p in sorted(buckets.items())]


def _twins(files: Sequence[Path]) -> frozenset[Path]:
    """Files whose header names a document that an earlier file names too."""
    seen: set[bytes] = set()
    twins: set[Path] = set()
    for path in files:
        with path.open("rb") as handle:
            match = _HEAD_ID.search(handle.readline(1 << 16))
        if match and match[1] in seen:
            twins.add(path)
        elif match:
            seen.add(match[1])
    return frozenset(twins)


def task_key(plan: Plan, task: Task) -> str:
    """Digest of everything a shard depends on."""
    digest = hashlib.sha256(f"{CONVERTER}\0{plan.digest}".encode())
    for path in task.files:
        mark = b"twin" if path in task.twins else b""
        digest.update(path.name.encode("utf-8") + b"\0" + mark + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def shard_path(out: Path, name: str) -> Path:
    """Where a shard lies."""
    return out / f"{name}.nq"


def receipt_path(out: Path, name: str) -> Path:
    """Where a shard's receipt lies."""
    return out / f"{name}.json"


def load_receipt(out: Path, name: str, key: str) -> Receipt | None:
    """The receipt, if it matches the key and the shard still has the bytes it tells of."""
    try:
        receipt = Receipt.from_dict(orjson.loads(receipt_path(out, name).read_bytes()))
        data = shard_path(out, name).read_bytes()
    except (OSError, ValueError, KeyError, TypeError):
        # a damaged receipt means no more than that the shard is made again
        return None
    return receipt if receipt.key == key and receipt.sha256 == hashlib.sha256(data).hexdigest() else None


def convert_shard(plan: Plan, task: Task, out: Path, *, fresh: bool = False) -> tuple[Receipt, bool]:
    """Make one shard, or find it made; says which. Pure apart from the files it writes; idempotent."""
    key = task_key(plan, task)
    known = None if fresh else load_receipt(out, task.name, key)
    if known is not None:
        return known, False
    results = [convert_seed(plan, _seed(task, path)) for path in task.files]
    lines = sorted({line for result in results for line in result.lines})
    data = ("\n".join(lines) + "\n").encode("utf-8") if lines else b""
    receipt = Receipt(
        name=task.name,
        key=key,
        sha256=hashlib.sha256(data).hexdigest(),
        quads=len(lines),
        records_in=sum(result.records_in for result in results),
        emitted=sum(result.emitted for result in results),
        graphs=tuple(sorted({GRAPH_DOC + result.doc for result in results if result.lines})),
        findings=tuple(finding for result in results for finding in result.findings),
    )
    _write(shard_path(out, task.name), data)
    _write(receipt_path(out, task.name), orjson.dumps(receipt.as_dict()))
    return receipt, True


def _seed(task: Task, path: Path) -> Seed:
    seed = read_seed(path)
    if path not in task.twins:
        return seed
    return refuse_seed(seed, "duplicate-document", "another file describes this document", "give each its own id")


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all: a killed worker leaves no half shard under the final name."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StoreError(f"cannot be written: {error}", where=Where(file=str(path)), hint="free some space") from error
