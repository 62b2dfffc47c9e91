"""Errors over HTTP: one table from error to status, one body (RFC 9457 problem details)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response
from werkzeug.exceptions import HTTPException

from zonegraph.errors import (
    ExportError,
    QueryError,
    QueryLimitError,
    QueryRefusedError,
    QuerySyntaxError,
    StoreMissingError,
    UsageError,
    ZonegraphError,
)

PROBLEM_TYPE: Final = "application/problem+json"


class HttpProblemError(ZonegraphError):
    """A request that cannot be answered: carries its status, headers and further members of the body."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        hint: str = "",
        code: str = "http",
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.status = status
        self.headers = dict(headers or {})
        self.members = dict(members or {})


def bad_request(message: str, *, hint: str = "", code: str = "bad-request") -> HttpProblemError:
    """400."""
    return HttpProblemError(400, message, hint=hint, code=code)


def busy(message: str, *, seconds: int = 2) -> HttpProblemError:
    """503 with Retry-After."""
    return HttpProblemError(
        503,
        message,
        hint="ask again later",
        code="busy",
        headers={"Retry-After": str(max(1, seconds))},
    )


class ClientGoneError(ZonegraphError):
    """The client closed the connection: nobody waits for an answer."""

    default_code = "client-gone"


#: Status by ``code`` where the class alone does not tell.
_BY_CODE: Final[dict[str, int]] = {
    "limit-time": 504,
    "limit-memory": 507,
    "limit-rows": 422,
    "limit-bytes": 422,
    "worker-died": 500,
    "client-gone": 499,
    "unwritable": 406,
}
_BY_CLASS: Final[tuple[tuple[type[ZonegraphError], int], ...]] = (
    (QuerySyntaxError, 400),
    (QueryRefusedError, 403),
    (QueryLimitError, 422),
    (QueryError, 400),
    (ExportError, 422),
    (StoreMissingError, 503),
    (UsageError, 400),
)
_TITLES: Final[dict[int, str]] = {
    400: "Bad request",
    401: "Not authorised",
    403: "Refused",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    408: "Request too slow",
    409: "Conflict",
    410: "Gone",
    412: "Precondition failed",
    413: "Request too large",
    414: "Address too long",
    415: "Unsupported media type",
    416: "Range not satisfiable",
    422: "Cannot be given",
    431: "Head too large",
    499: "Client closed the request",
    500: "Internal error",
    501: "Not implemented",
    502: "Bad answer from the remote service",
    503: "Busy",
    504: "Out of time",
    507: "Out of memory",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """The members of a problem document."""

    status: int
    code: str
    detail: str
    hint: str
    headers: Mapping[str, str]
    members: Mapping[str, Any]

    @classmethod
    def from_error(cls, error: ZonegraphError) -> Problem:
        """The problem that reports an error of zonegraph."""
        if isinstance(error, HttpProblemError):
            return cls(error.status, error.code, error.message, error.hint, error.headers, error.members)
        status = status_of(error)
        retry = {"Retry-After": "5"} if status == 503 else {}
        return cls(status, error.code, error.message, error.hint, retry, {})

    @classmethod
    def from_http(cls, error: HTTPException) -> Problem:
        """The problem that reports an error of the framework (404, 405, 413 …)."""
        headers = {k: v for k, v in error.get_headers() if k.lower() in {"allow", "retry-after"}}
        return cls(error.code or 500, "http", error.description or "", "", headers, {})

    def as_dict(self) -> dict[str, Any]:
        """The JSON document."""
        body: dict[str, Any] = {
            "type": f"urn:zonegraph:problem:{self.code}",
            "title": _TITLES.get(self.status, "Error"),
            "status": self.status,
            "detail": self.detail,
        }
        if self.hint:
            body["hint"] = self.hint
        return {**body, **self.members}

    def as_json(self) -> bytes:
        """The body."""
        return json.dumps(self.as_dict(), ensure_ascii=False).encode("utf-8")

    def as_response(self) -> Response:
        """The HTTP response; never stored by caches."""
        response = Response(self.as_json(), status=self.status, content_type=PROBLEM_TYPE)
        response.headers.update(self.headers)
        response.headers["Cache-Control"] = "no-store"
        return response


def status_of(error: ZonegraphError) -> int:
    """The HTTP status that reports an error."""
    if isinstance(error, HttpProblemError):
        return error.status
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    return next((status for kind, status in _BY_CLASS if isinstance(error, kind)), 500)
