"""Stored questions: SPARQL files that explain themselves, with typed parameters."""

from zonegraph.questions.files import Parameter, Question, load_question, load_questions, parse_question

__all__ = ["Parameter", "Question", "load_question", "load_questions", "parse_question"]
