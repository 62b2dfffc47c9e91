"""The group of all commands, and the one place where an error becomes a line and an exit code."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any, Final, NoReturn, cast

import click

from zonegraph.errors import ZonegraphError

#: In which module of this package each command stands: read only when it is called, so that none waits for the others.
_PLACES: Final = {
    "build": "build",
    "convert": "build",
    "explain": "inspect",
    "export": "export",
    "infer": "check",
    "info": "inspect",
    "lint-graph": "export",
    "load-external": "check",
    "query": "query",
    "seeds": "seeds",
    "serve": "serve",
    "validate": "check",
}


class Commands(click.Group):
    """Commands whose errors are one line on stderr and whose exit codes are documented."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names."""
        return sorted(_PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, from its module."""
        if cmd_name not in _PLACES:
            return None
        module = import_module(f"zonegraph.cli.{_PLACES[cmd_name]}")
        found = {command.name: command for command in module.COMMANDS}
        return cast(click.Command, found[cmd_name])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a `ZonegraphError` ends the process with its own exit code."""
        try:
            return super().invoke(ctx)
        except ZonegraphError as error:
            _fail(str(error), error.exit_code)
        except BrokenPipeError:
            # the reader of our output has gone (`| head`): no error of ours
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except OSError as error:
            _fail(f"{error.filename or 'I/O'}: {error.strerror or error}", 4)


def _fail(message: str, code: int) -> NoReturn:
    click.echo("zonegraph: " + " ".join(message.split()), err=True)
    sys.exit(code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="zonegraph", prog_name="zonegraph")
def main() -> None:
    """Knowledge graph of development zones: build it, ask it, export it, serve it.

    Exit codes: 0 done, 1 the data has findings, 2 wrong use, 3 records were rejected, 4 internal or I/O error.
    """
