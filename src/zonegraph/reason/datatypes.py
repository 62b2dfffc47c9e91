"""Literals as OWL 2 RL sees them: which datatypes a literal belongs to, and when two literals are one value."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

from zonegraph.names import XSD
from zonegraph.reason.vocabulary import LITERAL, Term, literal_parts

_PARENT: Final = {
    lower: upper
    for upper, lowers in {
        "decimal": "integer",
        "integer": "long nonNegativeInteger nonPositiveInteger",
        "long": "int",
        "int": "short",
        "short": "byte",
        "nonNegativeInteger": "positiveInteger unsignedLong",
        "unsignedLong": "unsignedInt",
        "unsignedInt": "unsignedShort",
        "unsignedShort": "unsignedByte",
        "nonPositiveInteger": "negativeInteger",
        "string": "normalizedString",
        "normalizedString": "token",
        "token": "language Name NMTOKEN",
        "Name": "NCName",
        "dateTime": "dateTimeStamp",
    }.items()
    for lower in lowers.split()
}


def belongs(literal: Term, datatype: Term) -> bool:
    """Whether the literal's datatype is, or is derived from, ``datatype`` (XSD 1.1 part 2, section 3)."""
    own = literal_parts(literal)[1]
    while own != datatype:
        parent = _PARENT.get(own[len(XSD) + 1 : -1]) if own.startswith("<" + XSD) else None
        if parent is None:
            return datatype == LITERAL
        own = f"<{XSD}{parent}>"
    return True


def is_well_formed(literal: Term) -> bool:
    """Whether the lexical form is legal for its datatype (rule dt-not-type); unknown datatypes pass."""
    text, datatype, _ = literal_parts(literal)
    if not datatype.startswith("<" + XSD):
        return True
    name = datatype[len(XSD) + 1 : -1]
    try:
        _read(text, name)
    except (ValueError, InvalidOperation):
        return False
    return True


def _read(text: str, name: str) -> None:
    if belongs(f'""^^<{XSD}{name}>', f"<{XSD}integer>"):
        int(text)
    elif name == "decimal" and not Decimal(text).is_finite():
        raise ValueError(text)
    elif name in {"double", "float"}:
        float(text.replace("INF", "inf"))
    elif name == "boolean" and text not in {"true", "false", "0", "1"}:
        raise ValueError(text)
    elif name == "date":
        date.fromisoformat(text[:10])
    elif name == "dateTime":
        datetime.fromisoformat(text)


def value_key(literal: Term) -> tuple[str, str, str]:
    """Equal for literals that are one value: numbers by amount, tags without case, the rest by its form."""
    text, datatype, language = literal_parts(literal)
    if belongs(literal, f"<{XSD}decimal>") and is_well_formed(literal):
        return (str(Decimal(text).normalize()), "decimal", "")
    return (text, datatype, language)
