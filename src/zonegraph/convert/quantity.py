"""A quantity mention to the properties of its claim: number, unit, qualifier, bounds, as written. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from zonegraph.convert.resolve import Resolved, find_code
from zonegraph.convert.terms import decimal, integer, iri, literal
from zonegraph.errors import SeedError, UnknownTermError, ValueFormatError, Where
from zonegraph.names import ZG
from zonegraph.plan import Plan
from zonegraph.values import Quantity, fold, read_quantity

UNIT: Final = ZG + "Unit"
QUALIFIER: Final = ZG + "Qualifier"
#: Powers of ten beyond this are no figure of a text.
_LARGEST: Final = 40


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity with its unit and qualifier as codes; ``unit`` is empty where none is stated."""

    quantity: Quantity
    unit: str
    qualifier: str

    def facts(self) -> Iterator[tuple[str, str]]:
        """Property and term of each part."""
        read = self.quantity
        yield ZG + "value", decimal(read.value)
        yield ZG + "statedValue", decimal(Decimal(read.stated))
        yield ZG + "scale", integer(read.scale)
        yield ZG + "valueAsWritten", literal(read.as_written)
        yield ZG + "qualifier", iri(self.qualifier)
        if self.unit:
            yield ZG + "unit", iri(self.unit)
        if read.lower is not None:
            yield ZG + "lowerBound", decimal(read.lower)
        if read.upper is not None:
            yield ZG + "upperBound", decimal(read.upper)


def measure(plan: Plan, resolved: Resolved) -> Measure:
    """Read a quantity mention and check it against the value that the record gives; raises `SeedError`."""
    mention = resolved.mention
    given = mention.value
    try:
        quantity = _quantity(resolved, given)
        unit = _unit(plan, quantity.unit_text, given)
        qualifier = find_code(plan, QUALIFIER, quantity.qualifier)
    except (ValueFormatError, UnknownTermError) as error:
        place = mention.begin + (error.where.offset or 0)
        raise SeedError(
            error.message, where=Where(id=mention.id, offset=place), hint=error.hint, code=error.code
        ) from error
    _check(resolved, quantity, given)
    return Measure(quantity, unit, qualifier)


def _quantity(resolved: Resolved, given: Mapping[str, Any]) -> Quantity:
    try:
        read = read_quantity(resolved.mention.text)
    except ValueFormatError:
        if "decimal" not in given:
            raise
        return _from_record(resolved, given)
    # qualifying words may stand outside the slice, so the record may add what the slice does not say
    stated = str(given.get("qualifier", read.qualifier))
    return _qualified(read, stated) if stated != read.qualifier else read


def _qualified(read: Quantity, qualifier: str) -> Quantity:
    lower = read.value if qualifier in {"more-than", "at-least", "threshold"} else None
    upper = read.value if qualifier in {"less-than", "nearly"} else None
    return replace(read, qualifier=qualifier, lower=lower, upper=upper)


def _from_record(resolved: Resolved, given: Mapping[str, Any]) -> Quantity:
    value = _decimal(resolved, given, "decimal")
    scale = given.get("scale", 0)
    if not isinstance(scale, int) or not 0 <= scale <= _LARGEST:
        raise _mismatch(resolved, f"scale is no whole number from 0 to {_LARGEST}")
    quantity = Quantity(
        value=value,
        stated=str(given.get("stated", given["decimal"])),
        scale=scale,
        unit_text="",
        qualifier=str(given.get("qualifier", "exact")),
        lower=None,
        upper=None,
        as_written=resolved.text,
    )
    return _qualified(quantity, quantity.qualifier)


def _unit(plan: Plan, unit_text: str, given: Mapping[str, Any]) -> str:
    stated = str(given.get("unit", ""))
    if stated:
        return find_code(plan, UNIT, stated.lower() if stated.isascii() and stated.isalnum() else stated)
    if not unit_text:
        return ""
    index = plan.code_names.get(UNIT)
    if index is None:
        raise UnknownTermError("the ontology has no units", hint="add ontology/codes/unit.ttl")
    # 家物流企业 counts by 家: the longest known beginning of what follows the number is its unit
    folded = fold(unit_text)
    for end in range(len(folded), 0, -1):
        if folded[:end] in index.entries:
            return index.find(folded[:end], unit_text)
    raise UnknownTermError(f"no unit is written {unit_text!r}", hint="add a label in ontology/codes/unit.ttl")


def _check(resolved: Resolved, quantity: Quantity, given: Mapping[str, Any]) -> None:
    if "decimal" in given and _decimal(resolved, given, "decimal") != quantity.value:
        raise _mismatch(resolved, f"reads as {quantity.value:f}, the record says {given['decimal']}")
    if "stated" in given and _decimal(resolved, given, "stated") != Decimal(quantity.stated):
        raise _mismatch(resolved, f"states {quantity.stated}, the record says {given['stated']}")
    if "scale" in given and given["scale"] != quantity.scale:
        raise _mismatch(resolved, f"has the scale {quantity.scale}, the record says {given['scale']}")


def _decimal(resolved: Resolved, given: Mapping[str, Any], key: str) -> Decimal:
    text = given[key]
    try:
        value = Decimal(text) if isinstance(text, str) else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or abs(value.adjusted()) > _LARGEST:
        raise _mismatch(resolved, f"{key} is not a decimal number written as a text")
    return value


def _mismatch(resolved: Resolved, message: str) -> SeedError:
    mention = resolved.mention
    return SeedError(
        f"{mention.text!r}: {message}",
        where=Where(id=mention.id, offset=mention.begin),
        code="value-mismatch",
        hint="mend the value or the span",
    )
