"""Reading the W3C's machine-readable HTTP tests and running them over a real connection."""

from __future__ import annotations

import http.client
import os
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest

SUITES = Path(__file__).resolve().parents[3] / "shared" / "w3c"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
HT = "http://www.w3.org/2011/http#"
HTS = "http://www.w3.org/2011/http-statusCodes#"
CNT = "http://www.w3.org/2011/content#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
UT = "http://www.w3.org/2009/sparql/tests/test-update#"
STATUS = {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404}


def suite(name: str) -> Path:
    """The folder of a suite; its absence skips the test, and fails it where CI is set."""
    folder = SUITES / name
    if not folder.is_dir():
        message = f"the W3C tests are not at {Path('..') / 'shared' / 'w3c' / name}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder


@dataclass
class Manifest:
    """A parsed manifest."""

    path: Path
    store: ox.Store

    @classmethod
    def load(cls, path: Path) -> Manifest:
        store = ox.Store()
        store.load(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri())
        return cls(path, store)

    def objects(self, subject: object, predicate: str) -> list[object]:
        return [q.object for q in self.store.quads_for_pattern(subject, ox.NamedNode(predicate), None)]

    def one(self, subject: object, predicate: str) -> object:
        found = self.objects(subject, predicate)
        return found[0] if found else None

    def text(self, subject: object, predicate: str, default: str = "") -> str:
        found = self.one(subject, predicate)
        return default if found is None else found.value

    def items(self, head: object) -> Iterator[object]:
        while head is not None and head.value != RDF + "nil":
            yield self.one(head, RDF + "first")
            head = self.one(head, RDF + "rest")

    def tests(self) -> list[object]:
        top = self.store.quads_for_pattern(None, ox.NamedNode(MF + "entries"), None)
        return [test for quad in top for test in self.items(quad.object)]

    def file(self, node: object) -> Path:
        return Path(urllib.parse.unquote(urllib.parse.urlsplit(node.value).path))


@dataclass
class Expected:
    statuses: list[str]
    boolean: str
    format: str
    location: str
    content_type: str
    body: str | None


@dataclass
class HttpStep:
    method: str
    path: str
    headers: list[tuple[str, str]]
    body: str | None
    expected: Expected


def steps(manifest: Manifest, test: object) -> list[HttpStep]:
    """The requests of one test, in order."""
    connection = manifest.one(test, MF + "action")
    return [_step(manifest, node) for node in manifest.items(manifest.one(connection, HT + "requests"))]


def _headers(manifest: Manifest, node: object) -> list[tuple[str, str]]:
    return [
        (manifest.text(h, HT + "fieldName"), manifest.text(h, HT + "fieldValue"))
        for h in manifest.items(manifest.one(node, HT + "headers"))
    ]


def _body(manifest: Manifest, node: object) -> tuple[str | None, str]:
    body = manifest.one(node, HT + "body")
    if body is None:
        return None, ""
    return manifest.text(body, CNT + "chars"), manifest.text(body, CNT + "characterEncoding", "UTF-8")


def _step(manifest: Manifest, node: object) -> HttpStep:
    response = manifest.one(node, HT + "resp")
    body, _ = _body(manifest, node)
    expected = Expected(
        [found.value.rpartition("#")[2] for found in manifest.objects(response, MF + "expectedStatus")],
        manifest.text(response, MF + "expectedBoolean"),
        manifest.text(response, MF + "expectedFormat"),
        manifest.text(response, MF + "expectedLocation"),
        dict(_headers(manifest, response)).get("content-type", ""),
        _body(manifest, response)[0],
    )
    path = manifest.text(node, HT + "absolutePath")
    return HttpStep(manifest.text(node, HT + "methodName"), path, _headers(manifest, node), body, expected)


@dataclass
class HttpAnswer:
    status: int
    headers: dict[str, str]
    body: bytes


def send(port: int, step: HttpStep, path: str, extra: dict[str, str]) -> HttpAnswer:
    """One request, exactly as the manifest writes it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    charset = next((v.split("charset=")[1] for n, v in step.headers if "charset=" in v), "utf-8")
    body = None if step.body is None else step.body.encode(charset if "16" in charset else "utf-8")
    connection.putrequest(step.method, path)
    for name, value in [*step.headers, *extra.items()]:
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    found = connection.getresponse()
    answer = HttpAnswer(found.status, {n.lower(): v for n, v in found.getheaders()}, found.read())
    connection.close()
    return answer


def status_fits(status: int, expected: list[str]) -> bool:
    """Whether a status is one of those the manifest names (``StatusCode2xx`` or ``Created``)."""
    for name in expected:
        if name.startswith("StatusCode") and str(status)[0] == name[len("StatusCode")]:
            return True
        if STATUS.get(name) == status:
            return True
    return False


def same_graph(first: bytes, second: bytes, base: str) -> bool:
    """Whether two Turtle documents are isomorphic."""
    return _canonical(first, base) == _canonical(second, base)


def _canonical(data: bytes, base: str) -> list[str]:
    quads = ox.Dataset(ox.parse(data, format=ox.RdfFormat.TURTLE, base_iri=base))
    quads.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(str(quad) for quad in quads)
