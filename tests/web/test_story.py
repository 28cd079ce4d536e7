"""The whole story by clicks: hand in, see the evidence, correct, answer, find, see it owed and done, hand over."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.documents import leadership_report
from tests.web.browsing import CHROMIUM, Watched, account, needs_browser, pictures, running

pytestmark = [needs_browser, pytest.mark.xdist_group("browser")]
PAGES = {
    "林晓": ("/", "/intake", "/papers", "/papers/2026-0001", "/papers/2026-0002", "/papers/2026-0001/similar", "/review", "/review/2026-0002",
             "/duties", "/duties?view=list", "/duties/events", "/search", "/search?q=党风廉政", "/letters", "/letters/new",
             "/letters/check", "/archives", "/assessment", "/roster", "/rules", "/self"),
    "系统员": ("/system", "/accounts", "/self"),
    "安全员": ("/accounts", "/self"),
    "审计员": ("/journal", "/journal/readings", "/accounts"),
}  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def site(workspace):
    account(workspace, "林晓", "经办人", "复核人")
    account(workspace, "系统员", "系统管理员")
    account(workspace, "安全员", "安全管理员")
    account(workspace, "审计员", "审计员")
    with running(workspace) as address:
        yield address


def hand_in(page) -> None:
    """Three reports by the button: a complete one, one without items 4 and 9, a broken one."""
    whole = leadership_report("中共汀州市教育局党组")
    files = [
        {"name": "教育局报告.docx", "mimeType": "application/msword", "buffer": whole},
        {"name": "水利局报告.docx", "mimeType": "application/msword", "buffer": leadership_report("中共汀州市水利局党组", (4, 9))},
        {"name": "坏了的报告.docx", "mimeType": "application/msword", "buffer": whole[: len(whole) // 2]},
    ]  # fmt: skip
    page.set_input_files("#file", files)
    page.locator("#uploads .registered").nth(1).wait_for(timeout=120_000)
    page.locator("#uploads .set_aside").wait_for(timeout=120_000)


def test_the_whole_story_by_clicks(site, browser, tmp_path):
    """ensures that a clerk does the half-year's work with the mouse, and that what each page says is so."""
    watched = Watched(browser, site)
    page, shots = watched.page, pictures(tmp_path)

    def shot(name: str) -> None:
        page.screenshot(path=shots / f"{name}.png")

    page.goto(f"{site}/login")
    shot("01-登录")
    watched.login("林晓")

    page.click("nav >> text=收件")
    hand_in(page)
    shot("02-收件")
    refused = page.locator("#uploads tr", has_text="坏了的报告.docx")
    assert "损坏" in refused.inner_text() or "不完整" in refused.inner_text()

    page.locator("#uploads tr", has_text="水利局报告.docx").locator("a").click()
    number = page.url.rsplit("/", 1)[1]
    assert "缺项" in page.locator(".title").inner_text()
    assert "未见" in page.locator("#item-4").inner_text() and "已写" in page.locator("#item-1").inner_text()
    page.locator("#item-1 blockquote a").first.click()
    assert "逐条传达学习市纪委全会精神" in page.locator("p.lit").inner_text()
    shot("03-文件和证据")

    page.click("text=审阅 >> nth=-1") if page.locator("a.primary").count() == 0 else page.click("a.primary")
    page.select_option("#i-9", "mentioned")
    page.fill("#note", "请补充班子成员相互批评的情况,并补报检查考核结果。")
    shot("04-审阅")
    page.click("button:has-text('退回补充')")
    assert "已退回补充" in page.locator(".said").inner_text()
    assert page.locator("#i-9").input_value() == "mentioned"

    page.click("text=预览反馈文书")
    letter = page.locator(".letter").inner_text()
    assert "中共汀州市水利局党组" in letter and "请补充班子成员相互批评的情况" in letter
    shot("05-反馈文书")
    page.click("button:has-text('编号并登记')")
    assert "主体办〔2026〕1号" in page.locator(".said").inner_text()

    page.fill("#top-q", "三公 单位:水利局")
    page.press("#top-q", "Enter")
    page.wait_for_selector(".hits a")
    assert page.locator(".hits > li").count() == 1 and number in page.locator(".hits").inner_text()
    assert page.locator(".hits mark").first.inner_text() == "三公"
    shot("06-检索")

    page.click("nav >> text=台账")
    page.select_option("#unit", label="中共汀州市水利局党组")
    page.wait_for_url(lambda url: "unit=%" in url)
    page.click("text=逐项列出")
    page.wait_for_url(lambda url: "view=list" in url)
    if not page.locator(f"main a:has-text('{number}')").count():  # the most urgent stand first
        page.click("text=下一页")
        page.wait_for_url(lambda url: "at=2" in url)
    row = page.locator("tr", has=page.locator(f"a:has-text('{number}')"))
    assert "领导班子" in row.first.inner_text() or "主体责任" in row.first.inner_text()
    shot("07-台账")

    page.click("nav >> text=档案")
    page.click("main a:has-text('中共汀州市水利局党组')")
    page.click("button:has-text('生成归档包')")
    page.click(".said a:has-text('查看')")
    shot("08-归档包")
    assert "通过" in page.locator("main").inner_text()
    with page.expect_download() as waiting:
        page.click("a.button:has-text('下载归档包')")
    saved = tmp_path / "bag.zip"
    waiting.value.save_as(saved)
    with zipfile.ZipFile(io.BytesIO(saved.read_bytes())) as bag:
        names = bag.namelist()
        assert any(name.endswith("bagit.txt") for name in names) and any("水利局报告" in name for name in names)

    page.click("nav >> text=今日")
    shot("09-今日")
    assert watched.troubles == []


def test_every_page_for_every_eye(site, browser, tmp_path):
    """ensures that axe finds nothing serious, nothing complains in the console, no other host is called; also on a phone."""
    from axe_playwright_python.sync_playwright import Axe

    axe, found = Axe(), []
    shots = pictures(tmp_path)
    first = Watched(browser, site)
    first.login("林晓")
    first.page.goto(f"{site}/intake")
    hand_in(first.page)
    for name, paths in PAGES.items():
        for width, height in ((1366, 768), (390, 844)):
            watched = Watched(browser, site, width, height)
            watched.login(name)
            for path in paths:
                answer = watched.page.goto(site + path, wait_until="networkidle")
                assert answer.status == 200, path
                results = axe.run(watched.page, options={"resultTypes": ["violations"]})
                found += [
                    f"{path} {width}: {v['id']} {v['nodes'][0]['html'][:160]}"
                    for v in results.response["violations"]
                    if v["impact"] in {"serious", "critical"}
                ]
                wide = watched.page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                found += [f"{path} {width}: {wide} pixels too wide"] if wide > 0 else []
                watched.page.screenshot(path=shots / f"{width}{path.replace('/', '_').partition('?')[0]}-{name}.png")
            found += [f"{name} {width}: {trouble}" for trouble in watched.troubles]
    assert found == []


def test_the_keyboard_is_enough(site, browser):
    """ensures that the door opens and the first steps go without a mouse, and that focus is to be seen."""
    page = Watched(browser, site).page
    page.goto(f"{site}/login")
    page.keyboard.type("林晓")
    page.keyboard.press("Tab")
    from tests.web.browsing import PASSWORD

    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
