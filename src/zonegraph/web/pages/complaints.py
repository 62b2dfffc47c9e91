"""What errors say, in the language of a page: the code says it in English, ``messages/problems.toml`` in the others."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from zonegraph.web.pages.catalogue import FOLDER, read_words
from zonegraph.web.pages.language import LANGUAGES
from zonegraph.web.pages.reader import Link
from zonegraph.web.pages.values import plain

ENGLISH: Final = LANGUAGES[0]
SLOT: Final = re.compile(r"\{(\w+)\}")


def said_in(text: str, lang: str) -> Link:
    """An English text in a language; marked as English where the catalogue does not know it."""
    if lang == ENGLISH:
        return plain(text)
    for pattern, ours in _patterns(lang):
        if found := pattern.fullmatch(text):
            return plain(SLOT.sub(lambda slot: found[slot[1]], ours))
    return plain(text, ENGLISH)


def texts() -> Sequence[Mapping[str, str]]:
    """All of the catalogue, each text by language."""
    found: Sequence[Mapping[str, str]] = read_words(FOLDER / "problems.toml")["text"]
    return found


@cache
def _patterns(lang: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """What to look for and what to say; the longest fixed text first, which fits best."""
    ranked = sorted(texts(), key=lambda text: -len(SLOT.sub("", text[ENGLISH])))
    return tuple((_as_pattern(text[ENGLISH]), text[lang]) for text in ranked)


def _as_pattern(text: str) -> re.Pattern[str]:
    parts = SLOT.split(text)
    return re.compile(
        "".join(f"(?P<{part}>.*)" if at % 2 else re.escape(part) for at, part in enumerate(parts)), re.DOTALL
    )
