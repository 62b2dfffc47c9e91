"""The errors of zonegraph, one tree.

::

    ZonegraphError
    ├── UsageError              a flag, a parameter or a path is wrong        (exit 2)
    ├── OntologyError           the ontology, a code list or the registry     (exit 1)
    │   ├── UnknownTermError    a name that no ontology term carries
    │   └── AmbiguousTermError  one folded name, two terms
    ├── SeedError               a seed file or one of its records             (exit 3)
    ├── ValueFormatError        a number, quantity or date cannot be read     (exit 3)
    ├── StoreError              the store directory or a version in it        (exit 4)
    │   └── StoreMissingError   nothing has been published yet
    ├── QueryError              a SPARQL text or its evaluation               (exit 2)
    │   ├── QuerySyntaxError    not legal SPARQL
    │   ├── QueryRefusedError   legal, and not allowed here (SERVICE, LOAD, …)
    │   └── QueryLimitError     stopped at a cap on time, memory, rows or bytes
    ├── ExportError             a graph that a format cannot carry            (exit 1)
    └── ValidationError         shapes or checks that cannot be run           (exit 4)

Each error says what is wrong, where (file, line, id, offset: whichever are known) and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Where:
    """A place: file, 1-based line, record id, code point offset; unknown parts stay ``None``."""

    file: str | None = None
    line: int | None = None
    id: str | None = None
    offset: int | None = None

    def __str__(self) -> str:
        parts = [self.file or ""]
        if self.line is not None:
            parts.append(f":{self.line}")
        if self.id is not None:
            parts.append(f" {self.id}")
        if self.offset is not None:
            parts.append(f" @{self.offset}")
        return "".join(parts).strip()


class ZonegraphError(Exception):
    """Anything zonegraph reports; ``code`` is stable and machine-readable, ``hint`` says what to do."""

    exit_code = 4
    default_code = "error"

    def __init__(self, message: str, *, where: Where | None = None, hint: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where or Where()
        self.hint = hint
        self.code = code or self.default_code

    def __str__(self) -> str:
        place = str(self.where)
        head = f"{place}: {self.message}" if place else self.message
        return f"{head} ({self.hint})" if self.hint else head


class UsageError(ZonegraphError):
    """A flag, a parameter or a path is wrong."""

    exit_code = 2
    default_code = "usage"


class OntologyError(ZonegraphError):
    """The ontology, a code list, a shape or the registry is wrong."""

    exit_code = 1
    default_code = "ontology"


class UnknownTermError(OntologyError):
    """No ontology term, code or registered entity carries this name."""

    default_code = "unknown-term"


class AmbiguousTermError(OntologyError):
    """Two terms of one kind fold to the same name."""

    default_code = "label-collision"


class SeedError(ZonegraphError):
    """A seed file or one of its records is wrong."""

    exit_code = 3
    default_code = "seed"


class ValueFormatError(ZonegraphError):
    """A number, a quantity or a date cannot be read."""

    exit_code = 3
    default_code = "value"


class StoreError(ZonegraphError):
    """The store directory, or a version in it, cannot be read or written."""

    exit_code = 4
    default_code = "store"


class StoreMissingError(StoreError):
    """Nothing has been published in this store directory yet."""

    default_code = "store-missing"


class QueryError(ZonegraphError):
    """A SPARQL text or its evaluation failed."""

    exit_code = 2
    default_code = "query"


class QuerySyntaxError(QueryError):
    """The text is not legal SPARQL."""

    default_code = "query-syntax"


class QueryRefusedError(QueryError):
    """The query is legal and is not allowed here."""

    default_code = "query-refused"


class QueryLimitError(QueryError):
    """The query was stopped at a cap on time, memory, rows or bytes."""

    default_code = "query-limit"


class ExportError(ZonegraphError):
    """The graph cannot be carried by the format without loss."""

    exit_code = 1
    default_code = "export"


class ValidationError(ZonegraphError):
    """Shapes or checks cannot be run."""

    default_code = "validation"
