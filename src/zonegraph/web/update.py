"""SPARQL Update over HTTP, and who may write."""

from __future__ import annotations

import hmac

from flask import Response, g, request

from zonegraph.sparql import guard
from zonegraph.web import http
from zonegraph.web.backend import Writer
from zonegraph.web.problems import HttpProblemError, bad_request
from zonegraph.web.protocol import SparqlRequest
from zonegraph.web.web import Web


def is_authorised(web: Web) -> bool:
    """Whether this server can be written and the request carries its token (compared in constant time)."""
    token = web.state.get("token")
    if web.backend.writer is None or not isinstance(token, str):
        return False
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())


def writer(web: Web) -> Writer:
    """The writer, for a request that may use it; raises 403 on a read-only server and 401 without the token."""
    found = web.backend.writer
    if found is None:
        raise HttpProblemError(403, "this server is read-only", hint="start it with --writable", code="read-only")
    if not is_authorised(web):
        raise HttpProblemError(
            401,
            "writing needs the bearer token",
            hint="send Authorization: Bearer …",
            code="token",
            headers={"WWW-Authenticate": 'Bearer realm="zonegraph"'},
        )
    return found


def _expected(web: Web) -> str | None:
    """The version that If-Match asks for, if any; raises 412 where it is not the current one."""
    wanted = request.headers.get("If-Match", "*").strip()
    if wanted == "*":
        return None
    current = web.backend.version().id
    if current not in http.strong_tags(wanted):
        raise HttpProblemError(412, "the graph is not in the state you expect", code="precondition")
    return current


def respond(web: Web, asked: SparqlRequest) -> Response:
    """Apply an update; 204 when it is durable and visible."""
    apply = writer(web)
    facts = guard.inspect(asked.text)
    guard.refuse_foreign(facts)
    text = asked.text
    if asked.dataset:
        if facts.names_using:
            raise bad_request(
                "the dataset stands in the parameters and in USING or WITH", hint="name it once", code="dataset"
            )
        text = guard.with_using(text, asked.dataset.default, asked.dataset.named)
    version = apply.update(text, http.base_url(web.config) + "/sparql", _expected(web))
    g.record.outcome, g.record.version = "updated", version.id
    return Response(status=204, headers={"ETag": f'"{version.id}"'})
