"""The commands: files written, losses on stderr, exit codes."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from zonegraph.cli import main
from zonegraph.seeds import read_seed

TEXT = "2011年1月2日，乌鲁木齐经济技术开发区与头屯河区合并。"


@pytest.fixture
def run():
    def call(*args):
        return CliRunner().invoke(main, ["seeds", *map(str, args)])

    return call


@pytest.fixture
def work(tmp_path, maker):
    made = maker(TEXT, file="t.txt", title="甲")
    made.mention("T1", "EconomicTechnologicalDevelopmentZone", "乌鲁木齐经济技术开发区", ref="zone/urumqi-etdz")
    made.mention("T2", "Trigger", "合并").event("E1", "Establishment", trigger=["T2"], args={"established": ["T1"]})
    (tmp_path / "t.jsonl").write_bytes(made.lines())
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "t.txt").write_text(TEXT, "utf-8")
    return tmp_path


@pytest.mark.parametrize(("name", "file"), [("brat", "t.ann"), ("webanno", "t.jsonld"), ("pubannotation", "t.json"),
                                            ("cas-json", "t.json"), ("cas-xmi", "t.xmi")])  # fmt: skip
def test_out_and_back(run, work, name, file):
    if name.startswith("cas"):
        pytest.importorskip("cassis")
    seed = work / "t.jsonl"
    out = run("export", name, seed, "-o", work / "out", "--texts", work / "texts")
    assert out.exit_code == 0, out.output
    back = run("import", name, work / "out" / file, "--header", seed, "-o", work / "back.jsonl")
    assert back.exit_code == 0, back.output
    one, other = read_seed(seed), read_seed(work / "back.jsonl")
    assert (one.document, one.mentions[0].as_dict(), one.events[0].as_dict()) == (
        other.document,
        other.mentions[0].as_dict(),
        other.events[0].as_dict(),
    )
    assert run("verify", work / "back.jsonl", "--texts", work / "texts").exit_code == 0


def test_brat_comes_with_its_configuration(run, work):
    out = run("export", "brat", work / "t.jsonl", "-o", work / "out", "--texts", work / "texts")
    assert {p.name for p in (work / "out").iterdir()} == {"annotation.conf", "visual.conf", "t.ann", "t.txt"}
    assert "header-left-out" in out.stderr
    assert (work / "out" / "t.txt").read_text("utf-8") == TEXT


def test_losses_of_records_exit_one(run, work):
    (work / "x.ann").write_text("T1\tPlace 0 2\t不同\n", "utf-8")
    (work / "x.txt").write_text("甲区", "utf-8")
    result = run("import", "brat", work / "x.ann", "-o", work / "x.jsonl")
    assert result.exit_code == 1
    assert "slice" in result.stderr
    assert (work / "x.jsonl").exists()


def test_several_documents_need_a_folder(run, work):
    line = json.dumps({"id": 1, "text": "甲区", "entities": []})
    (work / "d.jsonl").write_text(f"{line}\n{line.replace('1', '2')}\n", "utf-8")
    (work / "taken").write_text("x")
    assert run("import", "doccano", work / "d.jsonl", "-o", work / "taken").exit_code == 2
    assert run("import", "doccano", work / "d.jsonl", "-o", work / "many").exit_code == 0
    assert {p.name for p in (work / "many").iterdir()} == {"d-1.jsonl", "d-2.jsonl"}
    again = run("import", "doccano", work / "d.jsonl", work / "d.jsonl", "-o", work / "many")
    assert again.exit_code == 2
    assert "one by one" in again.stderr


def test_suggest_and_agreement(run, work):
    made = run("suggest", work / "texts" / "t.txt", "--id", "t", "-o", work / "s.jsonl")
    assert made.exit_code == 0, made.output
    assert "3 proposals" in made.output
    assert read_seed(work / "s.jsonl").document.lang == "zh-Hans"
    table = run("agreement", work / "t.jsonl", work / "s.jsonl")
    assert table.exit_code == 0, table.output
    assert table.output.splitlines()[1].split("\t")[0] == "spans_exact"
    answer = json.loads(run("agreement", work / "t.jsonl", work / "s.jsonl", "--format", "json").stdout)
    assert answer["spans_exact"]["both"] == 1
    assert TEXT[:4] not in json.dumps(answer, ensure_ascii=False)


def test_wrong_use(run, work):
    assert run("export", "doccano", "-o", work / "out").exit_code == 2
    assert run("import", "tei", work / "t.jsonl", "-o", work / "x").exit_code == 2
    bad = work / "bad.jsonl"
    bad.write_text("{}\n")
    result = run("import", "webanno", work / "t.jsonl", "--header", bad, "-o", work / "x")
    assert result.exit_code == 2
    assert "no usable header" in result.stderr
