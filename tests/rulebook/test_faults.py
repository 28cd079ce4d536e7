"""One defect in a rulebook gives exactly one problem with its line and key; several are all reported at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.errors import RulebookError
from pipeline.rulebook import Problem, check_rulebook, load_rulebook

YUNXI = Path(__file__).with_name("yunxi-2026.yaml").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Defect:
    """``new`` in place of ``old``; the problem is expected on the line of ``marker`` (or of ``new``'s first line)."""

    name: str
    old: str
    new: str
    key: str
    says: str
    marker: str = ""

    def text(self, text: str = YUNXI) -> str:
        assert text.count(self.old) >= 1, f"{self.name}: {self.old} is not in the text"
        return text.replace(self.old, self.new, 1)

    def line(self, text: str) -> int:
        marker = self.marker or self.new
        return text[: text.index(marker)].count("\n") + 1


DEFECTS = [
    Defect("unknown key", "    way: received", "    wey: received", "document_types.site_statement.wey", "是否为“way”"),
    Defect("bad choice", "way: received", "way: mailed", "document_types.site_statement.way", "只能是"),
    Defect(
        "missing clause of a list",
        "    clause: 第四条 L5\n    items",
        "    items",
        "lists.site_points.clause",
        "缺少“clause”",
        "  site_points:",
    ),
    Defect(
        "unknown institution",
        "institution: quarterly\n    way",
        "institution: quarterley\n    way",
        "document_types.site_statement.institution",
        "没有编号为“quarterley”的制度,是否为“quarterly”",
    ),
    Defect(
        "unknown party",
        "maker: [town_gov, works]",
        "maker: [town_gov, workz]",
        "document_types.site_statement.maker[2]",
        "没有编号为“workz”的主体",
    ),
    Defect(
        "unknown list",
        "{list: site_points}",
        "{list: site_point}",
        "document_types.site_statement.content[1].list",
        "没有编号为“site_point”的清单",
    ),
    Defect(
        "unknown role",
        "only_for: chief",
        "only_for: boss",
        "document_types.chief_statement.content[2].only_for",
        "没有编号为“boss”的主体",
    ),
    Defect(
        "unknown kind",
        "doc: [site_statement]",
        "doc: [site_report]",
        "obligations.Q1.doc[1]",
        "没有编号为“site_report”的文种",
    ),
    Defect("unknown term", "{term: 开春}", "{term: 开夏}", "obligations.V1.due.term", "没有编号为“开夏”的时间用语"),
    Defect(
        "unknown event",
        "{after: advice_sent",
        "{after: advise_sent",
        "obligations.Q3.due.after",
        "没有编号为“advise_sent”的事件",
    ),
    Defect("unknown ambiguity", "amb: [Y1]", "amb: [Y2]", "obligations.Q1.amb[1]", "没有编号为“Y2”的疑义"),
    Defect(
        "missing letter",
        "letter: advice,",
        "letter: advise,",
        "workflows.statement_path.transitions[2].letter",
        "没有编号为“advise”的公文,是否为“advice”",
    ),
    Defect(
        "letter that nothing makes",
        "makes: [safety_vow], ",
        "",
        "document_types.safety_vow.way",
        "没有公文的 makes 写明它",
        "    way: generated",
    ),
    Defect(
        "required field not listed",
        "required: [problems, answer_by]",
        "required: [problem, answer_by]",
        "letters.advice.required[1]",
        "必填项“problem”不在 fields 里",
    ),
    Defect(
        "transition to an unknown state",
        "from: arrived, to: advised",
        "from: arrived, to: adviced",
        "workflows.statement_path.transitions[2].to",
        "没有“adviced”这个状态,是否为“advised”",
    ),
    Defect("unknown end", "end: [filed]", "end: [closed]", "workflows.statement_path.end[1]", "没有“closed”这个状态"),
    Defect(
        "unreachable state",
        "filed: 已归档}",
        "filed: 已归档, lost: 遗失}",
        "workflows.statement_path.states.lost",
        "走不到状态“lost”",
    ),
    Defect("duplicate id", "id: Q2", "id: Q1", "obligations.Q1", "编号“Q1”重复", "  - id: Q1\n    action: 第一负责人"),
    Defect(
        "duplicate list",
        "  vow_points:",
        "  chief_points:\n    clause: x\n    items: [{n: 1, text: x}]\n  vow_points:",
        "lists.chief_points",
        "键“chief_points”重复",
        "  chief_points:\n    clause: x",
    ),
    Defect(
        "unknown file",
        "{file: unit, basis: given}]\n    publish: may",
        "{file: unit, basis: given}, {file: units, basis: given}]\n    publish: may",
        "document_types.site_statement.archive[2].file",
        "没有编号为“units”的档案,是否为“unit”",
    ),
    Defect(
        "duplicate key", "    min: 1\n", "    min: 1\n    min: 2\n", "obligations[1].min", "键“min”重复", "    min: 2"
    ),
    Defect(
        "items not numbered 1..n",
        "{n: 3, line: 6",
        "{n: 4, line: 6",
        "lists.site_points.items[3].n",
        "这里应为 3,写成了 4",
    ),
    Defect("due without a way", "due: {term: 开春}", "due: {sometime: 开春}", "obligations.V1.due", "期限应写明 dates"),
    Defect(
        "due with two ways",
        "{after: advice_sent, workdays: 10}",
        "{after: advice_sent, workdays: 10, date_in: x}",
        "obligations.Q3.due",
        "二者选一",
    ),
    Defect(
        "bad date", "['07-10', '+01-10']", "['07-32', '+01-10']", "obligations.Q1.due.dates[1]", "不是日历上有的日期"
    ),
    Defect(
        "half-year with one date", "['07-10', '+01-10']", "['07-10']", "obligations.Q1.due.dates", "上、下半年两个日期"
    ),
    Defect(
        "extra key in due",
        "inclusive: false}",
        "inclusive: false, strict: 1}",
        "obligations.Q1.due.strict",
        "不认识的键“strict”",
    ),
    Defect("number as text", "workdays: 10", "workdays: '10'", "obligations.Q3.due.workdays", "应为整数"),
    Defect("text as number", "region: 云溪市", "region: 2026", "rulebook.region", "应为文字"),
    Defect(
        "truth of YAML 1.1", "inclusive: false", "inclusive: no", "obligations[1].due.inclusive", "“no”会被当作是或否"
    ),
    Defect(
        "key of YAML 1.1",
        "status: proposed, clause: 第四条 L5, to: unit",
        "status: proposed, on: x, clause: 第四条 L5, to: unit",
        "letters[2].on",
        "键“on”会被当作是或否",
    ),
    Defect(
        "filed nowhere",
        "takes: [site_statement, chief_statement, advice_answer]",
        "takes: [chief_statement, advice_answer]",
        "document_types.site_statement.archive[1].file",
        "没有收它",
        "    archive: [{file: unit, basis: given}]",
    ),
    Defect(
        "filed twice",
        "takes: [safety_vow]",
        "takes: [safety_vow, advice_answer]",
        "archives.archives.unit_sections[2].takes[2]",
        "收了不止一处",
    ),
    Defect(
        "unknown section",
        "ambiguities:",
        "ambiguity:\n  - x\nambiguities:",
        "ambiguity",
        "没有“ambiguity”这一部分",
        "ambiguity:",
    ),
    Defect("section lacking", "schema: 1", "", "schema", "缺少“schema”这一部分", "# A small"),
    Defect("wrong schema", "schema: 1", "schema: 2", "schema", "只认 schema: 1"),
    Defect(
        "section of the wrong shape",
        "  advice_sent: 整改建议送达\n  review_meeting: 安全评议会召开",
        "  - advice_sent",
        "events",
        "“events”应由“编号: 内容”组成",
        "events:",
    ),
    Defect("anchor", "lead: [safety_board]", "lead: &x [safety_board]", "institutions[2].lead", "不能用 & 和 *"),
    Defect(
        "tag", "title: 整改建议答复", "title: !!python/name:os.system 整改", "document_types[3].title", "不能用标签"
    ),
]
# two problems follow from one cause in these; the table holds what gives exactly one
_MORE = {"truth of YAML 1.1", "key of YAML 1.1"}


def _write(folder: Path, text: str) -> Path:
    path = folder / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("defect", [d for d in DEFECTS if d.name not in _MORE], ids=lambda d: d.name)
def test_one_defect_is_one_problem(defect: Defect, tmp_path: Path) -> None:
    text = defect.text()
    problems = check_rulebook(_write(tmp_path, text))
    assert len(problems) == 1, [str(p) for p in problems]
    assert problems[0].key == defect.key
    assert defect.says in problems[0].message
    assert problems[0].line == (0 if defect.name == "section lacking" else defect.line(text))
    assert problems[0].file == ("rules.yaml")


@pytest.mark.parametrize("defect", [d for d in DEFECTS if d.name in _MORE], ids=lambda d: d.name)
def test_trap_is_named_first(defect: Defect, tmp_path: Path) -> None:
    text = defect.text()
    problems = check_rulebook(_write(tmp_path, text))
    assert any(p.key == defect.key and defect.says in p.message and p.line == defect.line(text) for p in problems)
    assert {p.line for p in problems} == {defect.line(text)}


def test_all_defects_are_reported_at_once(tmp_path: Path) -> None:
    chosen = [
        d for d in DEFECTS if d.name in {"unknown key", "unknown role", "missing letter", "bad date", "number as text"}
    ]
    text = YUNXI
    for defect in chosen:
        text = defect.text(text)
    with pytest.raises(RulebookError) as caught:
        load_rulebook(_write(tmp_path, text))
    said = str(caught.value)
    assert "5 处问题" in said
    for defect in chosen:
        assert f"第 {defect.line(text)} 行({defect.key})" in said


def test_states_without_a_way_to_the_end(tmp_path: Path) -> None:
    text = YUNXI.replace("{from: answered, to: filed", "{from: answered, to: answered")
    problems = check_rulebook(_write(tmp_path, text))
    assert [p.key.rsplit(".", 1)[1] for p in problems] == ["advised", "answered"]
    assert all("走不到任何结束状态" in p.message for p in problems)


def test_problem_names_the_file_of_a_folder(tmp_path: Path) -> None:
    cut = YUNXI.index("\nlists:")
    (tmp_path / "a.yaml").write_text(YUNXI[:cut], encoding="utf-8")
    (tmp_path / "b.yaml").write_text(YUNXI[cut:].replace("doc: [site_statement]", "doc: [x]"), encoding="utf-8")
    (problem,) = check_rulebook(tmp_path)
    assert problem.file == "b.yaml"
    assert "doc: [x]" in YUNXI[cut:].replace("doc: [site_statement]", "doc: [x]").split("\n")[problem.line - 1]


def test_one_section_in_two_files(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(YUNXI, encoding="utf-8")
    (tmp_path / "b.yaml").write_text("schema: 1\n\nterms:\n  - {phrase: 开春, basis: open}\n", encoding="utf-8")
    problems = check_rulebook(tmp_path)
    assert [(p.file, p.line, p.key) for p in problems] == [("b.yaml", 1, "schema"), ("b.yaml", 4, "terms.开春")]
    assert "a.yaml 第" in problems[1].message


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a:\n  - b\n - c\n", 3, "缩进不齐"),
        ("a: [1, 2\nb: 3\n", 2, "没有配对"),
        ("a: '没有关\n", 2, "引号没有配对"),
        ("a:\n\t- b\n", 2, "制表符"),
        ("a: b: c\n", 1, "冒号"),
        ("a: `x`\n", 1, "加引号"),
        ("- a\n- b\n", 1, "键: 值"),
        ("只是一句话\n", 1, "键: 值"),
        ("", 1, "键: 值"),
    ],
)
def test_broken_yaml_is_explained(text: str, line: int, says: str, tmp_path: Path) -> None:
    problems = check_rulebook(_write(tmp_path, text))
    assert (problems[0].line, len(problems)) == (line, 1), [str(p) for p in problems]
    assert says in problems[0].message


@pytest.mark.parametrize(
    "data", [b"\xd0\xcf\x11\xe0" * 20, "规则".encode("gbk"), b"a: \x00\x01b", b"PK\x03\x04\x00\xff"]
)
def test_binary_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_bytes(data)
    (problem,) = check_rulebook(path)
    assert "UTF-8" in problem.message or "YAML" in problem.message


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    (problem,) = check_rulebook(_write(tmp_path, "a: " + "[" * 5000 + "]" * 5000))
    assert "过深" in problem.message


def test_missing_file_and_empty_folder(tmp_path: Path) -> None:
    assert "找不到" in check_rulebook(tmp_path / "none.yaml")[0].message
    assert "没有规则文件" in check_rulebook(tmp_path)[0].message
    with pytest.raises(RulebookError, match="找不到"):
        load_rulebook(tmp_path / "none.yaml")


def test_unreadable_neighbour_hides_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("schema: 1\nschema: 1\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("a: [", encoding="utf-8")
    assert [(p.file, p.line) for p in check_rulebook(tmp_path)] == [("a.yaml", 2), ("b.yaml", 2)]


def test_problem_reads_as_a_sentence() -> None:
    assert str(Problem("a.yaml", 3, "lists.x", "缺少“clause”")) == "a.yaml 第 3 行(lists.x):缺少“clause”"
    assert str(Problem("a.yaml", 0, "", "找不到")) == "a.yaml:找不到"
