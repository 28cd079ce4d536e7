"""检索: what is found and for whom, facets, completion, kept searches, the workbook, papers with the same text."""

from __future__ import annotations

import html
import io
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from openpyxl import load_workbook

from pipeline.access import Role
from tests.web.conftest import OURS, THEIRS, finished, number_of, text_of
from tests.web.visitors import login


@pytest.fixture
def reader(pages):
    return login(pages, Role.READER)


def entries(page: str) -> list[str]:
    """Return the papers that a page of hits leads to, in order."""
    return list(dict.fromkeys(re.findall(r'href="/papers/([\d-]+)#p\d+"><b>', page)))


def test_a_hit_leads_to_its_passage(pages, reader):
    """ensures that a hit shows its words marked and links to the passage in which they stand."""
    number = number_of(pages, OURS)
    page = reader.get("/search", params={"q": "压减会议"}).text
    assert "<mark>压减会议</mark>9个" in page
    passage = int(re.search(rf'href="/papers/{number}#p(\d+)"', page)[1])
    assert "压减会议" in pages.state.office.ledger.text(number).passages[passage].text
    assert f'id="p{passage}"' in reader.get(f"/papers/{number}").text


def test_a_papers_text_never_becomes_part_of_the_page(pages, reader):
    """ensures that script written in a paper or typed into the search is shown as its letters."""
    page = reader.get("/search", params={"q": "alert"}).text
    assert "&lt;script&gt;<mark>alert</mark>(1)&lt;/script&gt;" in page and "<script>alert" not in page
    typed = reader.get("/search", params={"q": '"><img src=x onerror=alert(1)>'}).text
    assert "<img" not in typed


def test_a_facet_narrows_by_its_own_condition(pages, reader):
    """ensures that every facet's link finds as many papers as it says, all of that value."""
    page = reader.get("/search", params={"q": "党风廉政"}).text
    links = re.findall(r'<li><a href="(/search\?[^"]+)">([^<]+)</a> <span class="soft">(\d+)</span>', page)
    assert {label for _, label, _ in links} >= {OURS, THEIRS, "齐全"}
    for path, label, count in links:
        narrowed = reader.get(html.unescape(path)).text
        assert f'<b role="status">{count} 份</b>' in narrowed, label
        if label in (OURS, THEIRS):
            assert entries(narrowed) == [number_of(pages, label)]


def test_order_hints_and_advice(reader):
    """ensures that the order is that asked for, an unreadable condition is told, and nothing found is explained."""
    by_date = entries(reader.get("/search", params={"q": "党风廉政"}).text)
    assert by_date == sorted(by_date, reverse=True) and len(by_date) == 2
    assert "selected>最相关的在前" in reader.get("/search", params={"q": "党风廉政", "sort": "relevance"}).text
    assert "看不懂" in text_of(reader.get("/search", params={"q": "党风廉政 日期:某天"}))
    assert "没有文件写有“乌有之词”" in text_of(reader.get("/search", params={"q": "党风廉政 乌有之词"}))
    assert "怎么写" in text_of(reader.get("/search"))


def test_hits_are_turned_by_pages(pages, reader, monkeypatch):
    """ensures that the second page goes on where the first ended."""
    monkeypatch.setattr("pipeline.web.finding.SIZE", 1)
    first, second = (entries(reader.get("/search", params={"q": "党风廉政", "at": at}).text) for at in (1, 2))
    assert len(first) == len(second) == 1 and first != second


def test_another_units_papers_cannot_be_found(pages):
    """ensures for hits, counts, facets, completion, the workbook and same text that other units' papers do not exist."""
    visitor = login(pages, Role.READER, units=[OURS])
    ours, theirs = number_of(pages, OURS), number_of(pages, THEIRS)
    page = visitor.get("/search", params={"q": "党风廉政"}).text
    assert entries(page) == [ours] and '<b role="status">1 份</b>' in page and THEIRS not in page
    assert entries(visitor.get("/search", params={"q": f"单位:{THEIRS}"}).text) == []
    assert entries(visitor.get("/search", params={"q": f"登记号:{theirs}"}).text) == []
    assert [c["label"] for c in visitor.get("/search/complete", params={"q": "单位:"}).json()] == [OURS]
    job = finished(visitor, visitor.fill("/search/workbook", q="党风廉政"))
    lines = list(load_workbook(io.BytesIO(job.result.file)).active.iter_rows(min_row=2, values_only=True))
    assert [line[0] for line in lines] == [ours]
    assert theirs not in visitor.get(f"/papers/{ours}/similar").text
    assert visitor.get(f"/papers/{theirs}/similar").status_code == 404


def test_completion_is_what_the_page_expects(reader):
    """ensures that what is begun is completed to whole queries with their labels and counts."""
    found = reader.get("/search/complete", params={"q": "党风廉政 单位:教育"}).json()
    assert found == [{"text": f"党风廉政 单位:{OURS}", "label": OURS, "count": 1}]
    assert reader.get("/search/complete", params={"q": "单" * 900}).json() == []


def test_a_search_is_kept_by_who_keeps_it(pages, reader):
    """ensures that a kept search is its owner's alone, runs again with one click, and can be let go."""
    answer = reader.fill("/search/keep", q="党风廉政 单位:教育局", name="教育局的", sort="relevance")
    assert answer.status_code == 303
    page = reader.get("/search").text
    path = html.unescape(re.search(r'href="([^"]+)">教育局的<', page)[1])
    assert parse_qs(urlsplit(path).query) == {"q": ["党风廉政 单位:教育局"], "sort": ["relevance"]}
    assert entries(reader.get(path).text) == [number_of(pages, OURS)]
    other = login(pages, Role.READER)
    assert "教育局的" not in other.get("/search").text
    assert other.fill("/search/forget", name="教育局的").status_code == 404
    assert reader.fill("/search/forget", name="教育局的").status_code == 303
    assert "教育局的" not in text_of(reader.get("/search"))
    for q, name in (("", "空的"), ("党风廉政", " "), ("党风廉政", "长" * 101)):
        assert reader.fill("/search/keep", q=q, name=name).status_code == 400


def test_papers_with_the_same_text_stand_side_by_side(pages, reader):
    """ensures that shared passages are shown beside each other with links to both places, and the finding said."""
    ours, theirs = number_of(pages, OURS), number_of(pages, THEIRS)
    page = reader.get(f"/papers/{ours}/similar").text
    pairs = re.findall(rf'<td><a href="/papers/{ours}#p(\d+)">[^<]*</a> ([^<]+)</td><td><a href="/papers/{theirs}#p(\d+)">[^<]*</a> ([^<]+)</td>', page)  # fmt: skip
    assert len(pairs) > 5
    text = {n: pages.state.office.ledger.text(n).passages for n in (ours, theirs)}
    for left, left_text, right, right_text in pairs:
        assert html.unescape(left_text) in text[ours][int(left)].text
        assert html.unescape(right_text) in text[theirs][int(right)].text


def test_looking_is_noted(pages, reader):
    """ensures that the log of readings says who searched for what and who took the results away."""
    reader.get("/search", params={"q": "压减会议"})
    reader.fill("/search/workbook", q="压减会议")
    (log,) = (pages.state.office.archive.root / "logs").glob("reads-*.jsonl")
    lines = [line for line in map(json.loads, log.read_text().splitlines()) if "压减会议" in line["thing"]]
    assert {line["act"] for line in lines} >= {"search", "export"}
