"""Which language a page is in: what the address says, then the cookie, then Accept-Language (RFC 4647 lookup)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

#: Languages of the pages; the first is spoken where nothing else is asked for.
LANGUAGES: Final = ("en", "zh-hans", "zh-hant")
COOKIE: Final = "lang"
#: The attribute of HTML, whose subtags people write in this case.
HTML_TAGS: Final = {"en": "en", "zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}
#: Where a label is looked for when the language of the page has none.
FALLBACK: Final = {
    "en": ("en", "", "zh-hans", "zh", "zh-hant"),
    "zh-hans": ("zh-hans", "zh", "zh-cn", "zh-hant", "en", ""),
    "zh-hant": ("zh-hant", "zh-tw", "zh-hk", "zh-hans", "zh", "en", ""),
}
_TRADITIONAL: Final = re.compile(r"zh-(?:hant|tw|hk|mo)\b")
_MEMBER: Final = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?", re.ASCII
)


def supported(tag: str) -> str | None:
    """The language of the pages that a tag asks for: ``zh-TW`` is Traditional, other ``zh`` Simplified."""
    lower = tag.strip().lower().replace("_", "-")
    if _TRADITIONAL.match(lower):
        return "zh-hant"
    main = lower.partition("-")[0]
    return {"zh": "zh-hans", "en": "en"}.get(main)


def negotiate(asked: str, cookie: str, header: str) -> str:
    """The language of a page from ``?lang=``, the cookie and the header; unknown values count as absent."""
    for value in (asked, cookie):
        if value and (found := supported(value)):
            return found
    ranked = sorted(_ranges(header), key=lambda pair: -pair[0])
    return next((found for weight, tag in ranked if weight > 0 and (found := supported(tag))), LANGUAGES[0])


def _ranges(header: str) -> Iterator[tuple[float, str]]:
    for member in header[:1000].split(","):
        match = _MEMBER.fullmatch(member)
        if match:
            yield float(match[2]) if match[2] else 1.0, match[1]


def html_tag(tag: str) -> str:
    """A language tag of the data as HTML spells it."""
    return HTML_TAGS.get(tag, tag)
