"""The pictures of the exports page are what its commands make from the shipped graph."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

from zonegraph.cli.main import main

from .graph_tools import HERE, JS, missing, needs

DOCS = HERE.parents[1] / "docs"
COMMANDS = re.findall(r"^zonegraph export .* -o \S+$", (DOCS / "exports.md").read_text(encoding="utf-8"), re.MULTILINE)
DRAWN = [shlex.split(line) for line in COMMANDS if "docs/pictures/" in line]


def content(path: Path) -> list[tuple[str, str, str]]:
    """What a picture shows: shapes, colours and texts, without where (fonts decide that).

    Its own description counts what was left out, which is not seen either.
    """
    found = []
    for element in etree.parse(path).getroot().iter("{*}text", "{*}title", "{*}path", "{*}polygon", "{*}circle"):
        text = (element.text or "").strip()
        if not text.startswith("profile "):
            paint = " ".join(element.get(name, "") for name in ("fill", "stroke", "stroke-dasharray"))
            found.append((etree.QName(element).localname, paint, text))
    return sorted(found)


def run(arguments: list[str], store: Path) -> None:
    done = CliRunner().invoke(main, [*arguments[1:], "--store", str(store)], catch_exceptions=False)
    assert done.exit_code == 0, done.output


@pytest.mark.slow
@pytest.mark.parametrize("command", DRAWN, ids=[Path(command[-1]).stem for command in DRAWN])
def test_a_picture_is_current(command: list[str], shipped_store: Path, tmp_path: Path) -> None:
    if "svg" in command:
        needs("dot")
    made = tmp_path / Path(command[-1]).name
    run([*command[:-1], str(made)], shipped_store)
    assert content(made) == content(DOCS / "pictures" / made.name), f"run: {shlex.join(command)}"


@pytest.mark.slow
def test_the_chart_is_current(shipped_store: Path, tmp_path: Path) -> None:
    (command,) = [shlex.split(line) for line in COMMANDS if "--format vega" in line]
    run([*command[:-1], str(tmp_path / "gdp")], shipped_store)
    if not (JS / "node_modules").is_dir():
        missing("the npm readers (npm ci in tests/js)")
    call = [needs("node"), str(JS / "draw.mjs"), str(tmp_path / "gdp" / "gdp__cny.vl.json")]
    (tmp_path / "gdp.svg").write_bytes(subprocess.run(call, capture_output=True, check=True).stdout)
    assert content(tmp_path / "gdp.svg") == content(DOCS / "pictures" / "gdp.svg")


def test_every_shown_picture_has_a_command() -> None:
    shown = set(re.findall(r"\]\((pictures/\S+)\)", (DOCS / "exports.md").read_text(encoding="utf-8")))
    commands = set(
        re.findall(
            r"(?:-o |> )docs/(pictures/\S+\.svg)$", (DOCS / "exports.md").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    assert shown == commands
    assert {f"pictures/{path.name}" for path in (DOCS / "pictures").iterdir()} == shown
