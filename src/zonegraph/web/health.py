"""``/health/live``, ``/health/ready`` and ``/metrics``."""

from __future__ import annotations

import json

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST

from zonegraph.web.problems import HttpProblemError
from zonegraph.web.web import Web, current_web


def blueprint(_: Web) -> Blueprint:
    """The routes of operation."""
    views = Blueprint("health", __name__)
    views.add_url_rule("/health/live", view_func=live)
    views.add_url_rule("/health/ready", view_func=ready)
    views.add_url_rule("/metrics", view_func=metrics)
    return views


def _json(body: dict[str, object]) -> Response:
    return Response(json.dumps(body), content_type="application/json", headers={"Cache-Control": "no-store"})


def live() -> Response:
    """The process answers."""
    return _json({"status": "live"})


def ready() -> Response:
    """A version is published and the next query would find a place; 503 otherwise."""
    web = current_web()
    if web.state.get("stopping") or not web.backend.healthy():
        raise HttpProblemError(503, "not ready", code="not-ready", headers={"Retry-After": "2"})
    version = web.backend.version()
    return _json({"status": "ready", "version": version.id, "quads": version.quads})


def metrics() -> Response:
    """Prometheus text, over all processes."""
    web = current_web()
    web.metrics.set_gauges(web.backend.gauges())
    return Response(web.metrics.expose(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
