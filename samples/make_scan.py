"""Draws ``documents/扫描0001.pdf``: a signed and sealed pledge as a scanner makes it. Needs Pillow, numpy, a Chinese font."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from samples import scans

TITLE = "落实主体责任“一岗双责”承诺书"
PARAGRAPHS = [
    "江海平书记并市水利局党组:",
    "我是党组成员、副局长汤问渠,分管水库管理处。2026年度我向党组承诺:",
    "一、分管范围内的廉政建设与业务工作同部署、同检查、同考核。",
    "二、每季度与水库管理处负责人谈话一次,听到反映当周核实。",
    "三、工程招标、物资采购一律公开,不打招呼、不写条子。",
    "四、管好自己、家属和身边工作人员。",
    "如有违背,愿接受组织处理,并承担相应责任。",
]


def main() -> None:
    """Write the sample."""
    page = scans.printed(TITLE, PARAGRAPHS, ["承诺人:", "2026年2月26日"])
    scans.written(page, "汤问渠", (850, 832), seed=11, size=40)
    scans.seal(page, "中共汀洲市水利局党组", (930, 1000))
    pdf = scans.as_pdf([scans.scanned(page, 12, turn=0.9)])
    (Path(__file__).parent / "documents" / "扫描0001.pdf").write_bytes(pdf)


if __name__ == "__main__":
    main()
