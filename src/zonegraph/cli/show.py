"""What people see: progress, findings, tables."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from zonegraph.seeds import Finding

_EXAMPLES = 5


class Meter:
    """Progress of stages: a bar with rate and time left on a terminal, plain lines elsewhere."""

    def __init__(self, bar: Progress | None) -> None:
        self._bar = bar
        self._tasks: dict[str, TaskID] = {}
        self._started = time.monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` steps of a stage are behind us."""
        if self._bar is not None:
            self._draw(self._bar, stage, done, total)
        elif stage not in self._tasks:
            self._tasks[stage] = TaskID(0)
            click.echo(f"{time.monotonic() - self._started:8.2f} s  {stage}", err=True)

    def _draw(self, bar: Progress, stage: str, done: int, total: int) -> None:
        for other, task in self._tasks.items():
            if other != stage:
                bar.update(task, completed=bar.tasks[task].total or 0)
        if stage not in self._tasks:
            self._tasks[stage] = bar.add_task(stage, total=max(1, total))
        bar.update(self._tasks[stage], completed=done, total=max(1, total))


@contextmanager
def meter(*, quiet: bool = False) -> Iterator[Meter | None]:
    """A `Meter` on stderr, or nothing when ``quiet``."""
    console = Console(stderr=True)
    if quiet:
        yield None
    elif console.is_terminal:
        columns = (TextColumn("{task.description:>12}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.speed}"))
        with Progress(*columns[:3], TimeRemainingColumn(), console=console, transient=True) as bar:
            yield Meter(bar)
    else:
        yield Meter(None)


def findings(items: Sequence[Finding]) -> None:
    """Findings grouped by code, five examples each; those caused by another record are only counted."""
    primary = [item for item in items if not item.cause]
    followers = Counter(item.severity for item in items if item.cause)
    for code, group in _grouped(primary):
        for item in group[:_EXAMPLES]:
            click.echo(str(item), err=True)
        if len(group) > _EXAMPLES:
            click.echo(f"… and {len(group) - _EXAMPLES} more with code {code}", err=True)
    for severity, count in sorted(followers.items()):
        click.echo(f"{count} further {severity}s follow from these", err=True)


def _grouped(items: Iterable[Finding]) -> list[tuple[str, list[Finding]]]:
    groups: dict[str, list[Finding]] = {}
    for item in items:
        groups.setdefault(item.code, []).append(item)
    return list(groups.items())


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table on stdout: ruled on a terminal, tab-separated elsewhere."""
    console = Console()
    if not console.is_terminal:
        click.echo("\t".join(headers))
        for row in rows:
            click.echo("\t".join(" ".join(cell.split()) for cell in row))
        return
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for header in headers:
        drawn.add_column(header, overflow="fold")
    for row in rows:
        drawn.add_row(*(cell.replace("[", "\\[") for cell in row))
    console.print(drawn)
