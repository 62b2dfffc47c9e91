"""Ids that every format accepts, short names, and the colours of kinds. Pure.

A node id is a CURIE made of letters, digits, ``:``, ``.``, ``-`` and ``_`` only: an NMTOKEN for GraphML
(https://www.w3.org/TR/xml/#NT-Nmtoken), a plain id for everything else.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from typing import Final

from zonegraph.names import PREFIXES, ZG, ZGC, compact, local_name

_SAFE: Final = re.compile(r"[A-Za-z0-9_\-\u3400-\u4dbf\u4e00-\u9fff]+")
_UNSAFE_CHARACTER: Final = re.compile(r"[^A-Za-z0-9_\-.\u3400-\u4dbf\u4e00-\u9fff]")

_HALF: Final = 1 << 63

#: Okabe-Ito without black, then Tableau 20's other hues.
PALETTE: Final = (
    "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
    "#4E79A7", "#F28E2B", "#E15759", "#76B7B2", "#59A14F", "#EDC948", "#B07AA1",
    "#FF9DA7", "#9C755F", "#BAB0AC", "#86BCB6", "#D37295", "#A0CBE8",
)  # fmt: skip
EDGE_COLOR: Final = "#9A9A9A"

#: Words that tools give a meaning of their own; an attribute never carries one of them by accident.
RESERVED: Final = frozenset(
    [
        "type",
        "source",
        "target",
        "id",
        "label",
        "weight",
        "name",
        "interaction",
        "timeset",
        "interval",
        "timestamp",
        "size",
        "color",
        "x",
        "y",
        "z",
        "r",
        "g",
        "b",
        "kind",
        "iri",
        "start",
        "end",
        "spells",
        "kinds",
        "alt",
        "lon",
        "lat",
        "when",
        "parent",
    ]
)


def node_id(iri: str) -> str:
    """The id of an IRI: ``zgi:zone.urumqi-etdz``. Where shortening may lose a difference a digest is added."""
    if iri.startswith("_:"):
        return f"bnode:{_plain(iri[2:])}"
    curie = compact(iri)
    if curie == iri:
        return _with_digest("iri", re.sub(r"^[a-z][a-z0-9+.-]*:/*", "", iri), iri)
    prefix, local = curie.split(":", 1)
    parts = local.split("/")
    if all(_SAFE.fullmatch(part) for part in parts):
        return f"{prefix}:{'.'.join(parts)}"
    return _with_digest(prefix, local, iri)


def _with_digest(prefix: str, local: str, iri: str) -> str:
    return f"{prefix}:{_plain(local)}-{hashlib.sha256(iri.encode()).hexdigest()[:10]}"


def _plain(text: str) -> str:
    return _UNSAFE_CHARACTER.sub("_", text.replace("/", "."))


def edge_id(source: str, kind: str, target: str, event: str) -> str:
    """``e.`` and 16 hexadecimal digits: stable between runs, unlike any node id."""
    return edge_name(edge_number(source, kind, target, event))


def edge_number(source: str, kind: str, target: str, event: str) -> int:
    """The same id as a whole number of 64 bits, in the same order."""
    digest = hashlib.sha256("|".join((source, kind, target, event)).encode()).digest()
    return int.from_bytes(digest[:8], "big") - _HALF


def edge_name(number: int) -> str:
    """The id of such a number."""
    return f"e.{number + _HALF:016x}"


def short_name(iri: str) -> str:
    """The readable end of an IRI; a code loses nothing (``relation-kind-attracted``)."""
    return _plain(local_name(iri)) or "_"


def short_names(
    iris: Iterable[str], namer: Callable[[str], str] = short_name, taken: frozenset[str] = frozenset()
) -> dict[str, str]:
    """Distinct short names: the vocabulary's own terms first, others get their prefix where two collide."""
    names: dict[str, str] = {}
    used = set(taken)
    for iri in sorted(set(iris), key=lambda i: (not i.startswith(ZG), not i.startswith(ZGC), i)):
        name = namer(iri)
        if name in used:
            name = short_name(iri) if short_name(iri) not in used else _longer_name(iri, name, used)
        used.add(name)
        names[iri] = name
    return names


def _longer_name(iri: str, name: str, used: set[str]) -> str:
    prefix = compact(iri).split(":", 1)[0]
    longer = f"{prefix if prefix in PREFIXES else 'other'}_{name}"
    return longer if longer not in used else f"{longer}_{hashlib.sha256(iri.encode()).hexdigest()[:6]}"


def palette_colors(kinds: Iterable[str]) -> dict[str, str]:
    """A colour for each kind by the digest of its IRI, so that a new kind does not repaint the others.

    Where two want the same colour the first by IRI has it and the other takes the next free one; when all are taken
    a kind shares the one that it wanted.
    """
    colors: dict[str, str] = {}
    size = len(PALETTE)
    for kind in sorted(set(kinds)):
        first = int(hashlib.sha256(kind.encode()).hexdigest()[:8], 16)
        wanted = [PALETTE[(first + step) % size] for step in range(size)]
        taken = set(colors.values())
        colors[kind] = next((color for color in wanted if color not in taken), wanted[0])
    return colors


def ink_on(color: str) -> str:
    """Black or white, whichever is read better on the colour."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return "#000000" if 299 * red + 587 * green + 114 * blue > 128_000 else "#FFFFFF"
