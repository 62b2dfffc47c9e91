"""The command line: wiring, one command a stage."""

from zonegraph.cli.main import main

__all__ = ["main"]
