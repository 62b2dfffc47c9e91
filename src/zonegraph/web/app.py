"""`create_app`: the Flask application as a function of a backend and its settings. Wires, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from flask import Blueprint, Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from zonegraph.errors import ZonegraphError
from zonegraph.web import discovery, gsp, health, html, http, linked, protocol, sparql
from zonegraph.web.backend import Backend
from zonegraph.web.cache import ResponseCache
from zonegraph.web.config import Config
from zonegraph.web.metrics import Metrics
from zonegraph.web.problems import Problem
from zonegraph.web.querylog import QueryLog, Record
from zonegraph.web.web import EXTENSION, Web, current_web

_ALLOWED = {"/sparql": ", ".join(protocol.METHODS), "/data": ", ".join(gsp.METHODS)}
_READ = "GET, HEAD, OPTIONS"
BlueprintFactory = Callable[[Web], Blueprint]
#: Every part of the site; a page package adds its factory by passing it to `create_app`.
BLUEPRINTS: tuple[BlueprintFactory, ...] = (
    sparql.blueprint,
    gsp.blueprint,
    linked.blueprint,
    discovery.blueprint,
    health.blueprint,
)

EXPOSED = (
    "Accept-Ranges, Allow, Link, ETag, Content-Location, Location, Last-Modified, Content-Range, Retry-After, Vary, "
    "X-Request-Id"
)
#: What a script of another site may send.
_ASKED = (
    "Accept, Authorization, Content-Encoding, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Range, Range"
)
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'self'; "
        "form-action 'self'"
    ),
}


def create_app(backend: Backend, config: Config | None = None, pages: Sequence[BlueprintFactory] = ()) -> Flask:
    """The application; ``pages`` are further blueprints, registered after the product's own."""
    settings = config or Config()
    app = Flask("zonegraph.web", static_folder=None)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    web = Web(
        backend,
        settings,
        ResponseCache(settings.cache_bytes),
        Metrics(),
        QueryLog(settings.query_log, with_text=settings.log_queries),
        renderers=dict(html.RENDERERS),
    )
    if settings.writable:
        web.state["token"] = settings.token()
    app.extensions[EXTENSION] = web
    for factory in (*BLUEPRINTS, *pages):
        app.register_blueprint(factory(web))
    app.register_error_handler(ZonegraphError, _on_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.before_request(_begin)
    app.after_request(_finish)
    return app


def _on_error(error: ZonegraphError) -> Response:
    record: Record | None = g.get("record")
    if record is not None:
        record.outcome = error.code
    return _shown(Problem.from_error(error))


def _on_http_error(error: HTTPException) -> Response:
    problem = Problem.from_http(error)
    if error.code == 405:
        # the routes take every known method, to answer it themselves: what they allow is less
        allow = allowed_methods(request.path, problem.headers.get("Allow", _READ))
        problem = replace(problem, headers={**problem.headers, "Allow": allow})
    return _shown(problem)


def allowed_methods(path: str, otherwise: str = _READ) -> str:
    """The value of Allow for a path."""
    return next((names for prefix, names in _ALLOWED.items() if path.startswith(prefix)), otherwise)


def _shown(problem: Problem) -> Response:
    """A problem document; people in a browser get a page."""
    response = problem.as_response()
    if request.accept_mimetypes.best_match(["application/problem+json", "text/html"]) == "text/html":
        document = problem.as_dict()
        page = current_web().renderers["problem"](problem.status, document["title"], problem.detail, problem.hint)
        response.set_data(page.encode("utf-8"))
        response.content_type = "text/html; charset=utf-8"
    return response


def _begin() -> None:
    g.request_id = http.new_request_id()


def _finish(response: Response) -> Response:
    web = current_web()
    _headers(response, web.config.cors_origin)
    record: Record | None = g.get("record")
    request.environ["zonegraph.record"] = record
    size = response.content_length or 0
    if record is not None:
        record.outcome = record.outcome or "ok"
        web.log.write(record, status=response.status_code, size=size, request_id=g.request_id)
        web.metrics.query(record.outcome, record.seconds, record.rows, size)
    route = request.url_rule.rule if request.url_rule else "none"
    web.metrics.request(route, request.method if request.method in _METHODS else "other", response.status_code)
    return response


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "QUERY"})


def standing_headers(config: Config) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What every response carries, before and after the id of the request."""
    origin = config.cors_origin
    cors = [("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", EXPOSED)] if origin else []
    return list(_SECURITY.items()), cors


def _headers(response: Response, origin: str) -> None:
    headers = response.headers
    for name, value in _SECURITY.items():
        headers.setdefault(name, value)
    headers["X-Request-Id"] = g.get("request_id", "")
    if not origin:
        return
    headers["Access-Control-Allow-Origin"] = origin
    headers["Access-Control-Expose-Headers"] = EXPOSED
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = headers.get("Allow", "GET, HEAD, OPTIONS")
        headers["Access-Control-Allow-Headers"] = _ASKED
        headers["Access-Control-Max-Age"] = "86400"
