"""The group of all commands, and the one place where an error becomes a line and an exit code."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from typing import Any, NoReturn

import click

from zonegraph.cli import build, check, export, inspect, query, seeds, serve
from zonegraph.errors import ZonegraphError


class Commands(click.Group):
    """Commands whose errors are one line on stderr and whose exit codes are documented."""

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
@click.version_option(version("zonegraph"), prog_name="zonegraph")
def main() -> None:
    """Knowledge graph of development zones: build it, ask it, export it, serve it.

    Exit codes: 0 done, 1 the data has findings, 2 wrong use, 3 records were rejected, 4 internal or I/O error.
    """


_MODULES = (build, serve, query, export, check, inspect, seeds)

for command in (command for module in _MODULES for command in module.COMMANDS):
    main.add_command(command)
