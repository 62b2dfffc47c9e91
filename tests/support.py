"""What tests share besides fixtures: where things lie, and small seeds made in the test."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from zonegraph.seeds import Seed, parse_seed

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


def need(path: Path, what: str) -> Path:
    """A folder beside the project: absent, the test is skipped by a plain message, except where CI must have it."""
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{what} are not beside the project")
        pytest.skip(f"{what} are not beside the project")
    return path


class Maker:
    """Builds a seed over a text given in the test; slices are found in it."""

    def __init__(self, text: str, **header: Any) -> None:
        self.text = text
        data = text.encode("utf-8")
        self.records: list[dict[str, Any]] = [
            {
                "kind": "doc",
                "id": "t",
                "sha256": hashlib.sha256(data).hexdigest(),
                "length": len(text),
                "lang": "zh-Hans",
                "issued": "2019-09",
                **header,
            }
        ]

    def mention(self, id: str, type: str, slice: str, **more: Any) -> Maker:  # noqa: A002
        """A mention of the first occurrence of a slice."""
        begin = self.text.index(slice)
        spans = [[begin, begin + len(slice)]]
        self.records.append({"kind": "mention", "id": id, "type": type, "spans": spans, "text": slice, **more})
        return self

    def event(self, id: str, type: str, **more: Any) -> Maker:  # noqa: A002
        """An event record."""
        self.records.append({"kind": "event", "id": id, "type": type, **more})
        return self

    def lines(self) -> bytes:
        """The seed file."""
        return b"".join(json.dumps(r, ensure_ascii=False).encode("utf-8") + b"\n" for r in self.records)

    def seed(self) -> Seed:
        """The seed, parsed."""
        return parse_seed(self.lines(), "t.jsonl")
