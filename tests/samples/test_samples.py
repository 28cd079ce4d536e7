"""The samples are what the script makes, and become what their README says."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("make_samples", SAMPLES / "make_samples.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(SAMPLES))


def test_the_script_makes_the_committed_files(script, tmp_path):
    """ensures that samples can be changed in one place and come out the same everywhere."""
    script.main(tmp_path)
    made = {p.name: p.read_bytes() for p in (tmp_path / "documents").iterdir()}
    committed = {p.name: p.read_bytes() for p in (SAMPLES / "documents").iterdir()}
    assert set(committed) - set(made) == {"清源县委书记第一责任人报告.pdf", "扫描0001.pdf"}
    assert {name: data == committed[name] for name, data in made.items()} == dict.fromkeys(made, True)
    assert (tmp_path / "roster.json").read_text(encoding="utf-8") == (SAMPLES / "roster.json").read_text(
        encoding="utf-8"
    )


def test_each_sample_becomes_what_the_readme_says(cli, tmp_path):
    """ensures that a first run shows what is promised: registered, duplicate, set aside."""
    promised = {}
    for line in (SAMPLES / "README.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and not line.startswith("| file"):
            name, _, fate = (cell.strip() for cell in line.strip("|").split("|"))
            promised[name] = (
                fate.split(",")[0].split(":")[0].split(" as ")[0].split(" where ")[0].replace("set aside", "set_aside")
            )
    workspace = tmp_path / "试用"
    cli("init", workspace, "--samples")
    files = sorted((workspace / "inbox").iterdir(), key=lambda p: ("再送" in p.name, p.name))
    lines = [json.loads(line) for line in cli("--workspace", workspace, "ingest", *files, "--json").out.splitlines()]
    assert {Path(line["file"]).name: line["outcome"] for line in lines} == promised
