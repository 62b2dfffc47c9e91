"""What the views share: backend, settings, cache, measurements, and the HTML renderers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Flask, Response, current_app

from zonegraph.web.backend import Backend, Limits
from zonegraph.web.cache import ResponseCache
from zonegraph.web.config import Config
from zonegraph.web.metrics import Metrics
from zonegraph.web.querylog import QueryLog

EXTENSION = "zonegraph"
Renderer = Callable[..., str]
View = Callable[..., Response]


def _one_variant() -> str:
    """HTML that looks the same to everybody."""
    return ""


@dataclass
class Web:
    """The state of one server process.

    ``renderers`` make HTML (`zonegraph.web.html.RENDERERS` shows names and arguments); a blueprint may replace them.
    ``views`` answer a whole request for HTML instead (``document``, ``ontology``, ``query``); ``variant`` names
    what HTML depends on besides its address, such as a language.
    """

    backend: Backend
    config: Config
    cache: ResponseCache
    metrics: Metrics
    log: QueryLog
    renderers: dict[str, Renderer] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    variant: Callable[[], str] = _one_variant
    state: dict[str, Any] = field(default_factory=dict)

    def limits(self, seconds: float | None = None) -> Limits:
        """The caps of one query; a client may lower the time, never raise it."""
        config = self.config
        allowed = config.timeout if seconds is None else min(seconds, config.timeout)
        return Limits(allowed, config.max_rows, config.max_bytes)

    def dump_limits(self) -> Limits:
        """The caps of a dump: no bound on triples, more bytes and time than a query has."""
        config = self.config
        return Limits(config.dump_seconds, 2**62, config.max_dump_bytes)

    @classmethod
    def of(cls, app: Flask) -> Web:
        """The state of an app."""
        return cast(Web, app.extensions[EXTENSION])


def current_web() -> Web:
    """The state of the app that handles this request."""
    return Web.of(current_app)
