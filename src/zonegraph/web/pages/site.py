"""What all pages share: rendering, caching by version and language, the language cookie, files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, cast
from urllib.parse import urlencode

import orjson
from flask import Response, has_request_context, render_template, request

from zonegraph.web import http
from zonegraph.web.cache import Entry, fingerprint
from zonegraph.web.pages.addresses import page_of, with_query
from zonegraph.web.pages.assets import Assets
from zonegraph.web.pages.complaints import said_in
from zonegraph.web.pages.language import COOKIE, HTML_TAGS, LANGUAGES, supported
from zonegraph.web.pages.reader import Reader, language, reader
from zonegraph.web.web import current_web

ASSETS: Final = "pages.assets"
VARY: Final = "Accept, Accept-Language, Cookie"
HTML: Final = "text/html; charset=utf-8"
JSON: Final = "application/json"


def assets() -> Assets:
    """The files of this server."""
    return cast(Assets, current_web().state[ASSETS])


def render(who: Reader, template: str, **model: Any) -> str:
    """A page from a template and its model."""
    return render_template(
        template,
        t=who.words,
        lang=who.lang,
        html_lang=HTML_TAGS[who.lang],
        languages=[(tag, HTML_TAGS[tag], who.words(f"language.{tag}"), _in_language(tag)) for tag in LANGUAGES],
        assets=assets(),
        version=who.version,
        page_of=page_of,
        with_query=with_query,
        said=partial(said_in, lang=who.lang),
        **model,
    )


def _in_language(tag: str) -> str:
    """The address of this page in another language."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{request.path}?{urlencode([*kept, ('lang', HTML_TAGS[tag])])}"


def page(build: Callable[[Reader], str], *, content_type: str = HTML) -> Response:
    """A page, from the reader's copy, from the cache, or made now."""
    who = reader()
    web, version = who.web, who.version
    tag = fingerprint(version.digest, version.id, request.full_path, who.lang, assets().stamp, content_type)
    if version.stable and http.not_modified(request, tag, version):
        return _with_cookie(http.unmodified(request, tag, version, vary=VARY))
    entry = web.cache.get(tag) if version.stable else None
    if entry is None:
        entry = Entry.from_data(content_type, build(who).encode("utf-8", "replace"), 0)
        if version.stable:
            web.cache.put(tag, entry)
    response = http.from_entry(entry, compress=http.wants_gzip(request))
    if version.stable:
        http.with_validators(response, tag, version, vary=VARY)
    response.headers["Vary"] = f"{VARY}, Accept-Encoding"
    # not "public": what the edge keeps is told apart by address and form only, not by language
    response.headers["Cache-Control"] = "no-cache"
    return _with_cookie(response)


def data(build: Callable[[Reader], Any]) -> Response:
    """An answer in JSON."""
    return page(lambda who: as_json(build(who)), content_type=JSON)


def as_json(body: Any) -> str:
    """JSON text."""
    return orjson.dumps(body).decode()


def plain(template: str, status: int = 200, **model: Any) -> Response:
    """A page that is never kept, such as an error."""
    response = Response(render(reader(), template, **model), status=status, content_type=HTML)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = VARY
    return _with_cookie(response)


def _with_cookie(response: Response) -> Response:
    """Remember the language that was asked for in the address."""
    chosen = supported(request.args.get("lang", ""))
    if chosen and request.cookies.get(COOKIE) != chosen:
        response.set_cookie(COOKIE, chosen, max_age=31_536_000, samesite="Lax", httponly=True, path="/")
        response.headers["Cache-Control"] = "private, no-cache"
    return response


def variant() -> str:
    """What a page depends on besides its address: names the entry of a cache. Empty where nobody reads a page."""
    return f"{language()} {assets().stamp}" if has_request_context() else ""
