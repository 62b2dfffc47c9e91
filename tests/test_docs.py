"""What the docs say is what the product does."""

from __future__ import annotations

import json
import re
import tomllib

import click
import pytest

from support import ROOT
from zonegraph.cli.main import main
from zonegraph.cli.reference import pages
from zonegraph.seeds.schema import json_schema

DOCS = sorted(path for path in (ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("name", ["commands.md", "schema.md"])
def test_generated_pages_are_current(name):
    assert (ROOT / "docs" / name).read_text("utf-8") == pages()[name], "run `make docs`"


def test_the_seed_schema_is_current(plan):
    assert json.loads((ROOT / "seeds" / "seed.schema.json").read_text("utf-8")) == json_schema(plan), "run `make docs`"


def children(command):
    """The names and commands below a command."""
    if not isinstance(command, click.Group):
        return []
    context = click.Context(command)
    return [(name, command.get_command(context, name)) for name in command.list_commands(context)]


def test_every_command_has_help():
    def walk(command):
        yield command
        for _, child in children(command):
            yield from walk(child)

    assert [command.name for command in walk(main) if not command.help] == []


def test_commands_that_docs_name_exist():
    commands = dict(children(main))
    known = {*commands, *(f"seeds {name}" for name, _ in children(commands["seeds"]))}
    for path in [ROOT / "README.md", *DOCS]:
        text = path.read_text("utf-8")
        for match in re.finditer(r"zonegraph ((?:seeds )?[a-z][a-z-]+)(?=[ `\n])", text):
            words = match[1].split()
            assert match[1] in known or words[0] in known, f"{path.name}: zonegraph {match[1]}"


@pytest.mark.parametrize("path", [ROOT / "README.md", *DOCS], ids=lambda p: p.name)
def test_links_lead_somewhere(path):
    for match in re.finditer(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text("utf-8")):
        assert (path.parent / match[1]).exists(), f"{path.name}: {match[1]}"


def test_the_changelog_knows_the_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert "## Unreleased" in text or f"## {version}" in text
