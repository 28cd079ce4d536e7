"""Letters say what the ledger and the rulebook say, exactly, and are read back before anyone sees them."""

from __future__ import annotations

import datetime as dt
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import TemplateError, UsageError
from pipeline.letters import (
    SHIPPED_TEMPLATES,
    Letters,
    OfficeName,
    feedback,
    overdue,
    pledge_kinds,
    pledges,
    supplement,
)
from pipeline.letters.build_templates import TEMPLATES, template_bytes
from pipeline.letters.render import Template
from pipeline.letters.words import day, full_width, period_words
from pipeline.model import (
    Entry,
    Finding,
    Identity,
    ItemVerdict,
    Outcome,
    Person,
    Roster,
    Severity,
    Status,
    Unit,
    Verdict,
)
from pipeline.reading import read_file
from pipeline.rulebook import load_rulebook

SHIPPED = load_rulebook()
OTHER = load_rulebook(Path(__file__).parents[1] / "rulebook" / "yunxi-2026.yaml")
TODAY = dt.date(2026, 6, 30)
COUNTY, BUREAU = "中共禾川县委员会", "中共汀州市教育局党组"
ROSTER = Roster(
    (
        Unit(COUNTY, "county_committee"),
        Unit(BUREAU, "city_unit"),
        Unit("青溪镇党委", "township_committee", upper=COUNTY),
    ),
    (
        Person("顾远山", COUNTY, "县委书记", "principal"),
        Person("康若谷", COUNTY, "县长", "member", ("县政府工作", "审计")),
        Person("闻人杰", BUREAU, "局长", "principal"),
    ),
)


@pytest.fixture
def letters(tmp_path):
    return Letters(tmp_path, SHIPPED, OfficeName("汀州市主体办", "汀主体办"))


def entry(**changes: object) -> Entry:
    items = (
        ItemVerdict("1", Status.COVERED, 0.9),
        ItemVerdict("4", Status.ABSENT, 0.9),
        ItemVerdict("7", Status.MENTIONED, 0.7),
    )
    found = (Finding("x", Severity.WARNING, "落款单位与标题不一致。"),)
    fields = {
        "number": "2026-0001", "name": "报告.docx", "sha256": "ab" * 32, "size_bytes": 1, "received": dt.date(2026, 6, 25),
        "arrived_at": dt.datetime(2026, 6, 25, 1, 30, tzinfo=dt.UTC), "due": dt.date(2026, 6, 20), "on_time": False,
        "identity": Identity("leadership_report", "报告", BUREAU, None, 2026, "2026-H1"),
        "verdict": Verdict(Outcome.DEFICIENT, items, findings=found),
    }  # fmt: skip
    return Entry(**{**fields, **changes})


def drafts():
    yield supplement(entry(), SHIPPED, dt.date(2026, 7, 9))
    yield feedback(entry(), SHIPPED, "请补充印证材料。", dt.date(2026, 7, 9))
    yield overdue(COUNTY, "顾远山", "principal_report", "2026-H1", dt.date(2026, 6, 20), TODAY, SHIPPED)
    for kind in pledge_kinds(SHIPPED):
        yield next(pledges(kind, SHIPPED, ROSTER, 2026))


DRAFTS = {f"{d.template}-{d.kind}": d for d in drafts()}


def said(letter: bytes, tmp_path) -> str:
    path = tmp_path / "letter.docx"
    path.write_bytes(letter)
    return read_file(path, path.name).plain


def template(*paragraphs: str, header: str = "") -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def rendered(tmp_path, fields: dict[str, object], *paragraphs: str, header: str = "") -> bytes:
    path = tmp_path / "模板.docx"
    path.write_bytes(template(*paragraphs, header=header))
    return Template(path).render(fields)


# --- what they say


def test_a_supplement_names_each_missing_item_in_the_plan_s_words(letters, tmp_path):
    """ensures that the sender reads which items are missing, which are only mentioned, and until when to send them."""
    text = said(letters.write(DRAFTS["supplement_notice-supplement_notice"], "汀主体办〔2026〕5号", TODAY), tmp_path)
    items = SHIPPED.list_items("leadership_report_items")
    assert f"第4项 {full_width(items[3].text)}（未见）；" in text
    assert f"第7项 {full_width(items[6].text)}（仅提及，未见具体做法）；" in text
    assert full_width(items[0].text) not in text
    for words in (
        "汀主体办〔2026〕5号",
        f"{BUREAU}：",
        "2026年6月25日报送的2026年上半年",
        "2026年7月9日前补报",
        "2026年6月30日",
    ):
        assert words in text


def test_feedback_carries_the_reviewer_s_words(letters, tmp_path):
    """ensures that problems, findings and demands all stand in the letter."""
    text = said(
        letters.write(DRAFTS["review_feedback_letter-review_feedback_letter"], "汀主体办〔2026〕6号", TODAY), tmp_path
    )
    assert "3．落款单位与标题不一致。" in text
    assert "整改要求：请补充印证材料。" in text


def test_an_overdue_notice_counts_the_days(letters, tmp_path):
    """ensures that whose paper, of which period and how late are said."""
    text = said(letters.write(DRAFTS["overdue_notice-overdue_notice"], "汀主体办〔2026〕7号", TODAY), tmp_path)
    assert "顾远山同志2026年上半年" in text
    assert "应于2026年6月20日前报送，现已逾期10天" in text


def test_pledges_hold_the_duties_verbatim(letters, tmp_path):
    """ensures that each kind carries its own list of the plan, complete and in order."""
    for kind in pledge_kinds(SHIPPED):
        text = said(letters.write(DRAFTS[f"pledge-{kind.id}"], "汀主体办承诺〔2026〕1号", TODAY), tmp_path)
        duties = [full_width(i.text) for c in kind.content for i in SHIPPED.list_items(c.list)]
        places = [text.index(f"{n}．{duty}。") for n, duty in enumerate(duties, 1)]
        assert places == sorted(places)


def test_every_pair_of_the_year_signs():
    """ensures that parties follow the rulebook's pairs and the roster. Source: 附一·二 L104."""
    found = {
        kind.id: [(d.fields["upper"], d.fields["lower"]) for d in pledges(kind, SHIPPED, ROSTER, 2026)]
        for kind in pledge_kinds(SHIPPED)
    }
    assert found == {
        "pledge_main": [("市委", COUNTY), ("市委", BUREAU), (COUNTY, "青溪镇党委")],
        "pledge_first": [("市委书记", "顾远山"), ("市委书记", "闻人杰")],
        "pledge_dual": [("顾远山", "康若谷")],
    }
    (dual,) = pledges(next(k for k in pledge_kinds(SHIPPED) if k.id == "pledge_dual"), SHIPPED, ROSTER, 2026)
    assert "县政府工作、审计" in str(dual.fields["scope"])


def test_another_city_s_pledges_need_no_other_code(tmp_path):
    """ensures that the second rulebook's kinds, lists and titles make letters with the same templates."""
    unit_class = next(p.id for p in OTHER.parties.values() if p.kind == "unit_class")
    roster = Roster(
        (Unit("某站", unit_class),),
        (Person("某某", "某站", "站长", next(p.id for p in OTHER.parties.values() if p.kind == "role")),),
    )
    made = [d for kind in pledge_kinds(OTHER) for d in pledges(kind, OTHER, roster, 2026)]
    office = Letters(tmp_path, OTHER, OfficeName("安监办", "安"))
    for draft in made:
        assert OTHER.title in said(
            office.template("pledge").render({"office": "安监办", "number": "1", "date": "x", **draft.fields}), tmp_path
        )


def test_a_receipt_tells_the_sender_all(letters, tmp_path):
    """ensures that number, time, hash, result, what is missing and lateness are there."""
    text = said(letters.receipt(entry(name="报告<A&B>{{7*7}}.docx")), tmp_path)
    for words in (
        "2026-0001",
        "报告<A&B>{{7*7}}.docx",
        "2026年6月25日 09:30",
        "ab" * 32,
        "2026年6月20日（逾期）",
        "第4项",
        "（未见）",
        "汀州市主体办",
    ):
        assert words in text


# --- values stay what they are

ODD = ["A&B公司", "<测试>", "{{7*7}}", "{% for %}", "“引号”", "'; DROP", "=1+1", "😀", "ＡＢ", "  空 格  ", "a" * 500]


@pytest.mark.parametrize("value", ODD)
def test_odd_values_are_printed_exactly(tmp_path, value):
    """ensures that no value is cut, run or changed."""
    assert f"前{value}后" in said(rendered(tmp_path, {"x": value}, "前{{ x }}后"), tmp_path)


@settings(max_examples=40, deadline=None)
@given(value=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=60))
def test_any_printable_value_survives(tmp_path_factory, value):
    """ensures that the read-back holds for whatever people type."""
    folder = tmp_path_factory.mktemp("letter")
    assert value.strip() in said(rendered(folder, {"x": value}, "前{{ x }}后"), folder)


@pytest.mark.parametrize("value", ["a\x0bb", "a\x00b", "a\ud800b", None])
def test_values_that_cannot_be_printed_are_named(tmp_path, value):
    """ensures that a field with nothing or with control characters is said by name and no letter is made."""
    with pytest.raises(TemplateError, match="“x”"):
        rendered(tmp_path, {"x": value}, "前{{ x }}后")


# --- templates are edited by people

ATTACKS = [
    '{{ cycler.__init__.__globals__.os.popen("id").read() }}',
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ x.__class__ }}",
    "{% for i in range(10**9) %}x{% endfor %}",
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("place", ["body", "header"])
def test_a_template_cannot_run_code(tmp_path, attack, place):
    """ensures that the sandbox holds in body and header."""
    body, header = (attack, "") if place == "body" else ("正文", attack)
    with pytest.raises(TemplateError):
        rendered(tmp_path, {"x": "值"}, body, header=header)


@pytest.mark.parametrize(
    ("paragraph", "words"),
    [
        ("{{ nobody_knows }}", "nobody_knows"),
        ("{{ x.missing }}", "missing"),
        ("{% for a in x %}", "标记"),
        ("{{ x", "标记"),
        ("｛｛ x ｝｝", "全角花括号"),
        ("{{ x | nofilter }}", "标记"),
    ],
)
def test_a_spoiled_template_is_said_in_chinese(tmp_path, paragraph, words):
    """ensures that the office learns what to mend in Word."""
    with pytest.raises(TemplateError, match=re.escape(words)):
        rendered(tmp_path, {"x": "值"}, paragraph)


@pytest.mark.parametrize("paragraph", ["{{ x[:1] }}", "{{ x | upper }}", "{{ x | default('') | truncate(3) }}"])
def test_a_template_that_loses_a_value_makes_no_letter(tmp_path, paragraph):
    """ensures that the read-back finds a value that did not arrive."""
    with pytest.raises(TemplateError, match="文书缺少“x”的内容"):
        rendered(tmp_path, {"x": "abcdefgh很长"}, paragraph)


def test_a_file_that_is_no_template(tmp_path):
    """ensures that a broken file in the templates folder is named."""
    (tmp_path / "receipt.docx").write_bytes(b"not a zip")
    with pytest.raises(TemplateError, match="打不开"):
        Letters(tmp_path, SHIPPED, OfficeName("办", "办")).receipt(entry())


def test_the_office_s_own_template_comes_first(letters, tmp_path):
    """ensures that an edited template is used and a missing one falls back."""
    (tmp_path / "receipt.docx").write_bytes(template("本办自制:{{ entry }}"))
    assert said(letters.receipt(entry()), tmp_path) == "本办自制:2026-0001"
    assert "supplement_notice" in letters.kinds()
    with pytest.raises(UsageError, match="可用的有"):
        letters.template("nonsense")


@pytest.mark.parametrize("kind", TEMPLATES)
def test_one_template_in_three_places(kind):
    """ensures that what the builder makes, the package carries and the repository shows is the same file."""
    shown = Path(__file__).parents[2] / "templates" / f"{kind}.docx"
    assert template_bytes(kind) == (SHIPPED_TEMPLATES / f"{kind}.docx").read_bytes() == shown.read_bytes()


def test_templates_ask_for_what_they_are_given():
    """ensures that no shipped template wants an unknown field, and no field is made for nothing."""
    given_fields: dict[str, set[str]] = {}
    for draft in DRAFTS.values():
        given_fields.setdefault(draft.template, set()).update(
            draft.fields, {"office", "number", "date", "attachments", "copies", "sealed", "unsealed"}
        )
    for kind, fields in given_fields.items():
        asked = Template(SHIPPED_TEMPLATES / f"{kind}.docx").fields
        assert asked <= fields, kind
        assert fields - asked <= {"office", "date", "received", "attachments", "copies", "sealed", "unsealed"}, kind


def test_the_same_letter_is_the_same_bytes(letters):
    """ensures that a letter can be reprinted exactly."""
    draft = DRAFTS["pledge-pledge_main"]
    assert letters.write(draft, "汀〔2026〕1号", TODAY) == letters.write(draft, "汀〔2026〕1号", TODAY)


# --- the page


@pytest.mark.parametrize("name", DRAFTS)
def test_the_page_is_that_of_the_standard(letters, tmp_path, name):
    """ensures paper, margins, fonts, sizes, line pitch and page number. Source: GB/T 9704-2012."""
    letter = letters.write(DRAFTS[name], "汀主体办〔2026〕5号", TODAY)
    document = docx.Document(io.BytesIO(letter))
    section = document.sections[0]
    sizes = (
        section.page_width,
        section.page_height,
        section.top_margin,
        section.bottom_margin,
        section.left_margin,
        section.right_margin,
    )
    assert [round(size / Mm(1)) for size in sizes] == [210, 297, 37, 35, 28, 26]
    for paragraph in (p for p in document.paragraphs if p.text.strip()):
        fonts = paragraph.runs[0]._element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) in {"方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"}
        assert paragraph.paragraph_format.line_spacing.pt >= 28.9
    title = next(p for p in document.paragraphs if p.text.strip() == DRAFTS[name].fields["title"])
    assert (title.runs[0].font.size.pt, title.runs[0]._element.rPr.rFonts.get(qn("w:eastAsia"))) == (
        22,
        "方正小标宋简体",
    )
    with zipfile.ZipFile(io.BytesIO(letter)) as parts:
        footers = [parts.read(n).decode() for n in parts.namelist() if "footer" in n and n.endswith(".xml")]
    assert sum(" PAGE " in footer for footer in footers) == 2


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice 未安装")
def test_libreoffice_opens_every_letter(letters, tmp_path):
    """ensures that another program lays each letter out."""
    for n, draft in enumerate(DRAFTS.values()):
        (tmp_path / f"{n}.docx").write_bytes(letters.write(draft, "汀主体办〔2026〕5号", TODAY))
    command = ["soffice", f"-env:UserInstallation={tmp_path.as_uri()}/profile", "--headless", "--convert-to", "pdf"]
    subprocess.run(
        [*command, *map(str, tmp_path.glob("*.docx"))], cwd=tmp_path, capture_output=True, check=True, timeout=180
    )
    assert len(list(tmp_path.glob("*.pdf"))) == len(DRAFTS)


# --- words


def test_how_things_are_said():
    """ensures dates without padding, periods in words, full-width punctuation but numbers as they are."""
    assert day(dt.date(2026, 6, 5)) == "2026年6月5日"
    assert [period_words(p) for p in ("2026-H1", "2026-H2", "2026", None)] == [
        "2026年上半年",
        "2026年下半年",
        "2026年度",
        "",
    ]
    assert full_width("党委(党组)会议,共1,200人;9:30开始:是?") == "党委（党组）会议，共1,200人；9:30开始：是？"
