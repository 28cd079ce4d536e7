"""Makes the scans beside it: ``python tests/golden/make_scans.py``. Needs Pillow, numpy and the fonts of ``make system-deps``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from samples import scans

HERE = Path(__file__).parent
PLEDGE = (
    "落实主体责任“第一责任人”承诺书",
    [
        "市委:",
        "我作为禾川县委书记,现就2026年度履行第一责任人职责郑重承诺:",
        "一、每季度专题研究党风廉政建设不少于一次。",
        "二、管好班子,带好队伍,严格执行民主集中制。",
        "三、廉洁自律,管好配偶、子女和身边工作人员。",
        "如违反以上承诺,愿接受组织处理。",
    ],
)
REPORT = (
    "中共汀州市教育局党组\n2026年上半年落实党风廉政建设主体责任情况的报告",
    [
        "市委、市纪委:",
        "现将上半年领导班子落实党风廉政建设主体责任情况报告如下。",
        "一、压实责任明任务",
        "年初印发党风廉政建设工作计划,分解任务5类28项,与14个下属单位签订责任书14份。",
        "二、严肃党内生活",
        "4月18日召开专题民主生活会,班子成员相互批评27条,组织8名中层干部述责述廉。",
    ],
)
REST = (
    "",
    [
        "三、扎紧制度笼子",
        "修订《公务接待管理办法》等制度4项,抽查执行情况2次。",
        "四、支持执纪执法",
        "向纪检监察机关移交问题线索3件,配合巡察组调阅资料160份。",
    ],
)


def signed_pledge():
    page = scans.printed(*PLEDGE, ["承诺人:", "2026年3月5日"])
    scans.written(page, "顾远山", (860, 660), seed=4, size=44)
    return page


def main() -> None:
    """Write every scan."""
    page = signed_pledge()
    scans.seal(page, "中共禾川县委员会", (900, 780))
    scans.scanned(page, 1, turn=1.3).save(HERE / "pledge.jpg", quality=55)

    page = scans.printed(*PLEDGE, ["承诺人:", "2026年3月5日"])
    scans.scrawl(page, (840, 710), seed=9)
    scans.scanned(page, 2).convert("L").save(HERE / "pledge-scrawled.jpg", quality=45)

    page = scans.printed(*PLEDGE, ["承诺人:________", "2026年3月5日"])
    scans.scanned(page, 3, turn=-0.8).convert("L").save(HERE / "pledge-unsigned.jpg", quality=45)

    first = scans.printed(*REPORT, [])
    last = scans.printed(*REST, ["中共汀州市教育局党组", "2026年6月15日"])
    upside_down = scans.scanned(first, 5).rotate(180)
    on_its_side = scans.scanned(last, 6, turn=-1.5).rotate(90, expand=True)
    black = [page.convert("L").point(lambda v: 255 * (v > 150)).convert("1") for page in (upside_down, on_its_side)]
    black[0].save(HERE / "report.tif", save_all=True, append_images=black[1:], compression="group4")

    secret = scans.printed("机密★1年\n" + REPORT[0], REPORT[1][:3], [])
    scans.scanned(secret, 7).convert("L").save(HERE / "secret.jpg", quality=45)


if __name__ == "__main__":
    main()
