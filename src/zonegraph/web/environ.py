"""An ASGI request as Flask wants it: the environment of WSGI (PEP 3333)."""

from __future__ import annotations

import io
import sys
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import unquote_to_bytes

from zonegraph.web.backend import Cancel

Scope = MutableMapping[str, Any]


def environ(scope: Scope, body: bytes, cancel: Cancel) -> dict[str, Any]:
    """The WSGI environment of an ASGI request (PEP 3333)."""
    host, port = scope.get("server") or ("localhost", 80)
    raw_path = scope.get("raw_path") or scope["path"].encode("utf-8")
    variables: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(raw_path.split(b"?", 1)[0]).decode("latin-1"),
        "RAW_URI": raw_path.decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(host),
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": str((scope.get("client") or ("", 0))[0]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "zonegraph.cancel": cancel,
    }
    for name, value in scope["headers"]:
        _add_header(variables, name.decode("latin-1"), value.decode("latin-1"))
    if "CONTENT_LENGTH" in variables or body:
        variables["CONTENT_LENGTH"] = str(len(body))
    return variables


def _add_header(variables: dict[str, Any], name: str, value: str) -> None:
    if "_" in name or name == "transfer-encoding":
        return  # would be taken for the header with a hyphen; the body is here, whole, and has a length
    key = name.upper().replace("-", "_")
    if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
        key = f"HTTP_{key}"
    variables[key] = f"{variables[key]},{value}" if key in variables else value
