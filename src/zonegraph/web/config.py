"""Settings of the server: flags over environment over file over defaults."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from zonegraph.errors import UsageError, Where

MEBIBYTE: Final = 1024 * 1024
ENVIRONMENT: Final = "ZONEGRAPH_"
DEFAULT_PORT: Final = 7878


def _cpus() -> int:
    return len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be set. Sizes are bytes where the name says so, times are seconds."""

    store: Path = Path("zonegraph-store")
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    #: Server processes; each owns a pool of query workers.
    processes: int = 1
    #: Long queries at once, in each server process.
    workers: int = field(default_factory=lambda: max(2, _cpus()))
    #: Further workers that only take queries which end within ``lane_seconds`` while all others are busy.
    reserve: int = 2
    lane_seconds: float = 0.3
    #: Requests that may wait for a worker; the next one gets 503.
    queue: int = 16
    timeout: float = 10.0
    max_memory: int = 512
    max_rows: int = 500_000
    max_bytes: int = 100 * MEBIBYTE
    #: The same caps for reading whole graphs.
    max_dump_bytes: int = 1024 * MEBIBYTE
    dump_seconds: float = 120.0
    max_query_bytes: int = 256 * 1024
    max_body_bytes: int = 64 * MEBIBYTE
    #: Answers being sent at once, on disk, all together.
    max_spool_bytes: int = 2048 * MEBIBYTE
    cache_bytes: int = 64 * MEBIBYTE
    #: A client must deliver its body, and take each piece of an answer, within this time.
    client_seconds: float = 30.0
    #: Connections of one server process; one more closes the one that has been idle longest.
    max_connections: int = 4096
    writable: bool = False
    token_file: Path | None = None
    write_seconds: float = 60.0
    remote: str | None = None
    #: What the world calls this server, when a proxy stands before it: ``https://example.org``.
    public_url: str | None = None
    #: Hosts that SERVICE may name (``host`` or ``host:port``); empty refuses SERVICE.
    service_hosts: tuple[str, ...] = ()
    cors_origin: str = "*"
    spool: Path | None = None
    #: A folder with the source texts, if the reader has them: pages then show what stands around a quote.
    texts: Path | None = None
    query_log: Path | None = None
    #: Write query texts into the log, not only their hashes.
    log_queries: bool = False
    grace_seconds: float = 15.0
    #: The licence of the data, linked from every document.
    license: str = "https://creativecommons.org/licenses/by/4.0/"

    def __post_init__(self) -> None:
        _check(self)

    @property
    def max_memory_bytes(self) -> int:
        """The memory cap of one query in bytes (``max_memory`` is in MiB)."""
        return self.max_memory * MEBIBYTE

    def token(self) -> str:
        """The bearer token for writing; raises `UsageError` when the file is missing, empty or short."""
        if self.token_file is None:
            raise UsageError("writing needs a token", hint="name a file with --token-file")
        try:
            text = self.token_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"cannot read the token: {error}", where=Where(file=str(self.token_file))) from error
        if len(text) < 16:
            raise UsageError("the token is shorter than 16 characters", where=Where(file=str(self.token_file)))
        return text

    @classmethod
    def load(
        cls, flags: Mapping[str, Any], *, file: Path | None = None, environ: Mapping[str, str] | None = None
    ) -> Config:
        """Settings from flags (None means not given), ``ZONEGRAPH_…`` variables and a TOML file, in this order."""
        given = {name: value for name, value in flags.items() if value is not None}
        variables = _from_environment(os.environ if environ is None else environ)
        return cls().with_values({**(_from_file(file) if file else {}), **variables, **given})

    def with_values(self, values: Mapping[str, Any]) -> Config:
        """A copy with some settings replaced; raises `UsageError` for unknown names and wrong values."""
        known = {f.name: f for f in fields(self)}
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise UsageError(f"no setting is called {unknown[0]!r}", hint=f"there are {', '.join(sorted(known))}")
        typed: dict[str, Any] = {name: _typed(name, value, str(known[name].type)) for name, value in values.items()}
        return replace(self, **typed)


def _typed(name: str, value: object, kind: str) -> object:
    try:
        return _convert(value, kind)
    except (TypeError, ValueError, KeyError) as error:
        raise UsageError(f"{name} cannot be {value!r}", hint=f"it must be {kind}") from error


def _convert(value: object, kind: str) -> object:
    if kind.startswith("bool"):
        return value if isinstance(value, bool) else {"1": True, "true": True, "yes": True, "0": False, "false": False,
                                                      "no": False, "": False}[str(value).lower()]  # fmt: skip
    if kind.startswith("int"):
        return int(str(value))
    if kind.startswith("float"):
        return float(str(value))
    if kind.startswith("Path"):
        return Path(str(value))
    if kind.startswith("tuple"):
        parts = value.split(",") if isinstance(value, str) else list(value)  # type: ignore[call-overload]
        return tuple(str(part).strip().lower() for part in parts if str(part).strip())
    return str(value)


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    names = {ENVIRONMENT + f.name.upper(): f.name for f in fields(Config)}
    return {names[key]: value for key, value in environ.items() if key in names}


def _from_file(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read the settings: {error}", where=Where(file=str(path))) from error
    table = data.get("serve", data)
    return {str(key).replace("-", "_"): value for key, value in table.items()}


def _check(config: Config) -> None:
    positive = ("processes", "workers", "timeout", "max_memory", "max_rows", "max_bytes", "max_query_bytes",
                "max_connections")  # fmt: skip
    for name in positive:
        if getattr(config, name) <= 0:
            raise UsageError(f"{name} must be more than zero")
    if not 0 <= config.port <= 65535:
        raise UsageError(f"no port has the number {config.port}")
    if config.writable and config.remote:
        raise UsageError("a remote service cannot be written through this server", hint="leave out --writable")
