"""Stored questions as the pages see them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from zonegraph.errors import UsageError
from zonegraph.questions import Question, load_questions
from zonegraph.resources import data_dir
from zonegraph.web.pages.reader import Reader
from zonegraph.web.pages.spoken import spoken


@dataclass(frozen=True, slots=True)
class Example:
    """A question in the words of the page."""

    name: str
    title: str
    question: str
    href: str


def folder() -> Path | None:
    """Where the questions lie; None in an installation without."""
    try:
        return data_dir("queries")
    except UsageError:
        return None


def questions() -> tuple[Question, ...]:
    """All stored questions, read again when a file has changed."""
    path = folder()
    if path is None:
        return ()
    stamps = tuple((p.name, p.stat().st_mtime_ns) for p in sorted((path / "questions").glob("*.rq")))
    return _loaded(path, stamps)


@lru_cache(maxsize=2)
def _loaded(path: Path, _stamps: tuple[tuple[str, int], ...]) -> tuple[Question, ...]:
    return tuple(load_questions(path))


def examples(who: Reader) -> tuple[Example, ...]:
    """All questions, in the language of the page."""
    return tuple(as_example(question, who.lang) for question in questions())


def as_example(question: Question, lang: str) -> Example:
    """A question in one language."""
    title, text = spoken(question.titles, lang)[0], spoken(question.questions, lang)[0]
    return Example(question.name, title, text, f"/questions/{question.slug}")
