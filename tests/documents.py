"""Documents that tests drop into an inbox: real .docx files made on the spot, all content invented."""

from __future__ import annotations

import io
import json
from pathlib import Path

import docx

UNITS = {
    "中共禾川县委员会": ("county_committee", ["禾川县委", "禾川县"], "顾远山", "县委书记"),
    "中共汀州市教育局党组": ("city_unit", ["市教育局", "市教育局党组"], "闻人杰", "党组书记、局长"),
    "中共汀州市水利局党组": ("city_unit", ["市水利局", "市水利局党组"], "麦思源", "党组书记、局长"),
}

# one act for each of the eleven items of a leadership report
ACTS = {
    1: "3月6日召开党组会议,逐条传达学习市纪委全会精神,开展政治纪律、组织纪律、财经纪律执行情况检查2次。",
    2: "年初印发党风廉政建设工作计划,分解任务5类28项,与14个下属单位签订责任书14份。",
    3: "组织党员干部集中学习党纪处分条例6次,举办廉政文化展览1场,参加人员320人次。",
    4: "4月18日召开专题民主生活会,班子成员相互批评27条,组织8名中层干部述责述廉。",
    5: "修订《公务接待管理办法》《采购管理办法》等制度4项,抽查执行情况2次。",
    6: "压减会议9个、文件21份,“三公”经费同比下降12%,查纠超标准接待1起。",
    7: "公开选拔科级干部5名,全程纪实并公示,对2名拟提拔人选暂缓使用。",
    8: "办理群众来信来访43件,开展乱收费专项治理,退还群众款项6.8万元。",
    9: "5月由主要负责同志带队,对9个单位落实责任制情况进行检查考核,结果与评优挂钩。",
    10: "向纪检监察机关移交问题线索3件,配合巡察组调阅资料160份。",
}
HEADINGS = ["深化学习抓落实", "压实责任明任务", "教育为先筑防线", "严肃党内生活", "扎紧制度笼子", "驰而不息改作风", "选人用人重公道",
            "回应群众关切", "考核推动落实", "支持执纪执法"]  # fmt: skip


def roster_json() -> str:
    """Return a roster of the invented city in the JSON shape of ``roster import``."""
    units = [{"name": n, "aliases": a, "class": c} for n, (c, a, _, _) in UNITS.items()]
    people = [{"name": p, "unit": n, "post": post, "role": "principal"} for n, (_, _, p, post) in UNITS.items()]
    return json.dumps({"units": units, "people": people}, ensure_ascii=False)


def leadership_report(
    unit: str = "中共汀州市教育局党组", without: tuple[int, ...] = (), year: int = 2026, half: int = 1, extra: str = ""
) -> bytes:
    """Return a 领导班子 report as .docx; ``without`` leaves out the acts of these items."""
    document = docx.Document()
    period = f"{year}年{'上' if half == 1 else '下'}半年"
    document.add_heading(f"{unit}{period}落实党风廉政建设主体责任情况的报告", level=0)
    document.add_paragraph("市委、市纪委:")
    document.add_paragraph(f"现将{period}领导班子落实党风廉政建设主体责任情况报告如下。{extra}")
    numerals = "一二三四五六七八九十"
    for n, act in ACTS.items():
        if n not in without:
            document.add_paragraph(f"{numerals[n - 1]}、{HEADINGS[n - 1]}")
            document.add_paragraph(act)
    document.add_paragraph(unit)
    document.add_paragraph(f"{year}年{6 if half == 1 else 12}月15日")
    return saved(document)


def plain(*paragraphs: str) -> bytes:
    """Return a .docx that holds these paragraphs."""
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    return saved(document)


def saved(document: object) -> bytes:
    stream = io.BytesIO()
    document.save(stream)  # type: ignore[attr-defined]
    return stream.getvalue()


def drop(folder: Path, name: str, data: bytes) -> Path:
    """Put a file into the inbox as Explorer does: under its name, at once."""
    path = folder / name
    path.write_bytes(data)
    return path
