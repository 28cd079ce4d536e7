"""The documents keep up with the program: what it has, they say."""

from __future__ import annotations

import configparser
import inspect
import re
from pathlib import Path

import click
import pytest

import pipeline.model
from pipeline import errors
from pipeline.cli import cli
from pipeline.ledger.schema import metadata
from pipeline.rulebook import load_rulebook
from pipeline.settings import Settings

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
HANDBOOK = (DOCS / "使用手册.md").read_text(encoding="utf-8")
GLOSSARY = (DOCS / "glossary.md").read_text(encoding="utf-8")


def commands(group: click.Group = cli, path: tuple[str, ...] = ()):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(commands())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_in_the_handbook(name):
    """ensures that a clerk can look up whatever the program offers."""
    assert f"pipeline {name}" in HANDBOOK or f"pipeline --workspace 工作区 {name}" in HANDBOOK
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Option) and "--help" not in parameter.opts:
            assert any(f"{option}" in HANDBOOK for option in parameter.opts), (name, parameter.opts)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_chinese(name):
    """ensures that commands and options explain themselves to the office."""
    command = COMMANDS[name]
    assert re.search("[一-鿿]", command.help or "")
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert re.search("[一-鿿]", parameter.help or ""), parameter.opts


def test_every_setting_is_in_the_handbook():
    """ensures that no key of pipeline.toml is secret."""
    for name, part in Settings.model_fields.items():
        assert f"`{name}`" in HANDBOOK or f"`[{name}]" in HANDBOOK
        for key in getattr(part.annotation, "model_fields", {}):
            assert f"`{key}`" in HANDBOOK or f"] {key}`" in HANDBOOK, key


def test_the_glossary_is_complete():
    """ensures that every value that travels and every document kind has its Chinese word."""
    values = [
        n for n, v in vars(pipeline.model).items() if inspect.isclass(v) and v.__module__ == pipeline.model.__name__
    ]
    assert [name for name in values if not re.search(rf"\b{name}\b", GLOSSARY)] == []
    rulebook = load_rulebook()
    assert [kind for kind, k in rulebook.kinds.items() if f"| {k.title} | {kind} |" not in GLOSSARY] == []


def test_every_dependency_is_justified():
    """ensures that nothing is installed without a reason on record."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    wanted = [config["options"]["install_requires"], *config["options.extras_require"].values()]
    names = {re.match(r"[\w-]+", line.strip())[0] for block in wanted for line in block.splitlines() if line.strip()}
    page = (DOCS / "dependencies.md").read_text(encoding="utf-8")
    assert sorted(name for name in names if name not in page) == []


def test_every_table_is_described():
    """ensures that the ledger can be read by other programs."""
    page = (DOCS / "formats.md").read_text(encoding="utf-8")
    assert [name for name in metadata.tables if f"| {name} |" not in page] == []


def test_links_lead_somewhere():
    """ensures that no page points into nothing."""
    for page in (*ROOT.glob("*.md"), *DOCS.glob("*.md"), *(DOCS / "adr").glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), (page.name, target)


def test_every_error_says_what_and_what_to_do():
    """ensures that the one tree of errors has codes that are told apart and Chinese sentences."""
    tree = [e for e in vars(errors).values() if inspect.isclass(e) and issubclass(e, errors.PipelineError)]
    assert str(errors.PipelineError("磁盘已满", "请清理")) == "磁盘已满。请清理"
    assert {e.exit_code for e in tree} == {1, 2, 3, 4}
    codes = [e.code for e in tree if issubclass(e, errors.UnprocessableDocument)]
    assert len(codes) == len(set(codes))


def test_the_profile_in_the_documents_is_the_shipped_one():
    """ensures that whoever receives a bundle reads the same profile as the program checks."""
    shipped = ROOT / "pipeline" / "archive" / "shipped" / "bagit-profile.json"
    assert (DOCS / "profiles" / "archive-bundle-2.json").read_bytes() == shipped.read_bytes()
