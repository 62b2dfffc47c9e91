"""What an export is asked for, and what it reports back."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from zonegraph.errors import UsageError

#: Languages tried in turn for labels; the empty one is a label without a tag.
DEFAULT_LANGUAGES: Final = ("zh-hans", "zh-cn", "zh", "zh-hant", "zh-tw", "en", "")
DEFAULT_PROFILE: Final = "domain"
_PROFILE_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """A slice of the graph and how it is labelled; the defaults give the whole ``domain`` projection.

    ``profile`` is the name of a folder of queries, or a path to one; ``as_of`` an ISO date;
    ``max_edges`` refuses (never cuts) a graph that is larger; ``array_delimiter`` is the mark between the values of a
    list for Neo4j.
    """

    profile: str = DEFAULT_PROFILE
    center: str | None = None
    hops: int | None = None
    kinds: tuple[str, ...] = ()
    as_of: str | None = None
    languages: tuple[str, ...] = ()
    max_nodes: int | None = None
    max_edges: int | None = None
    bom: bool = False
    kepler: bool = False
    array_delimiter: str = ";"
    profiles: Path | None = None
    version: str = ""
    modified: str = ""

    def __post_init__(self) -> None:
        if self.hops is not None and self.center is None:
            raise UsageError("--hops needs --center", hint="name the node to start from")
        if self.hops is not None and self.hops < 0:
            raise UsageError(f"--hops {self.hops} is negative")
        if self.max_nodes is not None and self.max_nodes < 1:
            raise UsageError(f"--max-nodes {self.max_nodes} leaves nothing", hint="ask for one or more")
        if self.as_of is not None:
            _check_date(self.as_of)
        for language in self.languages:
            if language and not _LANGUAGE.fullmatch(language):
                raise UsageError(f"--lang {language!r} is not a language tag", hint="for example zh-Hans,en")

    @property
    def is_slice(self) -> bool:
        """Whether anything but the whole graph is asked for."""
        return bool(self.center or self.kinds or self.as_of or self.max_nodes)

    @property
    def language_list(self) -> tuple[str, ...]:
        """The asked languages in lower case, followed by the defaults."""
        asked = tuple(language.lower() for language in self.languages)
        return asked + tuple(tag for tag in DEFAULT_LANGUAGES if tag not in asked)

    @classmethod
    def from_query(cls, query: Mapping[str, str], **fixed: str | int | None) -> ExportOptions:
        """The options of a web address (``center``, ``hops``, ``kinds``, ``as-of``, ``lang``, ``max-nodes``…).

        Profiles are names here, never paths. Raises `UsageError` for anything unknown or malformed.
        """
        unknown = sorted(set(query) - set(_QUERY_KEYS))
        if unknown:
            raise UsageError(f"unknown parameter {unknown[0]!r}", hint=f"known: {', '.join(sorted(_QUERY_KEYS))}")
        values: dict[str, object] = {
            _QUERY_KEYS[key]: _READ.get(_QUERY_KEYS[key], _same)(key, text) for key, text in query.items() if text
        }
        return cls(**{**values, **fixed})  # type: ignore[arg-type]

    def as_text(self) -> str:
        """A canonical text of everything that shapes the output: the key of an ETag."""
        return ";".join(f"{f.name}={getattr(self, f.name)!r}" for f in fields(self))


_QUERY_KEYS: Final = {
    "profile": "profile",
    "center": "center",
    "hops": "hops",
    "kinds": "kinds",
    "as-of": "as_of",
    "asof": "as_of",
    "lang": "languages",
    "max-nodes": "max_nodes",
    "bom": "bom",
    "kepler": "kepler",
    "array-delimiter": "array_delimiter",
}


def split_list(text: str) -> tuple[str, ...]:
    """The parts of ``a,b``, without empty ones."""
    return tuple(part for part in (piece.strip() for piece in text.split(",")) if part)


def read_delimiter(text: str) -> str:
    """One character, written as itself or as ``U+001F``; raises `UsageError` for what cannot separate values."""
    code = re.fullmatch(r"U\+([0-9A-Fa-f]{4})", text)
    mark = chr(int(code[1], 16)) if code else text
    if len(mark) != 1 or mark in ',"\r\n\0' or mark.isalnum():
        raise UsageError(f"{text!r} cannot separate values", hint="one mark, such as | or U+001F")
    return mark


def _same(key: str, text: str) -> object:
    return text


def _profile_name(key: str, text: str) -> object:
    if not _PROFILE_NAME.fullmatch(text):
        raise UsageError(f"{key}={text!r} is not the name of a profile")
    return text


def _list(key: str, text: str) -> object:
    return split_list(text)


def _switch(key: str, text: str) -> object:
    return text.lower() in {"1", "true", "yes", "on"}


def _whole_number(key: str, text: str) -> object:
    if not re.fullmatch(r"\d{1,9}", text):
        raise UsageError(f"{key}={text!r} is not a whole number")
    return int(text)


_READ: Final[dict[str, Callable[[str, str], object]]] = {
    "profile": _profile_name,
    "hops": _whole_number,
    "max_nodes": _whole_number,
    "kinds": _list,
    "languages": _list,
    "bom": _switch,
    "kepler": _switch,
    "array_delimiter": lambda _, text: read_delimiter(text),
}


def _check_date(text: str) -> None:
    try:
        good = dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        good = False
    if not good:
        raise UsageError(f"--as-of {text!r} is not a date", hint="write it as 2018-06-30")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a slice removed: how many nodes of each kind and how many edges, and by which option."""

    nodes: int = 0
    edges: int = 0
    reason: str = ""
    kinds: Mapping[str, int] = field(default_factory=dict)


_LOOSE: Final = ("dangling", "alternatives", "unplaced")


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote and what it did with everything else.

    ``edges`` were written; ``merged`` more relations share an edge in formats that hold one edge per source,
    target and kind (each stays listed on that edge). ``collapsed`` events became edges, ``kept`` became nodes,
    ``skipped`` have nothing to hang on. ``noted`` links lead to a claim that is no node and stand as attributes on the
    claim that they start from; ``unlinked`` ones start from a claim that is not drawn either.
    ``alternatives`` are numbers that overlap a better one and stand in an ``…_alt`` attribute; ``unplaced`` ones are
    about nothing in the graph.
    """

    format: str
    profile: str
    nodes: int
    edges: int
    merged: int = 0
    collapsed: int = 0
    kept: int = 0
    noted: int = 0
    skipped: int = 0
    unlinked: int = 0
    dangling: int = 0
    alternatives: int = 0
    unplaced: int = 0
    left_out: LeftOut = field(default_factory=LeftOut)
    notes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def as_line(self) -> str:
        """One line for people."""
        parts = [f"{self.format}: {self.nodes} nodes, {self.edges} edges"]
        for name in ("merged", "collapsed", "kept", "noted", "skipped", "unlinked", *_LOOSE):
            count = getattr(self, name)
            if count:
                parts.append(f"{count} {name}")
        if self.left_out.nodes or self.left_out.edges:
            parts.append(
                f"left out {self.left_out.nodes} nodes and {self.left_out.edges} edges ({self.left_out.reason})"
            )
        return ", ".join(parts)
