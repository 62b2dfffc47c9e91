"""The page that lists all stored questions, made from their headers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from zonegraph.questions.files import Parameter, Question

_CLASS: Final = re.compile(r"\bzg:([A-Z]\w*)")
_HEAD: Final = """# Stored questions

Generated from the headers of `queries/questions/*.rq`; a test says when it is not current.
Ask one with `zonegraph query @cq01`, set a parameter with `--param unit=zone/urumqi-etdz`, or open `/questions/cq01`.
The expected answer of each question with its default parameters lies beside it as CSV.

| number | question | parameters | classes |
|---|---|---|---|
"""


def questions_table(questions: Iterable[Question]) -> str:
    """The page as Markdown, one row a question, in the order given."""
    return _HEAD + "".join(_row(question) for question in questions)


def classes_of(question: Question) -> tuple[str, ...]:
    """The classes of the product's ontology that a question names, in alphabetical order, comments left out."""
    code = "\n".join(line.partition("# ")[0] for line in question.text.splitlines())
    return tuple(sorted(set(_CLASS.findall(code))))


def _row(question: Question) -> str:
    texts = "<br>".join(question.questions[lang] for lang in ("en", "zh-hans"))
    parameters = "<br>".join(_parameter(p) for p in question.parameters)
    number = question.name.partition("_")[0]
    cells = (f"`{number}`", texts, parameters, ", ".join(classes_of(question)))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _parameter(parameter: Parameter) -> str:
    default = f" = `{parameter.default}`" if parameter.default else ""
    return f"`{parameter.name}` ({parameter.kind}){default}: {parameter.help}"
