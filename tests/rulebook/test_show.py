"""The rulebook as text."""

from __future__ import annotations

from pathlib import Path

from pipeline.rulebook import load_rulebook
from pipeline.rulebook.show import due_text, show_rulebook

RULES = load_rulebook()


def test_whole_text_holds_every_rule() -> None:
    text = show_rulebook(RULES)
    for entry in (*RULES.institutions.values(), *RULES.kinds.values()):
        assert entry.title in text
    for content in RULES.lists.values():
        assert all(item.text in text for item in content.items)
    assert all(f"事项 {name} " in text for name in RULES.obligations)
    assert all(f"({name})" in text for name in RULES.letters)
    assert all(f"疑义 {name} " in text for name in RULES.ambiguities)


def test_one_id_shows_its_entry() -> None:
    text = show_rulebook(RULES, "principal_report")
    assert text.startswith("  文种 主要领导履行“第一责任人”职责情况报告(principal_report)")
    assert "7. 其他需要报告的情况(可不写)  L178" in text
    assert "事项 D-11" in show_rulebook(RULES, " D-11 ")


def test_an_institution_shows_its_rules_only() -> None:
    text = show_rulebook(RULES, "talks")
    assert text.startswith("【6】落实主体责任廉政谈话制度")
    assert "T-07" in text
    assert "D-02" not in text


def test_a_word_shows_what_holds_it() -> None:
    text = show_rulebook(RULES, "三严三实")
    assert "principal_report_items" in text
    assert "没有与“无此词”有关的内容" in show_rulebook(RULES, "无此词")


def test_dues_in_words() -> None:
    said = {
        name: due_text(RULES, RULES.obligations[name].due) for name in ("D-02", "S-02", "D-11", "Z-04", "R-01", "K-01")
    }
    assert said == {
        "D-02": "6月20日前、12月20日前",
        "S-02": "每年年初(1月1日至3月31日)",
        "D-11": "反馈意见送达后 7 个工作日内",
        "Z-04": "全委会专题会议召开前 7 天",
        "R-01": "6月、12月",
        "K-01": "12月1日至次年1月20日",
    }


def test_another_city_is_shown() -> None:
    other = load_rulebook(Path(__file__).with_name("yunxi-2026.yaml"))
    text = show_rulebook(other)
    assert "7月10日前、次年1月10日前(不含当日)" in text
    assert "外包队伍管理情况" in text
