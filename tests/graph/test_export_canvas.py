"""JSON Canvas: every rule of its specification (version 1.0), and cards that show the labels as they are."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from lxml import html
from markdown_it import MarkdownIt

from zonegraph.graph.writers.canvas import markdown

from .graph_tools import HOSTILE, Source, as_bytes
from .test_export_hostile import NASTY, TEXT, store_of

COLOR = {"type": "string", "pattern": "^(#[0-9A-Fa-f]{6}|[1-6])$"}
SIDE, END = {"enum": ["top", "right", "bottom", "left"]}, {"enum": ["none", "arrow"]}
TEXTUAL, WHOLE = {"type": "string"}, {"type": "integer"}
NODE = {"id": TEXTUAL, "x": WHOLE, "y": WHOLE, "width": WHOLE, "height": WHOLE}
OPTIONAL = {
    "text": {},
    "file": {"subpath": {"type": "string", "pattern": "^#"}},
    "link": {},
    "group": {"label": TEXTUAL, "background": TEXTUAL, "backgroundStyle": {"enum": ["cover", "ratio", "repeat"]}},
}
REQUIRED = {"text": {"text": TEXTUAL}, "file": {"file": TEXTUAL}, "link": {"url": TEXTUAL}, "group": {}}
EDGE = {"id": TEXTUAL, "fromNode": TEXTUAL, "toNode": TEXTUAL}
EDGE_OPTIONS = {"fromSide": SIDE, "fromEnd": END, "toSide": SIDE, "toEnd": END, "color": COLOR, "label": TEXTUAL}


def closed(required: dict[str, Any], optional: dict[str, Any]) -> dict[str, Any]:
    """An object with these members and no others."""
    members = {"properties": required | optional, "required": list(required), "additionalProperties": False}
    return {"type": "object", **members}


def node_of(kind: str) -> dict[str, Any]:
    return closed(NODE | {"type": {"const": kind}} | REQUIRED[kind], OPTIONAL[kind] | {"color": COLOR})


SCHEMA = closed(
    {},
    {
        "nodes": {"type": "array", "items": {"oneOf": [node_of(kind) for kind in REQUIRED]}},
        "edges": {"type": "array", "items": closed(EDGE, EDGE_OPTIONS)},
    },
)
RULES = Draft202012Validator(SCHEMA)
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def whole(text: str) -> int:
    """Numbers of the files: written as whole numbers, not only equal to one."""
    raise AssertionError(f"{text} is not written as a whole number")


def read(store: Source, **options: Any) -> dict[str, Any]:
    return json.loads(as_bytes(store, "canvas", **options), parse_float=whole)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"profile": "events"},
        {"profile": "raw"},
        {"as_of": "2012-06-30"},
        {"center": "zone/north", "hops": 1},
        {"max_nodes": 1},
    ],
    ids=str,
)
def test_a_canvas_keeps_every_rule(world: Source, options: dict[str, Any]) -> None:
    canvas = read(world, **options)
    assert [error.message for error in RULES.iter_errors(canvas)] == []
    nodes = [node["id"] for node in canvas["nodes"]]
    ids = nodes + [edge["id"] for edge in canvas["edges"]]
    assert len(set(ids)) == len(ids)
    assert {edge[end] for edge in canvas["edges"] for end in ("fromNode", "toNode")} <= set(nodes)
    assert all(node["width"] > 0 < node["height"] for node in canvas["nodes"])


def test_a_canvas_holds_all_that_the_graph_holds(world: Source) -> None:
    canvas, graph = read(world), json.loads(as_bytes(world, "cyjs"))["elements"]
    shown = {node["id"]: (shown_text(node["text"]), node["color"]) for node in canvas["nodes"]}
    assert shown == {n["data"]["id"]: (bare(n["data"]["label"]), n["data"]["color"]) for n in graph["nodes"]}
    arrows = [(edge["id"], edge["fromNode"], edge["toNode"], edge["label"]) for edge in canvas["edges"]]
    links = [edge["data"] for edge in graph["edges"]]
    assert arrows == [(link["id"], link["source"], link["target"], link["label"]) for link in links]
    assert {edge["toEnd"] for edge in canvas["edges"]} == {"arrow"}


def test_no_card_covers_another(world: Source) -> None:
    cards = read(world, profile="raw")["nodes"]
    for at, card in enumerate(cards):
        for other in cards[:at]:
            beside = abs(card["x"] - other["x"]) >= max(card["width"], other["width"])
            assert beside or abs(card["y"] - other["y"]) >= max(card["height"], other["height"])


def bare(text: str) -> str:
    """A text without its white space, which Markdown and HTML run together; U+0000 is not for Markdown."""
    return "".join(text.replace("\0", "\ufffd").split())


def shown_text(text: str) -> str:
    """What a reader of Markdown shows of a card; nothing but paragraphs and line breaks may be in it."""
    page = html.fragment_fromstring(READER.render(text), create_parent="div")
    assert {element.tag for element in page.iterdescendants()} <= {"p", "br"}
    return bare(page.text_content())


MARKED = [
    *NASTY, HOSTILE, "# head", "a\n===", "a\n---", "a\n:-:", "---", "***", "- item", "+ plus", "* star", "- [ ] x",
    "1. one", "12) twelve", "a\n- b", "> quote", "    code", "\tcode", "```\nx\n```", "`x`", "*a* _b_ **c** __d__",
    "~~x~~", "==x==", "[x](y)", "![x](y)", "[[x]]", "[^1]", "[x]: y", "<b>x</b>", "<script>x</script>",
    "<http://example.org>", "http://example.org/a_b", "&amp;&#35;", "|a|b|\n|-|-|\n|1|2|", "$x^2$", "%%x%%", "#tag",
    "^block", "\\", "a\\", "a\n", "\na",
]  # fmt: skip


@pytest.mark.parametrize("text", MARKED)
def test_a_card_shows_its_label(text: str) -> None:
    assert shown_text(markdown(text)) == bare(text)


@settings(deadline=None)
@given(TEXT)
def test_a_card_shows_any_label(text: str) -> None:
    assert shown_text(markdown(text)) == bare(text)


def test_lines_of_a_label_stay_lines() -> None:
    page = READER.render(markdown("a\n\nb\r\nc\rd"))
    assert re.sub(r"\s", "", page) == "<p>a<br/><br/>b<br/>c<br/>d</p>"


def test_common_names_stay_as_they_are() -> None:
    for text in ("乌鲁木齐经开区（头屯河区）", "Ürümqi (zone 2), 2011-01-02: 50.5 km", "南湾—塔山"):
        assert markdown(text) == text


def test_a_canvas_of_hostile_labels_keeps_every_rule() -> None:
    canvas = read(store_of(MARKED))
    assert [error.message for error in RULES.iter_errors(canvas)] == []
    shown = {node["id"]: shown_text(node["text"]) for node in canvas["nodes"]}
    assert shown == {f"zgi:thing.{number}": bare(text) for number, text in enumerate(MARKED)}
