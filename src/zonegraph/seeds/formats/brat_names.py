"""Names, fragments and notes as brat writes them; what both directions must agree on.

brat splits its lines at white space, a role's last digits are a number, and a mention cannot hold a line break: it
is written in fragments, one a line of the text. What brat has no place for stands in a note of type `NOTE`, as
JSON; an annotator who does not touch the note loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from zonegraph.seeds.records import Span

#: The type of the notes that carry JSON.
NOTE: Final = "Zonegraph"
#: The database name in normalisation lines.
DATABASE: Final = "zonegraph"
_ESCAPED: Final = re.compile(r"_u([0-9a-f]{2,6})_")


def escape(name: str) -> str:
    """A name of word characters only, for types, roles and attributes. Undone by `unescape`."""
    return re.sub(r"[^\w-]", lambda match: _code(match[0]), name.replace("_u", "_u5f_u"))


def _code(character: str) -> str:
    return f"_u{ord(character):02x}_"


def unescape(name: str) -> str:
    """The name before `escape`."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)) if int(match[1], 16) < 0x110000 else match[0], name)


def numbered(role: str, number: int) -> str:
    """The first argument has the bare role, the others ``integrates2``, ``integrates3``."""
    # a role's own last digit would be taken for the number
    plain = re.sub(r"[0-9]\Z", lambda match: _code(match[0]), escape(role))
    return plain if number == 1 else f"{plain}{number}"


def role_of(written: str) -> str:
    """The role without its number."""
    return unescape(re.sub(r"[0-9]+\Z", "", written))


def fragments(spans: Iterable[Span], text: str) -> list[tuple[Span, str]]:
    """The spans cut at line breaks, with the characters of each; ``text`` is the whole slice."""
    found: list[tuple[Span, str]] = []
    offset = 0
    for begin, end in spans:
        piece = text[offset : offset + end - begin]
        offset += end - begin
        lines = re.finditer(r"[^\n]+", piece)
        found += [((begin + line.start(), begin + line.end()), line[0]) for line in lines]
    return found


def joined(pieces: Sequence[Span], text: str) -> list[Span]:
    """Fragments with nothing but white space between them are one span again."""
    whole: list[Span] = []
    for begin, end in sorted(pieces):
        if whole and whole[-1][1] <= begin and not text[whole[-1][1] : begin].strip():
            whole[-1] = (whole[-1][0], end)
        else:
            whole.append((begin, end))
    return whole


def written_spans(pieces: Iterable[Span]) -> str:
    """``0 3;4 5``."""
    return ";".join(f"{begin} {end}" for begin, end in pieces)


def read_spans(text: str) -> Iterator[Span]:
    """The spans of ``0 3;4 5``; raises ValueError."""
    for part in text.split(";"):
        begin, end = part.split(" ")
        yield int(begin), int(end)
