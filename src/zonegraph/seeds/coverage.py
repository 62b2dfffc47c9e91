"""What of a text no annotation covers: numerals, dates, and names that the registry knows.

A remainder is either annotated, or listed with a reason in ``<document>.ignore.tsv`` beside the seed:
begin, end, and why. What stays is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zonegraph.errors import SeedError, Where
from zonegraph.seeds.records import Finding, Seed
from zonegraph.values import to_simplified

_HAN: Final = "零〇一二三四五六七八九十百千万亿兆两"
#: Arabic figures with their decimals, dates and percent signs; Chinese numerals before something countable.
_FIGURE: Final = re.compile(
    rf"[0-9０-９][0-9０-９.,，．]*\s*[%％]?|[{_HAN}]+(?:分之[{_HAN}]+)?|第[{_HAN}]+|首[次家个批]|率先"
)
# numerals that are part of ordinary words count nothing
_WORDS: Final = re.compile(
    "一[带路些个样定般直切起面旦边步致体系次项方时度律向批贯流举站扫网跃改连派派心同大旧站条种场幅天处段点份座代]|"
    "进一步|统一|唯一|单一|第一时间|万里|千方百计|四面八方|一|十分|百花|三通|万科|千钧|五湖|百姓|百货|万众|九州|"
    "千家万户|十九大|三中全会"
)


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """Characters that look like a fact and that no span covers: ``kind`` is figure or name."""

    begin: int
    end: int
    text: str
    kind: str


def find_gaps(seed: Seed, text: str, names: Iterable[str]) -> list[Gap]:
    """Uncovered figures and registered names, by position; ``names`` folded to simplified script."""
    covered = _covered(seed, text)
    plain = to_simplified(text)
    candidates = {*_figures(text, plain), *_names(text, plain, names)}
    open_gaps = [gap for gap in sorted(candidates) if not all(covered[gap.begin : gap.end])]
    return _outermost(open_gaps)


def _covered(seed: Seed, text: str) -> bytearray:
    # brackets, quotes and line wraps around or inside a name say nothing: they need no annotation
    marks = bytearray(not character.isalnum() for character in text)
    for mention in seed.mentions:
        for begin, end in mention.spans:
            marks[begin:end] = b"\1" * (min(end, len(text)) - begin)
    return marks


def _figures(text: str, plain: str) -> Iterator[Gap]:
    words = bytearray(len(plain))
    for match in _WORDS.finditer(plain):
        words[match.start() : match.end()] = b"\1" * len(match[0])
    for match in _FIGURE.finditer(plain):
        if not all(words[match.start() : match.end()]):
            stop = match.start() + len(match[0].rstrip())
            yield Gap(match.start(), stop, text[match.start() : stop], "figure")


def _names(text: str, plain: str, names: Iterable[str]) -> Iterator[Gap]:
    squeezed = [(index, character) for index, character in enumerate(plain) if not character.isspace()]
    joined = "".join(character for _, character in squeezed)
    for name in names:
        start = joined.find(name)
        while start >= 0:
            begin, end = squeezed[start][0], squeezed[start + len(name) - 1][0] + 1
            yield Gap(begin, end, text[begin:end], "name")
            start = joined.find(name, start + 1)


def _outermost(gaps: list[Gap]) -> list[Gap]:
    kept: list[Gap] = []
    for gap in sorted(gaps, key=lambda g: (g.begin, -g.end)):
        if not kept or gap.end > kept[-1].end:
            kept.append(gap)
    return kept


def read_ignored(path: Path) -> dict[tuple[int, int], str]:
    """The reasoned ignore list of a document; raises `SeedError` for a line without reason."""
    if not path.is_file():
        return {}
    found: dict[tuple[int, int], str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.split("\t")
        if len(parts) != 3 or not parts[0].isdigit() or not parts[1].isdigit() or not parts[2].strip():
            raise SeedError(
                "not begin, end and reason", where=Where(file=path.name, line=number), hint="separate them by tabs"
            )
        found[int(parts[0]), int(parts[1])] = parts[2].strip()
    return found


def unexplained(gaps: Iterable[Gap], ignored: Mapping[tuple[int, int], str]) -> list[Gap]:
    """The gaps that no ignored stretch contains."""
    stretches = sorted(ignored)
    return [g for g in gaps if not any(begin <= g.begin and g.end <= end for begin, end in stretches)]


def gap_findings(seed: Seed, gaps: Iterable[Gap]) -> Iterator[Finding]:
    """Each gap as a finding."""
    for gap in gaps:
        yield Finding(
            f"uncovered-{gap.kind}",
            f"{gap.text!r} [{gap.begin},{gap.end}) is in no mention",
            "annotate it, or list it with a reason in the ignore file",
            doc=seed.id,
            file=seed.file,
            id=seed.id,
            offset=gap.begin,
        )
