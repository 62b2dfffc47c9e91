"""The canonical form of a seed file: sorted records, fixed key order, compact JSON. Idempotent."""

from __future__ import annotations

import re
from typing import Any

import orjson

from zonegraph.seeds.records import Event, Mention, Record, Seed


def natural(record_id: str) -> tuple[tuple[bool, int, str], ...]:
    """A sort key by which T2 comes before T10."""
    parts = re.split(r"(\d+)", record_id)
    return tuple((part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts)


def _order(record: Mention | Event) -> tuple[Any, ...]:
    if isinstance(record, Mention):
        return 0, record.begin, -record.end, natural(record.id)
    return 1, 0, 0, natural(record.id)


def format_record(record: Record) -> bytes:
    """One line, without its line end."""
    return orjson.dumps(record.as_dict())


def format_seed(seed: Seed) -> bytes:
    """The whole file. Only for a seed without findings: what cannot be read cannot be written again."""
    head = [format_record(seed.document)] if seed.document else []
    records: list[Mention | Event] = [*seed.mentions, *seed.events]
    body = [format_record(record) for record in sorted(records, key=_order)]
    return b"\n".join([*head, *body]) + b"\n"
