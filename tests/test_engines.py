"""Engines: who calls the conversion must not show in the bytes; a missing engine is one clear error."""

from __future__ import annotations

import builtins
from pathlib import Path

import pytest

from zonegraph.convert.runner import convert_folder
from zonegraph.errors import UsageError

TEXT = "2011年1月2日，乌鲁木齐经济技术开发区与头屯河区实行区政合一。"


@pytest.fixture
def seeds(tmp_path, maker) -> Path:
    """Five good documents, one with a bad record, one that is no seed."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    for number in range(6):
        made = maker(TEXT, id=f"d{number}")
        made.mention("T1", "EconomicTechnologicalDevelopmentZone", "乌鲁木齐经济技术开发区")
        made.mention("T2", "District", "头屯河区").mention("T3", "Time", "2011年1月2日")
        made.mention("T4", "Trigger", "区政合一" if number else "实行")
        args = {"integrates": ["T1", "T2"], "period": ["T3"], "integrationMode": ["@quzhengheyi"]}
        args["establishesUnit"] = ["@unit/urumqi-etdz-toutunhe" if number else "@unit/nowhere"]
        made.event("E1", "AdministrativeIntegration", trigger=["T4"], args=args)
        (folder / f"d{number}.jsonl").write_bytes(made.lines())
    (folder / "e.jsonl").write_bytes(b"{oops\n")
    return folder


def files(out: Path) -> dict[str, bytes]:
    """Shards, receipts, manifest and rejects: all that a conversion leaves."""
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def test_several_processes_leave_the_same_files(plan, seeds, tmp_path):
    convert_folder(plan, seeds, tmp_path / "one")
    convert_folder(plan, seeds, tmp_path / "two", workers=2)
    made = files(tmp_path / "one")
    assert made == files(tmp_path / "two")
    assert {"d0.nq", "d0.json", "e.nq", "manifest.json", "rejects.jsonl"} <= set(made)
    assert b"unknown-reference" in made["rejects.jsonl"]


@pytest.mark.slow
# the cluster's own event loop leaves sockets and streams to the collector when it ends
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_dask_leaves_the_same_files(plan, seeds, tmp_path):
    pytest.importorskip("distributed")
    local = convert_folder(plan, seeds, tmp_path / "local")
    seen = []
    dask = convert_folder(
        plan,
        seeds,
        tmp_path / "dask",
        workers=2,
        engine="dask",
        progress=lambda done, total: seen.append((done, total)),
    )
    assert files(tmp_path / "dask") == files(tmp_path / "local")
    assert (dask.made, dask.records_in, dask.emitted) == (local.made, local.records_in, local.emitted)
    assert seen == [(n, 7) for n in range(1, 8)]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_dask_scheduler_elsewhere_resumes_what_is_made(plan, seeds, tmp_path):
    distributed = pytest.importorskip("distributed")
    convert_folder(plan, seeds, tmp_path / "out")
    made = files(tmp_path / "out")
    (tmp_path / "out" / "d3.nq").unlink()
    where = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, **where) as cluster:
        again = convert_folder(plan, seeds, tmp_path / "out", engine="dask", scheduler=cluster.scheduler_address)
    assert again.made == 1
    assert files(tmp_path / "out") == made


@pytest.mark.parametrize(("engine", "module"), [("dask", "dask"), ("spark", "pyspark.sql")])
def test_a_missing_engine_says_what_to_install(plan, seeds, tmp_path, monkeypatch, engine, module):
    original = builtins.__import__

    def refuse(name, *args, **more):
        if name == module:
            raise ImportError(name)
        return original(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(UsageError, match=rf"pip install 'zonegraph\[{engine}\]'"):
        convert_folder(plan, seeds, tmp_path / "out", engine=engine)


def test_an_unknown_engine(plan, seeds, tmp_path):
    with pytest.raises(UsageError, match="use local, dask, spark"):
        convert_folder(plan, seeds, tmp_path / "out", engine="abacus")
