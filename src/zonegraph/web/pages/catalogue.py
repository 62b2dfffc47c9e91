"""The words of the pages: one TOML file per language, flat keys, ``{name}`` where a value goes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from zonegraph.web.pages.language import LANGUAGES

FOLDER: Final = Path(__file__).parent / "messages"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The words of one language."""

    lang: str
    words: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key with its values put in; a key without text is shown as it is."""
        text = self.words.get(key, key)
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def count(self, key: str, n: object, **values: object) -> str:
        """The text of a key for a number; ``<key>-one`` where that is one."""
        return self(f"{key}-one" if str(n) == "1" else key, n=n, **values)

    def has(self, key: str) -> bool:
        """Whether there is a text."""
        return key in self.words


def load_catalogues(folder: Path = FOLDER) -> dict[str, Catalogue]:
    """All languages."""
    return {lang: Catalogue(lang, dict(_flat(read_words(folder / f"{lang}.toml")))) for lang in LANGUAGES}


def read_words(path: Path) -> Mapping[str, Any]:
    """A file of words, as it is."""
    return tomllib.loads(path.read_text("utf-8"))


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, str(value)
