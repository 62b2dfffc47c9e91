"""The web: SPARQL endpoint, Graph Store, linked data, discovery, operation.

Names are loaded when they are used: query workers live in this package and must start without Flask and uvicorn.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from zonegraph.web.app import create_app
    from zonegraph.web.backend import Backend, select
    from zonegraph.web.config import Config
    from zonegraph.web.local import LocalBackend
    from zonegraph.web.server import serve
    from zonegraph.web.web import Web, current_web

__all__ = ["Backend", "Config", "LocalBackend", "Web", "create_app", "current_web", "select", "serve"]

_HOMES: Final = {
    "Backend": "backend",
    "Config": "config",
    "LocalBackend": "local",
    "Web": "web",
    "create_app": "app",
    "current_web": "web",
    "select": "backend",
    "serve": "server",
}


def __getattr__(name: str) -> Any:
    """Load a public name from the module it lives in (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
