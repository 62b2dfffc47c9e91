"""The keys a name is found by: folded characters, pinyin, initials. Pure apart from pypinyin's tables."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from zonegraph.values import fold

_HAN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_PUNCTUATION: Final = re.compile(r"[^\w]+")


def search_fold(text: str) -> str:
    """A name or query with script, width, case, space and punctuation levelled."""
    return _PUNCTUATION.sub("", fold(text))


def _apart(text: str) -> str:
    """What has no pinyin stays as it is."""
    return text


@lru_cache(maxsize=4096)
def pinyin(folded: str) -> tuple[str, str]:
    """The pinyin of a folded name, and the initials of its syllables; empty where it has no Chinese characters."""
    if not _HAN.search(folded):
        return "", ""
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415  (its tables take a while to load)

    syllables = lazy_pinyin(folded, style=Style.NORMAL, errors=_apart)
    return "".join(syllables), "".join(syllable[:1] for syllable in syllables)


def tokens(text: str) -> list[str]:
    """Tokens of a name for full-text search: each Chinese character by itself, each other word whole."""
    levelled = _HAN.sub(lambda match: f" {match[0]} ", fold_words(text))
    return _PUNCTUATION.sub(" ", levelled).split()


def fold_words(text: str) -> str:
    """`fold` word by word, so that English words stay apart."""
    return " ".join(fold(word) for word in text.split())
