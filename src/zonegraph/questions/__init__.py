"""Stored questions: SPARQL files that explain themselves, with typed parameters."""

from zonegraph.questions.files import Parameter, Question, load_question, load_questions, parse_question
from zonegraph.questions.table import classes_of, questions_table

__all__ = [
    "Parameter",
    "Question",
    "classes_of",
    "load_question",
    "load_questions",
    "parse_question",
    "questions_table",
]
