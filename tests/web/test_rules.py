"""The rulebook's pages."""

from __future__ import annotations

import re

from pipeline.access import Role
from pipeline.rulebook import load_rulebook
from tests.web.doors import app_of, login


def test_every_rule_stands_on_its_page_with_its_clause(workspace):
    """ensures that a clerk can read each institution's kinds, list items and duties, each with where it stands in the plan."""
    reader, book = login(app_of(workspace), Role.READER), load_rulebook()
    overview = reader.get("/rules").text
    for name, institution in book.institutions.items():
        assert f'href="/rules/{name}"' in overview
        page = reader.get(f"/rules/{name}").text.replace("&#34;", '"')
        assert institution.clause in page
        for kind in book.kinds.values():
            if kind.institution == name:
                assert kind.title in page and kind.clause in page
                for content in kind.content:
                    assert all(item.text in page for item in book.list_items(content.list))
        for duty in book.obligations.values():
            assert (f'id="{duty.id}"' in page) == (duty.institution == name)
    for doubt in book.ambiguities.values():
        assert doubt.resolve in overview


def test_how_an_item_is_judged_is_said(workspace):
    """ensures that trained items, hinted ones and those that never count as missing are told apart."""
    reader = login(app_of(workspace), Role.AUDITOR)
    page = reader.get("/rules/double_report").text if "double_report" in load_rulebook().institutions else ""
    pages = page or "".join(reader.get(f"/rules/{name}").text for name in load_rulebook().institutions)
    assert "按训练过的权重判断" in pages
    assert "可不写,不算缺项" in pages
    assert reader.get("/rules/nothing").status_code == 404
    assert re.search("与“承诺书”有关", reader.get("/rules?q=承诺书").text)
