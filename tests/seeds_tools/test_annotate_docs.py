"""The guide to annotation: its list of codes is the code's own, its examples are read and converted."""

from __future__ import annotations

import ast
import hashlib
import re
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson

import zonegraph
from support import ROOT
from zonegraph.convert import convert_seed
from zonegraph.plan import Plan, Sources, compile_plan
from zonegraph.resources import data_dir
from zonegraph.seeds import format_seed, parse_seed

PAGE = (ROOT / "docs" / "annotate.md").read_text("utf-8")
SOURCE = Path(zonegraph.__file__).parent
PARTS = ("errors.py", "values", "plan", "seeds", "convert")
#: Where functions that make findings take their code.
PLACES = {"Finding": 0, "lost": 0, "_lost": 0, "about": 1, "_about": 1, "_bad": 2, "refuse_seed": 1}
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")


def constants(node: ast.AST | None) -> Iterator[str]:
    """Text constants of an expression; both branches of a choice."""
    if isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.match(node.value):
        yield node.value


def codes_of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            yield from (c for k in node.keywords if k.arg == "code" for c in constants(k.value))
            place = PLACES.get(name)
            if place is not None and len(node.args) > place:
                yield from constants(node.args[place])
        elif isinstance(node, ast.Assign) and any(
            getattr(t, "id", "") in {"code", "default_code"} for t in node.targets
        ):
            yield from constants(node.value)


def all_codes() -> set[str]:
    paths = [
        p
        for part in PARTS
        for p in ([SOURCE / part] if part.endswith(".py") else sorted((SOURCE / part).rglob("*.py")))
    ]
    found = {code for path in paths for code in codes_of(ast.parse(path.read_text("utf-8")))}
    # composed in one place from the kind of gap
    return found | {"uncovered-figure", "uncovered-name"}


#: Errors of other parts of the product, described where those are.
ELSEWHERE = {"error", "usage", "ontology", "store", "store-missing", "query", "query-syntax", "query-refused",
             "query-limit", "export", "validation", "turtle", "unknown-class", "seed"}  # fmt: skip


def documented() -> list[str]:
    section = PAGE[PAGE.index("## Codes") :]
    return re.findall(r"^\| `([a-z0-9-]+)` \|", section, re.MULTILINE)


def test_every_code_is_described_once():
    listed = documented()
    assert len(listed) == len(set(listed))
    assert sorted(set(listed)) == sorted(all_codes() - ELSEWHERE)


def test_each_code_has_a_meaning_and_a_cure():
    section = PAGE[PAGE.index("## Codes") :]
    rows = re.findall(r"^\| `[a-z0-9-]+` \| (.+) \| (.+) \|$", section, re.MULTILINE)
    assert len(rows) == len(documented())
    assert all(len(meaning) > 10 and len(cure) > 3 for meaning, cure in rows)


def example() -> tuple[str, bytes]:
    """The text and the seed of the guide; the digest there stands for that of the text."""
    text = re.search(r"```text\n(.*?)\n```", PAGE, re.DOTALL)[1]
    seed = re.search(r"```jsonl\n(.*?)```", PAGE, re.DOTALL)[1].encode()
    return text, seed


def extended(folder: Path) -> Plan:
    """The plan with the registry entries of the guide."""
    entries = folder / "registry.ttl"
    entries.write_text(textwrap.dedent(re.search(r"```turtle\n(.*?)```", PAGE, re.DOTALL)[1]), "utf-8")
    sources = Sources.from_dirs(data_dir("ontology"), data_dir("seeds"))
    return compile_plan(replace(sources, registry=(*sources.registry, entries)))


def test_the_example_is_canonical_and_true_to_its_text(tmp_path):
    text, lines = example()
    seed = parse_seed(lines, "example.jsonl")
    assert [str(f) for f in seed.findings] == []
    assert seed.document.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert seed.document.length == len(text)
    assert all("".join(text[b:e] for b, e in m.spans) == m.text for m in seed.mentions)
    assert format_seed(seed) == lines
    result = convert_seed(extended(tmp_path), seed)
    assert [str(f) for f in result.findings] == []


def test_the_records_of_the_reference_are_records():
    section = PAGE[PAGE.index("## The format") : PAGE.index("## Other formats")]
    blocks = re.findall(r"```json\n(.*?)```", section, re.DOTALL)
    head = example()[1].splitlines()[0]
    records = [orjson.loads(line) for block in blocks for line in block.splitlines()]
    assert {r["kind"] for r in records} == {"doc", "mention", "event"}
    body = [orjson.dumps(r) for r in records if r["kind"] != "doc"]
    findings = [f for f in parse_seed(b"\n".join([head, *body]), "x").findings if f.code != "span-outside"]
    assert [str(f) for f in findings] == []


def test_the_commands_exist():
    from click.testing import CliRunner

    from zonegraph.cli import main

    for command in sorted(set(re.findall(r"zonegraph seeds ([a-z]+)", PAGE))):
        assert CliRunner().invoke(main, ["seeds", command, "--help"]).exit_code == 0, command
