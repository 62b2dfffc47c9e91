"""Text in XML. Pure; characters that XML cannot carry have been refused before (see lint)."""

from __future__ import annotations

import re
from typing import Final

#: Markup, and every character that some parser turns into a plain space or line feed when it stands there as it is.
_SPECIAL: Final = re.compile('[&<>"\t\n\r\x85\u2028]')
#: Whether some text has anything to escape.
is_special: Final = _SPECIAL.search
_ESCAPES: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"} | {c: f"&#{ord(c)};" for c in "\t\n\r\x85\u2028"}
)


def escape(text: str) -> str:
    """Text for an attribute or an element; line breaks and tabs survive attribute normalisation."""
    return text.translate(_ESCAPES) if is_special(text) else text
