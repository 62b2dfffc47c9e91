"""Addresses on this site: from an IRI to the page about it, and back from what people type."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urlencode

from zonegraph.names import ZG, ZGC, ZGI
from zonegraph.web import protocol

_SAFE: Final = "/:@!$'()*+,;=~-._"
_NO_IRI: Final = re.compile(r"[\x00-\x20<>\"{}|\\^`\x7f]")
_LONGEST: Final = 2000
ONTOLOGY: Final = ZG.rstrip("#")


def page_of(iri: str) -> str:
    """The address of the page about an IRI: local for what is ours, the IRI itself for other http ones, else empty."""
    if iri.startswith(ZGI):
        return "/doc/" + quote(iri[len(ZGI) :], safe=_SAFE)
    if iri.startswith(ZGC):
        return "/code/" + quote(iri[len(ZGC) :], safe=_SAFE)
    if iri.startswith(ZG):
        return "/ontology#" + quote(iri[len(ZG) :], safe=_SAFE)
    if iri.startswith(("http://", "https://")) and not _NO_IRI.search(iri):
        return iri
    return ""


def is_local(iri: str) -> bool:
    """Whether the page about an IRI lies on this site."""
    return iri.startswith((ZGI, ZGC, ZG))


def short(iri: str) -> str:
    """What stands for a thing in an address: its path for things, ``zgc:…`` for codes, else the IRI."""
    if iri.startswith(ZGI):
        return iri[len(ZGI) :]
    return "zgc:" + iri[len(ZGC) :] if iri.startswith(ZGC) else iri


def full(text: str) -> str | None:
    """The IRI that `short` came from; None for text that cannot be one."""
    value = text.strip()
    if value.startswith("zgc:"):
        value = ZGC + value[4:]
    elif value.startswith("zgi:"):
        value = ZGI + value[4:]
    elif "://" not in value:
        value = ZGI + value
    return value if value not in {ZGI, ZGC} and is_iri(value) else None


def is_iri(text: str) -> bool:
    """Whether a text can stand in a query as an IRI."""
    return len(text) <= _LONGEST and protocol.is_iri(text)


def with_query(path: str, **values: object) -> str:
    """An address with the parameters that have a value; ``_`` in a name stands for ``-``."""
    given = [(name.replace("_", "-"), str(value)) for name, value in values.items() if value not in {None, ""}]
    return f"{path}{'&' if '?' in path else '?'}{urlencode(given)}" if given else path
