"""RDF terms and IRIs as N-Quads text: built by formatting, since millions of them are."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final
from urllib.parse import quote

from zonegraph.names import XSD, ZGI

#: Characters that N-Quads does not allow inside ``<…>``, and the percent sign's own safe set.
_SAFE: Final = "/:._-~@!$&'()*+,;="
_ESCAPES: Final = str.maketrans({
    "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f",
    **{chr(code): f"\\u{code:04X}" for code in (*range(8), 0x0B, *range(0x0E, 0x20), 0x7F)},
})  # fmt: skip
_SPECIAL: Final = re.compile(r'[\x00-\x1f\x7f"\\]')
_BARE: Final = re.compile(r'[^\x00-\x20<>"{}|^`\\]+\Z')


def iri(value: str) -> str:
    """``<value>``; the value must hold no character that N-Quads forbids."""
    return f"<{value}>"


def is_iri(value: str) -> bool:
    """Whether a text can stand between angle brackets."""
    return _BARE.match(value) is not None and ":" in value


def literal(value: str, lang: str = "") -> str:
    """A plain or language-tagged literal; tags are lower case in the data."""
    text = escaped(value)
    return f'"{text}"@{lang.lower()}' if lang else f'"{text}"'


def escaped(value: str) -> str:
    """The characters of a literal; nearly all need no escape, and finding that out is cheaper than translating."""
    return value.translate(_ESCAPES) if _SPECIAL.search(value) else value


def typed(value: str, datatype: str) -> str:
    """A literal of an XSD datatype, by its local name."""
    return f'"{escaped(value)}"^^<{XSD}{datatype}>'


def decimal(value: Decimal) -> str:
    """An ``xsd:decimal`` in its shortest form: no exponent, no trailing zeros."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return typed("0" if text in {"-0", ""} else text, "decimal")


def integer(value: int) -> str:
    """An ``xsd:integer``."""
    return typed(str(value), "integer")


def path_iri(*segments: str) -> str:
    """An IRI in the namespace of things; segments are percent-encoded where an IRI needs it."""
    return ZGI + "/".join(_segment(segment) for segment in segments)


def _segment(text: str) -> str:
    kept = "".join(c if c.isalnum() else quote(c, safe=_SAFE) for c in text)
    return kept.replace("..", "%2E%2E") if kept == ".." else kept


def identity(parts: Iterable[str]) -> str:
    """Sixteen hexadecimal digits that name what the parts describe: a hash of their sorted list."""
    digest = hashlib.sha256("\x1f".join(sorted(parts)).encode("utf-8"))
    return digest.hexdigest()[:16]
