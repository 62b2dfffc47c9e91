"""Words of stored questions: headings of columns and parameters, and what helps to fill in a parameter.

The label of the ontology's term of that name, or of the one that ``messages/questions.toml`` names; else its own text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from zonegraph.names import ZG
from zonegraph.web.pages.catalogue import FOLDER, read_words
from zonegraph.web.pages.reader import Reader

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
Texts = Mapping[str, str]


@cache
def table() -> Mapping[str, Any]:
    """The list ``times`` and the sections ``term``, ``parameter``, ``column`` and ``help``."""
    return read_words(FOLDER / "questions.toml")


def column(variable: str, who: Reader) -> str:
    """The heading of a column."""
    return known(variable, who) or _CAMEL.sub(" ", variable.removesuffix("Label")).lower()


def parameter(name: str, who: Reader) -> str:
    """The label of a parameter."""
    own: Texts = table()["parameter"].get(name, {})
    return own.get(who.lang) or column(name, who)


def known(variable: str, who: Reader) -> str:
    """The heading of a column that the ontology or the table has; empty for the variables of other people's queries."""
    stem = variable.removesuffix("Label")
    own: Texts = table()["column"].get(stem, {})
    if own:
        return own.get(who.lang, "")
    named: Texts = table()["term"]
    aliases = (named.get(variable, ""), named.get(stem, ""))
    terms = (*aliases, variable, stem, stem[:1].upper() + stem[1:])
    found = next((name for name in terms if name and who.vocabulary.term(ZG + name)), "")
    return who.vocabulary.label(ZG + found, who.lang) if found else ""


def is_time(variable: str) -> bool:
    """Whether a column holds times, as EDTF."""
    return variable in table()["times"]


def helped(text: str, lang: str) -> str:
    """The help of a parameter in the language of the page; as its header has it where that is not translated."""
    own: Texts = table()["help"].get(text, {})
    return own.get(lang, text)
