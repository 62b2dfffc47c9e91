"""Words of our own in the language of a page: Simplified is turned to Traditional where only the former was written.

Only for our own words: what documents and registries say is shown as they spell it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

import opencc

from zonegraph.web.pages.vocabulary import pick

_SIMPLIFIED: Final = ("zh-hans", "zh")


def spoken(texts: Mapping[str, str], lang: str) -> tuple[str, str]:
    """A text of ours for a language and the tag it has; both empty when there is none."""
    text, tag = pick(texts, lang)
    if lang == "zh-hant" and tag in _SIMPLIFIED:
        return to_traditional(text), lang
    return text, tag


@lru_cache(maxsize=4096)
def to_traditional(text: str) -> str:
    """Simplified characters as Traditional ones, by OpenCC."""
    found: str = _converter().convert(text)
    return found


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2tw")
