"""``seeds import|export|suggest|agreement``: other formats, proposals, comparison."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from zonegraph.cli import show
from zonegraph.cli.options import ONTOLOGY, SEEDS, folder
from zonegraph.errors import UsageError, Where
from zonegraph.plan import Plan, Sources, compile_plan
from zonegraph.seeds import Document, Finding, Seed, find_text, format_seed, read_seed, seed_files
from zonegraph.seeds.agreement import agreement as compare
from zonegraph.seeds.formats import FORMATS, READABLE, WRITABLE, Incoming, SourceText, export_seed, import_seeds
from zonegraph.seeds.suggest import suggest_seed
from zonegraph.values import script_of

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Where to write.")
_LANG = click.option("--lang", type=click.Choice(["zh-Hans", "zh-Hant", "zh", "en"]), help="[default: guessed]")
_TAGS = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}


def _finish(findings: Sequence[Finding]) -> None:
    """Show what was lost; exit 1 if a whole record was."""
    if findings:
        show.findings(findings)
    if any(f.severity == "error" for f in findings):
        sys.exit(1)


@click.command("import")
@click.argument("format_", metavar="FORMAT", type=click.Choice(READABLE))
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--text", type=_FILE, help="The text that was annotated.")
@click.option("--id", "identifier", default="", help="Id of the document.  [default: the file name]")
@click.option("--header", type=_FILE, help="An earlier seed of the same text, whose header is kept.")
@_LANG
@_OUT
def import_(
    format_: str,
    files: tuple[Path, ...],
    text: Path | None,
    identifier: str,
    header: Path | None,
    lang: str | None,
    output: Path,
) -> None:
    """Read annotations in another format; say what could not be carried."""
    source = SourceText.from_bytes(text.name, text.read_bytes()) if text else None
    given = _header(header)
    seeds = [
        seed
        for path in files
        for seed in import_seeds(format_, _incoming(format_, path, source, given, identifier, lang or ""))
    ]
    findings = [finding for seed in seeds for finding in seed.findings]
    for path, seed in _targets(output, seeds):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(format_seed(seed))
        click.echo(f"{path}: {len(seed.mentions)} mentions, {len(seed.events)} events")
    _finish(findings)


def _header(path: Path | None) -> Document | None:
    if path is None:
        return None
    document = read_seed(path).document
    if document is None:
        raise UsageError("no usable header", where=Where(file=str(path)), hint="name a seed of the same text")
    return document


def _incoming(
    name: str, path: Path, source: SourceText | None, header: Document | None, identifier: str, lang: str
) -> Incoming:
    names = [companion.format(stem=path.stem) for companion in FORMATS[name].companions]
    beside = {n: (path.parent / n).read_bytes() for n in names if (path.parent / n).is_file()}
    return Incoming(path.name, path.read_bytes(), source, beside, header, identifier, lang)


def _targets(output: Path, seeds: Sequence[Seed]) -> list[tuple[Path, Seed]]:
    """One seed goes to the file that is named, or into the folder; several need a folder."""
    if len(seeds) == 1 and not output.is_dir():
        return [(output, seeds[0])]
    if output.is_file():
        raise UsageError(f"{len(seeds)} documents", where=Where(file=str(output)), hint="name a folder with -o")
    names = [seed.file for seed in seeds]
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        raise UsageError(f"two documents would be written to {twins[0]}", hint="import them one by one with --id")
    return [(output / seed.file, seed) for seed in seeds]


@click.command()
@click.argument("format_", metavar="FORMAT", type=click.Choice(WRITABLE))
@click.argument("files", nargs=-1, type=_FILE)
@SEEDS
@ONTOLOGY
@click.option("--texts", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of the texts.")
@_OUT
def export(
    format_: str, files: tuple[Path, ...], seeds: Path | None, ontology: Path | None, texts: Path | None, output: Path
) -> None:
    """Write seeds in another format into a folder; say what could not be carried."""
    read = [read_seed(path) for path in list(files) or seed_files(folder("seeds", seeds))]
    findings = [finding for seed in read for finding in seed.findings]
    output.mkdir(parents=True, exist_ok=True)
    shared = FORMATS[format_].shared
    made = dict(shared(_plan(seeds, ontology))) if shared else {}
    for seed in read:
        out = export_seed(format_, seed, _text(seed, texts))
        made.update(out.files)
        findings.extend(out.findings)
    for name, data in made.items():
        (output / name).write_bytes(data)
    click.echo(f"{output}: {len(made)} files of {len(read)} documents")
    _finish(findings)


def _plan(seeds: Path | None, ontology: Path | None) -> Plan:
    return compile_plan(Sources.from_dirs(folder("ontology", ontology), folder("seeds", seeds)))


def _text(seed: Seed, texts: Path | None) -> SourceText | None:
    path = find_text(seed.document, texts) if seed.document and texts else None
    return SourceText.from_bytes(path.name, path.read_bytes()) if path else None


@click.command()
@click.argument("text", metavar="TEXT_FILE", type=_FILE)
@SEEDS
@ONTOLOGY
@click.option("--id", "identifier", required=True, help="Id of the document.")
@click.option("--issued", default="", help="Issue date as EDTF; lets 今年 and its like be read.")
@_LANG
@_OUT
def suggest(
    text: Path, seeds: Path | None, ontology: Path | None, identifier: str, issued: str, lang: str | None, output: Path
) -> None:
    """Propose mentions for a new text: registered names, codes, dates, quantities."""
    plan = _plan(seeds, ontology)
    data = text.read_bytes()
    guessed = script_of(data.decode("utf-8", "replace"))
    language = lang or _TAGS.get(guessed, guessed)
    seed = suggest_seed(plan, data, identifier=identifier, file=text.name, lang=language, issued=issued)
    output.write_bytes(format_seed(seed))
    click.echo(f"{output}: {len(seed.mentions)} proposals")
    _finish(seed.findings)


@click.command()
@click.argument("left", metavar="FILE_A", type=_FILE)
@click.argument("right", metavar="FILE_B", type=_FILE)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def agreement(left: Path, right: Path, form: str) -> None:
    """Compare two annotations of one text: spans, types, roles, values."""
    read = [read_seed(path) for path in (left, right)]
    result = compare(read[0], read[1])
    if form == "json":
        click.echo(json.dumps(result.as_dict(), ensure_ascii=False, indent=2))
    else:
        show.table(("measure", "F1 or kappa", "precision", "recall", "both", "A", "B"), result.rows())
    _finish([finding for seed in read for finding in seed.findings])


TOOLS = (import_, export, suggest, agreement)
