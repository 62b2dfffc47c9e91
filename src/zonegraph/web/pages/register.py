"""Wiring: addresses to views, and the endpoint's plain pages to better ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flask import Blueprint, Response
from werkzeug.wrappers import Response as BaseResponse

from zonegraph.web.pages import (
    compare,
    editor,
    entity,
    exports,
    find,
    home,
    network,
    places,
    problem,
    questions,
    reconcile,
    schema,
    site,
    sources,
    times,
)
from zonegraph.web.pages.assets import Assets
from zonegraph.web.pages.catalogue import load_catalogues
from zonegraph.web.pages.reader import CATALOGUES
from zonegraph.web.web import Renderer, Web

View = Callable[..., BaseResponse]


def blueprint(web: Web) -> Blueprint:
    """All pages."""
    web.state[CATALOGUES] = load_catalogues()
    web.state[site.ASSETS] = Assets.scan()
    views = Blueprint("pages", __name__, template_folder="templates")
    for rule, view in _RULES.items():
        methods = ["GET", "POST"] if rule == "/reconcile" else ["GET"]
        views.add_url_rule(rule, endpoint=_name(rule), view_func=view, methods=methods)
    web.views.update(_HOOKS)
    web.renderers.update(_RENDERERS)
    web.variant = site.variant
    return views


def _name(rule: str) -> str:
    """The name of a rule, which may hold no dot."""
    return rule.strip("/").replace(".", "-") or "home"


def static(name: str) -> Response:
    """A file of ours."""
    return site.assets().send(name)


_RULES: Final[dict[str, View]] = {
    "/": home.view,
    "/search": find.view,
    "/suggest": find.suggestions,
    "/source/<path:path>": sources.view,
    "/questions": questions.index,
    "/questions/<name>": questions.view,
    "/timeline": times.view,
    "/map": places.view,
    "/map.geojson": places.data,
    "/graph": network.view,
    "/graph/data": network.data,
    "/compare": compare.view,
    "/editor/data": editor.data,
    "/export/graph.<path:form>": exports.view,
    "/reconcile": reconcile.service,
    "/reconcile/suggest/<kind>": reconcile.suggest,
    "/reconcile/properties": reconcile.properties,
    "/reconcile/preview": reconcile.preview,
    "/reconcile/view": reconcile.view,
    "/static/<path:name>": static,
}
_HOOKS: Final[dict[str, Callable[..., Response]]] = {
    "document": entity.view,
    "ontology": schema.view,
    "query": editor.view,
}
_RENDERERS: Final[dict[str, Renderer]] = {
    "problem": problem.page,
    "result": editor.result_page,
    "boolean": editor.boolean_page,
    "graph": editor.graph_page,
}
