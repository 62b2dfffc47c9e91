"""The commands as people run them: exit codes, one-line errors, what is printed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from zonegraph.resources import data_dir
from zonegraph.store import StoreDir


def run(*args, store=None, **more):
    command = [sys.executable, "-m", "zonegraph", *map(str, args)]
    env = {**os.environ, "ZONEGRAPH_STORE": str(store or "nowhere"), "COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False, **more)


@pytest.fixture(scope="module")
def built(shipped_store, tmp_path_factory):
    """A store of our own, as built from the shipped seeds."""
    store = tmp_path_factory.mktemp("built") / "store"
    shutil.copytree(shipped_store, store)
    return store


def test_build_prints_counts_and_digest(built):
    result = run("build", store=built)
    assert result.returncode == 0, result.stderr
    assert "emitted + 0 rejected" in result.stdout
    assert "digest " in result.stdout
    assert "unchanged" in result.stdout


def test_check_proves_incremental_equals_full(built):
    result = run("build", "-q", "--check", store=built)
    assert result.returncode == 0, result.stderr
    assert "same digest" in result.stdout


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["query", "SELECT"], 2, "not legal SPARQL"),
        (["query", "SELECT * { SERVICE <http://127.0.0.1:9/> {} }"], 2, "SERVICE is not allowed"),
        (["query", "@nothing"], 2, "no stored question"),
        (["query", "missing.rq"], 2, "no file"),
        (["query", "SELECT * {}", "--param", "a=b"], 2, "--param goes with"),
        (["explain", "zone/nowhere"], 2, "knows nothing"),
        (["info", "--rollback", "0000"], 4, "not a version"),
        (["build", "-q", "--seeds", "nowhere"], 2, "no such folder"),
        (["build", "-q", "--ontology", "nowhere"], 2, "no ontology here"),
        (["frobnicate"], 2, "No such command"),
    ],
)
def test_errors_are_one_line_and_a_code(built, args, code, says):
    result = run(*args, store=built)
    assert result.returncode == code
    assert says in result.stderr
    assert "Traceback" not in result.stderr
    if code != 2 or "Usage" not in result.stderr:
        assert len(result.stderr.strip().splitlines()) == 1


def test_no_store_says_what_to_do(tmp_path):
    result = run("query", "ASK {}", store=tmp_path / "none")
    assert result.returncode == 4
    assert "run `zonegraph build`" in result.stderr


def test_query_forms(built):
    text = "SELECT ?m { ?m a zg:AdministrativeIntegration }"
    table = run("query", text, store=built)
    assert table.stdout.splitlines()[0] == "m"
    assert len(table.stdout.splitlines()) == 3
    answer = json.loads(run("query", text, "--format", "json", store=built).stdout)
    assert len(answer["results"]["bindings"]) == 2
    assert run("query", "-", store=built, input="ASK { ?s ?p ?o }").stdout == "yes\n"
    turtle = run("query", "CONSTRUCT WHERE { ?s a zg:AdministrativeIntegration }", store=built)
    assert "@prefix zg:" in turtle.stdout
    wrong = run("query", text, "--format", "turtle", store=built)
    assert (wrong.returncode, "CONSTRUCT" in wrong.stderr) == (2, True)


def test_explain_shows_the_characters(built):
    result = run("explain", "zone/urumqi-etdz", store=built)
    assert result.returncode == 0, result.stderr
    assert "烏魯木齊經濟技術開發區" in result.stdout
    assert "000 [" in result.stdout


def test_info_lists_graphs_and_history(built):
    result = run("info", store=built)
    assert "zgg:doc/000" in result.stdout
    assert "publish" in result.stdout


def test_export_is_the_same_every_time(built, tmp_path):
    for name in ("a", "b"):
        assert run("export", "--format", "trig", "-o", tmp_path / name, store=built).returncode == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def seeds_with(tmp_path: Path, extra: bytes) -> Path:
    folder = tmp_path / "seeds"
    shutil.copytree(data_dir("seeds"), folder)
    target = folder / "003.jsonl"
    target.write_bytes(target.read_bytes() + extra)
    return folder


def test_policies_for_bad_records(tmp_path):
    seeds = seeds_with(tmp_path, b"{oops\n")
    store = tmp_path / "store"
    aborted = run("build", "-q", "--seeds", seeds, "--on-error", "abort", store=store)
    assert (aborted.returncode, (store / "current").exists()) == (3, False)
    rejected = run("build", "-q", "--seeds", seeds, store=store)
    assert (rejected.returncode, (store / "current").exists()) == (3, True)
    assert "003.jsonl" in rejected.stderr
    assert "malformed-line" in rejected.stderr
    assert "+ 1 rejected" in rejected.stdout
    assert run("build", "-q", "--seeds", seeds, "--on-error", "warn", store=store).returncode == 0


def test_a_killed_build_leaves_what_is_served(built, tmp_path):
    seeds = seeds_with(tmp_path, b"")
    (seeds / "004.jsonl").unlink()
    served = (built / "current").read_text()
    command = [sys.executable, "-m", "zonegraph", "build", "--full", "--seeds", str(seeds), "--store", str(built)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        for line in process.stderr:
            if "load" in line:
                process.send_signal(signal.SIGKILL)
                break
    assert (built / "current").read_text() == served
    assert run("query", "ASK { ?s ?p ?o }", store=built).stdout == "yes\n"
    after = run("build", "-q", store=built)
    assert after.returncode == 0
    assert (built / "current").read_text() == served
    assert list((built / "work").glob("version-*")) == []


def test_seeds_commands(texts):
    result = run("seeds", "verify", "--texts", texts)
    assert result.returncode == 0, result.stderr
    assert "all as annotated" in result.stdout
    assert run("seeds", "fmt", "--check").returncode == 0


def test_verify_exits_one_on_findings(tmp_path, texts):
    seeds = seeds_with(tmp_path, b"{oops\n")
    result = run("seeds", "verify", "--texts", texts, "--seeds", seeds)
    assert result.returncode == 1
    assert "malformed-line" in result.stderr


def test_a_closed_pipe_is_no_error(built):
    command = f"{sys.executable} -m zonegraph export --format nquads --store {built} | head -n 1"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert result.stderr == ""


def test_validate_finds_nothing_in_the_shipped_graph(built):
    result = run("validate", store=built)
    assert result.returncode == 0, result.stdout
    assert "0 violation, 0 warning" in result.stdout
    assert json.loads(run("validate", "--format", "json", store=built).stdout)["findings"] == []


def test_validate_exits_one_on_findings(built, tmp_path):
    store = tmp_path / "store"
    shutil.copytree(built, store)
    bad = tmp_path / "bad.ttl"
    bad.write_text("<https://w3id.org/zonegraph/id/x> a <https://w3id.org/zonegraph/ontology#Nonsense> .")
    loaded = run("load-external", bad, "--source", "source/test", "--label", "a test", store=store)
    assert loaded.returncode == 0, loaded.stderr
    result = run("validate", store=store)
    assert result.returncode == 1
    assert "undeclared-term" in result.stdout
    assert "a test" in run("query", "SELECT ?l { ?s a zg:ExternalSource ; rdfs:label ?l }", store=store).stdout


def test_load_external_refuses_what_is_no_rdf(built, tmp_path):
    bad = tmp_path / "bad.ttl"
    bad.write_text("no rdf")
    result = run("load-external", bad, "--source", "source/test", store=built)
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)


def test_infer_again_changes_nothing(built):
    before = run("info", store=built).stdout.splitlines()[0]
    result = run("infer", store=built)
    assert result.returncode == 0, result.stderr
    assert "triples inferred by rules in" in result.stdout
    assert run("info", store=built).stdout.splitlines()[0] == before
    version = StoreDir.from_path(built).current()
    assert {"search.sqlite", "void.nq"} <= {path.name for path in version.path.iterdir()}


def test_graph_exports_and_their_lint(built, tmp_path):
    file = tmp_path / "graph.gexf"
    result = run(
        "export", "--format", "gexf", "-o", file, "--center", "alliance/silk-road-landport", "--hops", "1", store=built
    )
    assert result.returncode == 0, result.stderr
    assert "nodes" in result.stderr
    assert run("lint-graph", file).returncode == 0
    file.write_text(file.read_text("utf-8").replace("<edge id=", "<edge id= id2=", 1), "utf-8")
    assert run("lint-graph", file).returncode == 1
    assert run("export", "--format", "nothing", store=built).returncode == 2


def test_an_inferred_fact_is_explained(built):
    result = run("explain", "district/toutunhe", store=built)
    assert "by cax-sco" in result.stdout
