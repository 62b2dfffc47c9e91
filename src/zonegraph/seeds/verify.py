"""Prove a seed against the text it was read from: digest, length, every slice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from zonegraph.errors import UsageError, Where
from zonegraph.seeds.records import Document, Finding, Mention, Seed


def find_text(document: Document, texts: Path) -> Path | None:
    """The text of a document in a folder: by file name, else by digest."""
    if not texts.is_dir():
        raise UsageError("no such folder", where=Where(file=str(texts)), hint="name the folder of texts with --texts")
    # only a name, never a path: a seed must not reach outside the folder
    named = texts / Path(document.file).name if document.file else None
    if named is not None and named.is_file():
        return named
    files = (path for path in sorted(texts.iterdir()) if path.is_file())
    return next((path for path in files if hashlib.sha256(path.read_bytes()).hexdigest() == document.sha256), None)


def verify_seed(seed: Seed, texts: Path) -> Iterator[Finding]:
    """Findings about a seed: its own, then what the text disproves. A wrong digest ends the comparison."""
    yield from seed.findings
    document = seed.document
    if document is None:
        return
    path = find_text(document, texts)
    if path is None:
        yield _about(
            seed, "text-missing", f"no text {document.file or document.sha256[:12]!r}", "put it into the folder"
        )
        return
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != document.sha256:
        yield _about(seed, "digest", f"the text has SHA-256 {digest[:12]}…, the seed says {document.sha256[:12]}…",
                     "annotate this text anew, or find the one that was annotated")  # fmt: skip
        return
    yield from _verify_text(seed, document, data)


def _verify_text(seed: Seed, document: Document, data: bytes) -> Iterator[Finding]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield _about(seed, "not-utf8", f"the text is not UTF-8 at byte {error.start}", "offsets count code points")
        return
    if len(text) != document.length:
        yield _about(
            seed, "length", f"the text has {len(text)} code points, the seed says {document.length}", "mend the seed"
        )
    for mention in seed.mentions:
        actual = "".join(text[begin:end] for begin, end in mention.spans)
        if actual != mention.text:
            yield _slice_finding(seed, mention, actual)


def _slice_finding(seed: Seed, mention: Mention, actual: str) -> Finding:
    return Finding(
        "slice",
        f"the text has {actual!r} here, the seed says {mention.text!r}",
        "mend the span or the text",
        doc=seed.id,
        file=seed.file,
        line=mention.line,
        id=mention.id,
        offset=mention.begin,
    )


def _about(seed: Seed, code: str, message: str, hint: str) -> Finding:
    line = seed.document.line if seed.document else None
    return Finding(code, message, hint, doc=seed.id, file=seed.file, line=line, id=seed.id)
