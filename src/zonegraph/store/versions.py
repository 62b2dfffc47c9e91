"""The store directory: immutable versions, the pointer to the current one, its history.

::

    zonegraph-store/
      current              the id of the version that is served, one line; replaced atomically
      history.jsonl        one line a publication or rollback
      lock                 held by the one process that publishes
      versions/<id>/       data and version.json never change once they are there
        data/              the Oxigraph directory
        version.json       id, digest, created, quads, graphs, …
        …                  what stages of the build leave beside the data: names, statistics, a prepared graph

A reader never needs the lock: it reads ``current``, then opens that version.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from zonegraph.errors import StoreError, StoreMissingError, UsageError, Where
from zonegraph.store.read import ReadStore

META: Final = "version.json"
ID_LENGTH: Final = 16


@dataclass(frozen=True, slots=True)
class Version:
    """One immutable state of the graph: ``digest`` is the SHA-256 of its sorted N-Quads, ``id`` its beginning."""

    path: Path
    id: str
    digest: str
    created: str
    quads: int
    graphs: Mapping[str, int] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dir(cls, path: Path) -> Version:
        """Read ``version.json``; raises `StoreError` where it is missing or damaged."""
        try:
            data = json.loads((path / META).read_text("utf-8"))
            known = {key: data.pop(key) for key in ("id", "digest", "created", "quads", "graphs")}
        except (OSError, ValueError, KeyError) as error:
            raise _damaged(f"not a version of the graph: {getattr(error, 'strerror', None) or error}", path) from error
        return cls(path=path, extra=data, **known)

    def as_dict(self) -> dict[str, Any]:
        """What ``version.json`` holds."""
        return {
            "id": self.id,
            "digest": self.digest,
            "created": self.created,
            "quads": self.quads,
            "graphs": dict(self.graphs),
            **self.extra,
        }

    @property
    def data(self) -> Path:
        """The Oxigraph directory."""
        return self.path / "data"

    def open(self) -> ReadStore:
        """A read-only handle; several processes may hold one on the same version."""
        return ReadStore.open(self.data)


@dataclass(frozen=True, slots=True)
class StoreDir:
    """A directory of versions."""

    path: Path

    @classmethod
    def from_path(cls, path: Path | str) -> StoreDir:
        """The store directory at ``path``, which need not exist yet."""
        return cls(Path(path))

    @property
    def _versions(self) -> Path:
        return self.path / "versions"

    @property
    def _pointer(self) -> Path:
        return self.path / "current"

    def exists(self) -> bool:
        """Whether a version has been published here."""
        return self._pointer.is_file()

    def current_id(self) -> str:
        """The id of the published version: one small read, cheap enough for every request."""
        try:
            found = self._pointer.read_text("utf-8", errors="replace").strip()
        except FileNotFoundError:
            raise StoreMissingError(
                "no graph has been built here", where=Where(file=str(self.path)), hint="run `zonegraph build`"
            ) from None
        except OSError as error:
            raise StoreError(
                f"cannot read the store: {error.strerror}", where=Where(file=str(self._pointer))
            ) from error
        if not found.isalnum():
            raise _damaged("no version is named", self._pointer)
        return found

    def current(self) -> Version:
        """The published version; raises `StoreMissingError` before the first build."""
        return self.version(self.current_id())

    def version(self, version_id: str) -> Version:
        """The version with this id."""
        if not version_id.isalnum():
            raise UsageError(f"{version_id!r} is not a version id", hint="`zonegraph info` lists them")
        return Version.from_dir(self._versions / version_id)

    def versions(self) -> list[Version]:
        """All complete versions, oldest first."""
        if not self._versions.is_dir():
            return []
        complete = (path for path in self._versions.iterdir() if (path / META).is_file())
        return sorted((Version.from_dir(path) for path in complete), key=lambda v: (v.created, v.id))

    def history(self) -> list[dict[str, Any]]:
        """Publications and rollbacks, oldest first."""
        path = self.path / "history.jsonl"
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
        return [json.loads(line) for line in lines if line.strip()]

    @contextlib.contextmanager
    def lock(self, *, wait: bool = True) -> Iterator[None]:
        """Be the one process that publishes; raises `StoreError` when another is and ``wait`` is false."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreError(
                    "another process is writing to this store",
                    where=Where(file=str(self.path)),
                    hint="wait until it has finished",
                    code="store-busy",
                ) from None
            yield

    def staging(self) -> Path:
        """A new empty directory on the same file system, for a version in the making."""
        work = self.path / "work"
        work.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="version-", dir=work))

    def sweep(self) -> None:
        """Remove what killed builds left behind; call with the lock held."""
        work = self.path / "work"
        for path in work.glob("version-*") if work.is_dir() else ():
            shutil.rmtree(path, ignore_errors=True)

    def adopt(self, staging: Path, meta: Mapping[str, Any]) -> Version:
        """Make a staged directory a version: durable first, visible by one rename. Same content, same version."""
        version_id = str(meta["digest"])[:ID_LENGTH]
        target = self._versions / version_id
        if (target / META).is_file():
            shutil.rmtree(staging)
            return Version.from_dir(target)
        full = {"id": version_id, "created": _now(), **meta}
        (staging / META).write_text(json.dumps(full, ensure_ascii=False, indent=1), "utf-8")
        sync_tree(staging)
        self._versions.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        staging.rename(target)
        sync_dir(self._versions)
        return Version.from_dir(target)

    def publish(self, version: Version, *, action: str = "publish") -> None:
        """Switch to a version: atomic, durable, written to the history."""
        self._append_history({"at": _now(), "action": action, "version": version.id, "quads": version.quads})
        temporary = self.path / f".current-{os.getpid()}"
        temporary.write_text(version.id + "\n", "ascii")
        sync_file(temporary)
        temporary.replace(self._pointer)
        sync_dir(self.path)

    def rollback(self, version_id: str) -> Version:
        """Serve an older version again; raises `StoreError` when it is not there any more."""
        with self.lock():
            version = self.version(version_id)
            self.publish(version, action="rollback")
        return version

    def _append_history(self, entry: Mapping[str, Any]) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "history.jsonl").open("a", encoding="utf-8") as handle:
            handle.write(json.dumps(entry, ensure_ascii=False) + "\n")
            handle.flush()
            os.fsync(handle.fileno())


def _damaged(what: str, path: Path) -> StoreError:
    hint = "run `zonegraph build`, or `zonegraph info --rollback` to another version"
    return StoreError(what, where=Where(file=str(path)), hint=hint)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def sync_file(path: Path) -> None:
    """Ask the disk to keep a file's bytes."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_dir(path: Path) -> None:
    """Ask the disk to keep a directory's entries; some file systems refuse, which is no error."""
    try:
        sync_file(path)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise


def sync_tree(path: Path) -> None:
    """`sync_file` for all files below a directory, and `sync_dir` for the directories."""
    for root, _, names in os.walk(path):
        for name in names:
            sync_file(Path(root, name))
        sync_dir(Path(root))
