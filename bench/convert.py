"""How fast do annotated seeds become triples, against what others need for finished tables?

``python bench/convert.py``            both workloads, three rounds, interleaved
``python bench/convert.py --only w2 --documents 800 --rounds 1``

W1: 100,000 observations, 1,000 a document. W2: 8,000 small documents with mentions, dates, quantities, events.
zonegraph reads seeds: it checks every record, resolves names, reads quantities and dates, mints identifiers, adds
labels and evidence. The others read tables in which all of that is done (made from zonegraph's own output, not
counted): a plain f-string writer, which is the floor, and in another environment, whose path is in
ZONEGRAPH_BENCH_PEERS, Morph-KGC with a generated RML mapping and rdflib (on a tenth, once: it is slow).
All write N-Triples or N-Quads to the same disk; outputs are compared as sorted sets of triples.
CPU time includes child processes and the start of the interpreter. Nothing is kept.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import itertools
import json
import multiprocessing
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

PEERS = "ZONEGRAPH_BENCH_PEERS"
RANDOM = 20_180_901
_LINE = re.compile(r"<([^>]*)> <([^>]*)> (.*?) (?:<[^>]*> )?\.\n?\Z", re.DOTALL)
_LITERAL = re.compile(r'"(.*)"(?:@([\w-]+)|\^\^<([^>]*)>)?\Z', re.DOTALL)
_XSD_STRING = "^^<http://www.w3.org/2001/XMLSchema#string>"


# --- workloads


def dump(record: dict) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def header(identifier: str, length: int) -> dict:
    digest = hashlib.sha256(identifier.encode()).hexdigest()
    return {"kind": "doc", "id": identifier, "sha256": digest, "length": length, "lang": "zh-Hans", "issued": "2019-09"}


class Text:
    """Mentions of a document that exists only as offsets."""

    def __init__(self) -> None:
        self.at = 0
        self.records: list[dict] = []

    def mention(self, kind: str, text: str, **more: object) -> str:
        identifier = f"T{len(self.records) + 1}"
        span = [[self.at, self.at + len(text)]]
        self.at += len(text) + 7
        self.records.append({"kind": "mention", "id": identifier, "type": kind, "spans": span, "text": text, **more})
        return identifier


def named(kind: str) -> list[tuple[str, str]]:
    """Registered things of a class: reference and a name."""
    from zonegraph.names import ZG, ZGI  # noqa: PLC0415
    from zonegraph.plan import Sources, compile_plan  # noqa: PLC0415
    from zonegraph.resources import data_dir  # noqa: PLC0415

    plan = compile_plan(Sources.from_dirs(data_dir("ontology"), data_dir("seeds")))
    things = (t for i, t in plan.things.items() if i.startswith(ZGI) and plan.thing_is_a(i, ZG + kind))
    return sorted((t.iri.removeprefix(ZGI), next(iter(t.labels.values()))) for t in things if t.labels)


INDICATORS = ("indicator-gdp", "indicator-trains", "indicator-local-fiscal-revenue")


def w1(folder: Path, observations: int) -> None:
    """Flat: an observation with one mention, its value."""
    chance = random.Random(RANDOM)
    zones = [ref for ref, _ in named("FunctionalZone")]
    months = [f"{y}-{m:02d}" for y in range(1000, 2024) for m in range(1, 13)]
    combinations = list(itertools.islice(itertools.product(months, zones, INDICATORS), observations))
    for number, start in enumerate(range(0, len(combinations), 1000)):
        batch = combinations[start : start + 1000]
        text, events = Text(), []
        for place, (month, zone, indicator) in enumerate(batch, start=1):
            value = text.mention("Quantity", f"{chance.randrange(1, 99999)}.{chance.randrange(10)}亿元")
            attrs = {"indicator": indicator, "period": month, "accumulation": "flow"}
            args = {"about": [f"@{zone}"], "value": [value]}
            events.append({"kind": "event", "id": f"E{place}", "type": "Observation", "args": args, "attrs": attrs})
        write_seed(folder, f"w1-{number:05d}", text, events)


def w2(folder: Path, documents: int) -> None:
    """Standoff: small documents in which mentions, dates, quantities and events refer to each other."""
    chance = random.Random(RANDOM)
    zones, places, firms = named("EconomicTechnologicalDevelopmentZone"), named("Place"), named("Enterprise")
    for number in range(documents):
        text, events = Text(), []
        zone_ref, zone_name = chance.choice(zones)
        zone = text.mention("EconomicTechnologicalDevelopmentZone", zone_name[:40], ref=zone_ref)
        for figure in range(3):
            when = text.mention("TimeExtent", f"{chance.randrange(1990, 2020)}年{chance.randrange(1, 13)}月")
            value = text.mention("Quantity", f"超过{chance.randrange(1, 9999)}.{chance.randrange(100):02d}亿元")
            args = {"about": [zone], "value": [value], "period": [when]}
            attrs = {"indicator": INDICATORS[figure], "accumulation": "flow"}
            events.append({"type": "Observation", "args": args, "attrs": attrs})
        calls = [text.mention("Place", name[:40], ref=ref) for ref, name in chance.sample(places, 3)]
        line = {"hasCall": calls, "operator": [zone]}
        events.append({"type": "TransportService", "args": line, "attrs": {"transportMode": "road"}})
        firm_ref, firm_name = chance.choice(firms)
        firm = text.mention("Enterprise", firm_name[:40], ref=firm_ref)
        trigger = text.mention("Trigger", "位于")
        events.append({"type": "locatedIn", "trigger": [trigger], "args": {"subject": [firm], "object": [zone]}})
        numbered = [{"kind": "event", "id": f"E{n}", **event} for n, event in enumerate(events, start=1)]
        write_seed(folder, f"w2-{number:05d}", text, numbered)


def write_seed(folder: Path, name: str, text: Text, events: list[dict]) -> None:
    lines = [dump(record) for record in (header(name, text.at), *text.records, *events)]
    (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")


# --- tables for those that know no seeds


@dataclass
class Table:
    """Subjects with the same properties: a column a value, with its predicate and what the value is."""

    columns: tuple[tuple[str, str, str], ...]
    rows: list[list[str]] = field(default_factory=list)


def unescaped(text: str) -> str:
    return json.loads(f'"{text}"') if "\\" in text else text


def kind_of(term: str) -> tuple[str, str]:
    """What a term is (``iri``, ``@tag``, ``^datatype`` or a plain literal), and its value."""
    if term.startswith("<"):
        return "iri", term[1:-1]
    match = _LITERAL.match(term)
    assert match is not None, term
    said = f"@{match[2]}" if match[2] else f"^{match[3]}" if match[3] else ""
    return said, unescaped(match[1])


def tables_of(shards: list[Path]) -> list[Table]:
    subjects: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for shard in shards:
        with shard.open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                match = _LINE.match(line)
                assert match is not None, line
                subjects[match[1]].add((match[2], *kind_of(match[3])))
    tables: dict[tuple, Table] = {}
    for subject, facts in subjects.items():
        ordered = sorted(facts)
        counts: dict[tuple[str, str], int] = defaultdict(int)
        columns = []
        for predicate, kind, _ in ordered:
            counts[predicate, kind] += 1
            columns.append((predicate, kind, f"c{len(columns)}"))
        key = tuple(columns)
        tables.setdefault(key, Table(key)).rows.append([subject, *(value for *_, value in ordered)])
    return list(tables.values())


def write_tables(tables: list[Table], folder: Path, share: int = 1) -> None:
    """The CSV files, what they mean (``tables.json``), and an RML mapping for each."""
    described, mapping = [], [_RML_HEAD]
    for number, table in enumerate(tables):
        path = folder / f"t{number}.csv"
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(["s", *(name for *_, name in table.columns)])
            writer.writerows(table.rows[::share])
        described.append({"file": path.name, "columns": table.columns})
        mapping.append(_rml(number, path, table))
    (folder / "tables.json").write_text(json.dumps(described), "utf-8")
    (folder / "mapping.ttl").write_text("\n".join(mapping), "utf-8")


_RML_HEAD = """@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
@base <http://example.org/map/> ."""


def _rml(number: int, path: Path, table: Table) -> str:
    maps = []
    for predicate, kind, name in table.columns:
        said = {"iri": "rr:termType rr:IRI", "": "rr:termType rr:Literal"}.get(kind)
        if kind.startswith("@"):
            said = f'rr:language "{kind[1:]}"'
        elif kind.startswith("^"):
            said = f"rr:datatype <{kind[1:]}>"
        maps.append(
            f'rr:predicateObjectMap [ rr:predicate <{predicate}>; rr:objectMap [ rml:reference "{name}"; {said} ] ]'
        )
    source = f'rml:logicalSource [ rml:source "{path}"; rml:referenceFormulation ql:CSV ]'
    subject = 'rr:subjectMap [ rml:reference "s"; rr:termType rr:IRI ]'
    joined = ";\n  ".join(maps)
    return f"<T{number}> a rr:TriplesMap; {source}; {subject};\n  {joined} ."


# --- measuring


@dataclass
class Runs:
    """All runs of one engine on one workload."""

    command: list[str]
    out: Path
    share: int = 1
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    rss: int = 0
    failed: str = ""

    def run(self) -> None:
        if self.out.is_dir():
            shutil.rmtree(self.out)
        started = time.perf_counter()
        process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        said = process.stderr.read().decode("utf-8", "replace")
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.wall.append(time.perf_counter() - started)
        self.cpu.append(usage.ru_utime + usage.ru_stime)
        self.rss = max(self.rss, usage.ru_maxrss // 1024)
        if process.returncode:
            self.failed = said.strip().splitlines()[-1] if said.strip() else f"exit code {process.returncode}"

    def files(self) -> list[Path]:
        return sorted(self.out.glob("*.nq")) if self.out.is_dir() else [self.out]


def triples_of(paths: list[Path], work: Path) -> tuple[str, int]:
    """Digest and number of the distinct triples: graph names dropped, ``^^xsd:string`` left out, sorted."""
    plain = work / "plain"
    with plain.open("w", encoding="utf-8", newline="\n") as out:
        for path in paths:
            with path.open(encoding="utf-8", newline="\n") as lines:
                out.writelines(_plain(line) for line in lines if line.strip())
    command = ["sort", "-u", "-T", str(work), "-o", str(plain), str(plain)]
    subprocess.run(command, check=True, env={**os.environ, "LC_ALL": "C"})
    digest, count = hashlib.sha256(), 0
    with plain.open("rb") as lines:
        for line in lines:
            digest.update(line)
            count += 1
    plain.unlink()
    return digest.hexdigest(), count


def _plain(line: str) -> str:
    match = _LINE.match(line)
    assert match is not None, line
    term = match[3].removesuffix(_XSD_STRING)
    if "\\u" in term:
        term = re.sub(r"\\u([0-9A-Fa-f]{4})", lambda m: chr(int(m[1], 16)), term)
    return f"<{match[1]}> <{match[2]}> {term} .\n"


def engines(seeds: Path, tables: Path, tenth: Path, work: Path) -> Iterator[tuple[str, Runs]]:
    for count in (1, 2):
        out = work / f"zonegraph{count}"
        call = [sys.executable, "-m", "zonegraph", "convert", "-q", "--seeds", str(seeds), "-o", str(out)]
        yield f"zonegraph, {count} process{'es' * (count - 1)}", Runs([*call, "--workers", str(count)], out)
    me = str(Path(__file__).resolve().with_name("convert_peers.py"))
    yield (
        "f-strings (floor)",
        Runs([sys.executable, "-S", me, "fstrings", str(tables), str(work / "f.nt")], work / "f.nt"),
    )
    peers = os.environ.get(PEERS, "")
    python = Path(peers) / "bin" / "python"
    if not peers or not python.is_file():
        print(f"{PEERS} names no environment: Morph-KGC and rdflib are left out")
        return
    for count in (1, 2):
        out = work / f"morph{count}.nt"
        yield (
            f"Morph-KGC, {count} process{'es' * (count - 1)}",
            Runs([str(python), me, f"morph{count}", str(tables), str(out)], out),
        )
    out = work / "rdflib.nt"
    yield "rdflib, on a tenth", Runs([str(python), me, "rdflib", str(tenth), str(out)], out, share=10)


def apart(function: Callable, *given: object) -> object:
    """Run a function in a process of its own: what this process holds would count as the memory of its children."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, given)


def prepare(make: Callable[[Path, int], None], seeds: Path, size: int) -> None:
    registry(seeds)
    make(seeds, size)


def make_tables(shards: list[Path], tables: Path, tenth: Path) -> int:
    made = tables_of(shards)
    write_tables(made, tables)
    write_tables(made, tenth, share=10)
    return len(made)


def measure(name: str, make: Callable[[Path, int], None], size: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="zonegraph-bench-") as temporary:
        work = Path(temporary)
        seeds, tables, tenth = work / "seeds", work / "tables", work / "tenth"
        for folder in (seeds, tables, tenth):
            folder.mkdir()
        apart(prepare, make, seeds, size)
        megabytes = sum(p.stat().st_size for p in seeds.glob("*.jsonl")) / 1e6
        runs = dict(engines(seeds, tables, tenth, work))
        first = next(iter(runs.values()))
        first.run()
        if first.failed:
            sys.exit(f"zonegraph convert: {first.failed}")
        manifest = json.loads((first.out / "manifest.json").read_bytes())
        count = apart(make_tables, first.files(), tables, tenth)
        first.cpu.clear()
        first.wall.clear()
        for number in range(rounds):
            for engine in runs.values():
                if engine.share == 1 or number == 0:
                    engine.run()
        print(f"\n{name}: {size} items, {megabytes:.0f} MB of seeds, {manifest['quads']} quads, "
              f"{manifest['rejected']} rejected, {count} tables, {rounds} rounds")  # fmt: skip
        report(runs, work)


def registry(seeds: Path) -> None:
    from zonegraph.resources import data_dir  # noqa: PLC0415

    for path in data_dir("seeds").glob("registry*.ttl"):
        (seeds / path.name).write_bytes(path.read_bytes())


def report(runs: dict[str, Runs], work: Path) -> None:
    first = next(iter(runs.values()))
    wanted, count = triples_of(first.files(), work)
    base = count / statistics.median(first.cpu)
    print(f"{'engine':<26}{'CPU s':>8}{'wall':>8}{'best':>8}{'triples/CPU s':>15}{'ratio':>8}{'RSS MB':>8}  output")
    for name, run in runs.items():
        if run.failed:
            print(f"{name:<26} failed: {run.failed}")
            continue
        digest, found = (wanted, count) if run is first else triples_of(run.files(), work)
        cpu, wall = statistics.median(run.cpu), statistics.median(run.wall)
        rate = found / cpu
        same = (
            "the same" if digest == wanted else f"{found} triples" if run.share > 1 else f"DIFFERS, {found - count:+d}"
        )
        print(f"{name:<26}{cpu:8.2f}{wall:8.2f}{min(run.wall):8.2f}{rate:15,.0f}{rate / base:8.2f}{run.rss:8d}  {same}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--observations", type=int, default=100_000)
    parser.add_argument("--documents", type=int, default=8_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["w1", "w2"])
    given = parser.parse_args()
    if given.only != "w2":
        measure("W1, flat", w1, given.observations, given.rounds)
    if given.only != "w1":
        measure("W2, standoff", w2, given.documents, given.rounds)


if __name__ == "__main__":
    main()
