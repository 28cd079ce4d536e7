"""Invented official papers for the search benchmark: the same seed gives the same papers."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator

from pipeline.model import Entry, Identity, Outcome, Passage, Text, Verdict

PLACES = [
    "汀州",
    "禾川",
    "云溪",
    "岚山",
    "松浦",
    "石桥",
    "白沙",
    "清河",
    "安澜",
    "东陵",
    "长泽",
    "望江",
    "柳林",
    "青岩",
]
OFFICES = ["教育局", "水利局", "财政局", "民政局", "住房和城乡建设局", "农业农村局", "卫生健康委员会", "审计局", "统计局",
           "交通运输局", "文化和旅游局", "市场监督管理局", "人力资源和社会保障局", "自然资源局", "生态环境局", "应急管理局"]  # fmt: skip
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章"
GIVEN = "知行远山思源文杰明德志强建国秀英丽华晓东海涛俊峰雪梅春生永康立新雨桐子涵嘉禾景行若谷怀瑾"
SUBJECTS = ["主体责任", "廉政谈话", "民主生活会", "公车私用", "三公经费", "巡察整改", "来信来访", "责任书", "第一责任人",
            "警示教育", "选人用人", "作风建设", "专项治理", "述责述廉", "一岗双责", "政治纪律", "财经纪律", "公务接待",
            "办公用房", "违规吃喝", "婚丧喜庆", "庸懒散拖", "乱收费", "工程招投标", "扶贫资金", "惠民政策", "信访举报"]  # fmt: skip
VERBS = ["研究部署", "督促落实", "检查考核", "制定印发", "组织学习", "严肃查处", "通报曝光", "整改完成", "约谈提醒", "公开公示", "抽查核实",
         "专题听取", "层层签订", "全面清理", "跟踪问效"]  # fmt: skip
OBJECTS = ["工作方案", "任务清单", "责任分工", "实施办法", "管理制度", "问题台账", "整改措施", "情况汇报", "考核结果", "谈话记录", "学习材料",
           "公示名单", "会议纪要", "检查通报"]  # fmt: skip
TAILS = ["取得明显成效", "做到有案必查", "形成长效机制", "群众满意度不断提高", "确保不走过场", "进一步压实责任", "防止问题反弹", "切实把纪律挺在前面",
         "推动工作落到实处", "营造风清气正的环境"]  # fmt: skip
MIXED = [
    "ＡＢ类",
    "Wi-Fi",
    "12.5％",
    "3.6万元",
    "GB/T 9704-2012",
    "①",
    "（试行）",
    "後續整改",
    "來信",
    "４３件",
    "A4",
    "PDF",
]
KINDS = ["leadership_report", "principal_report", "rectification_reply", "self_check_report", "topic_report", "other"]


class Corpus:
    """``count`` papers of about ``length`` characters."""

    def __init__(self, count: int, length: int = 3000, seed: int = 2026) -> None:
        self._count, self._length, self._seed = count, length, seed
        dice = random.Random(seed)
        self.units = [f"{place}市{office}" for place in PLACES for office in OFFICES]
        self.people = [
            dice.choice(SURNAMES) + "".join(dice.choices(GIVEN, k=dice.choice((1, 2, 2)))) for _ in range(3000)
        ]
        # some two thousand words of no meaning, each in few papers, as names of places, firms and projects are
        self.rare = [
            "".join(dice.choices("燕翎崧泓翊骏岫琮璟笙霖溯澈榆棠", k=3)) + dice.choice("村镇厂") for _ in range(2000)
        ]

    def __iter__(self) -> Iterator[tuple[Entry, Text]]:
        for n in range(self._count):
            yield self.paper(n)

    def paper(self, n: int) -> tuple[Entry, Text]:
        """Return the n-th paper, the same whenever it is asked for."""
        dice = random.Random(self._seed * 1_000_003 + n)
        unit, person, year = dice.choice(self.units), dice.choice(self.people), dice.randint(2015, 2026)
        kind = dice.choice(KINDS)
        title = f"{unit}{year}年落实{dice.choice(SUBJECTS)}情况的报告"
        passages = [title, f"汀发〔{year}〕{dice.randint(1, 400)}号"]
        size = 0
        while size < self._length:
            passages.append(self._sentence(dice, unit, year))
            size += len(passages[-1])
        text = Text(tuple(Passage(i, p) for i, p in enumerate(passages)), "docx", 4)
        received = dt.date(year, 1, 1) + dt.timedelta(dice.randrange(365))
        identity = Identity(kind, title, unit, person, year, str(year))
        at = dt.datetime(year, 1, 1, tzinfo=dt.UTC)
        outcome = dice.choice(list(Outcome))
        return Entry(f"{year}-{n:06}", f"{n}.docx", f"{n:064x}", 1, at, received, identity, Verdict(outcome)), text

    def _sentence(self, dice: random.Random, unit: str, year: int) -> str:
        words = [
            f"{dice.randint(1, 12)}月{dice.randint(1, 28)}日,{dice.choice((unit, '局党组', '领导班子'))}",
            f"围绕{dice.choice(SUBJECTS)}、{dice.choice(SUBJECTS)}{dice.choice(VERBS)}{dice.choice(OBJECTS)}{dice.randint(1, 99)}项",
            f"由{dice.choice(self.people)}同志牵头{dice.choice(VERBS)},{dice.choice(TAILS)}",
            f"对{dice.choice(self.rare)}的{dice.choice(SUBJECTS)}问题{dice.choice(VERBS)}",
            f"{dice.choice(VERBS)}{dice.choice(OBJECTS)},{dice.choice(TAILS)}",
        ]
        if dice.random() < 0.1:
            words.append(f"其中{dice.choice(MIXED)}{dice.randint(1, 500)}份")
        if dice.random() < 0.02:
            words.append(f"按照汀办发〔{year}〕{dice.randint(1, 300)}号执行")
        dice.shuffle(words)
        return ",".join(words) + "。"
