"""What tells an act from a heading, a slogan, a formula, a plan, a norm or an admitted problem: marks of a sentence. Pure."""

from __future__ import annotations

import re

from pipeline.judging.sentences import Sentence

_COUNTED = "个名人次件份场条项期处家户元天篇轮起辆间封位部张页台批所月年日套册块笔本点岁斤亩米分票席桌顿车盒箱只组队里周届道面栋"
_NUMBER = re.compile(rf"[一二三四五六七八九十百千万两零〇]+(?=[{_COUNTED}])|\d[\d,.]*")
_PLAN = re.compile(
    r"将(?!近)|拟|打算|计划(?:在|于|用|把|对|由|明年|下半年)|明年|下一?步|来年|下半年[,要将拟想先]|今后|继续|争取|力争"
    r"|准备(?!了)|待|想(?!要把)|定[在于].{0,6}月|推[到迟]|延[至期到]|届时|原定|原打算|再[压说紧]"
)
_NORM = re.compile(r"应当|应该|必须|务必|要(?![求点素道件了回来的])|不得|严禁|须|不能|决不")
_PROBLEM = re.compile(
    r"不够|不足|不到位|欠缺|薄弱|有待|尚未|存在|短板|差距|流于|偏[少软弱松]|缺[少乏一]|仍|欠账|没有?顾上|未能|不深|不严"
    r"|没有(?!发现|一|打|先|把|用|上|过|说)|还没|至今|不高|不强|不力|毛病"
)
_FACT = re.compile(r"0(?=[个名人次件份场条项期处家户元天篇轮起辆间封位部张页台批所月年日套册块笔])")
_PAST = re.compile(r"了|过(?!程|去)|已|先后|共|累计|当[天场日晚即]|第二天|全部|办结|销")
_DAY = re.compile(r"0月|0日|当天|次日")
_SLOGAN = re.compile(
    r"坚持|始终|切实|深刻|牢固|不断|全面|认真|高度|坚决|努力|着力|进一步|深入|扎实|旗帜鲜明|牢记|推动|筑牢|树立|营造"
)
_PLAN_SECTION = re.compile(r"打算|下一?步|今后|计划|安排|明年|来年|努力方向|改进|要做的|往后|还要|想去")
_PROBLEM_SECTION = re.compile(r"问题|不足|差距|短板|薄弱|欠|反思|教训|没做|还差|不行|短处|难处|说几句|弱处|哪里")
_HEADING = re.compile(r"^\(?[一二三四五六七八九十]+[、)]")

PLAIN_MARKS = 17


def normal(plain: str) -> str:
    """Return the sentence with every number that counts something made ``0``: amounts tell nothing about the item."""
    return _NUMBER.sub("0", plain)


def numbered_heading(plain: str) -> bool:
    """True for a sentence that begins like a Chinese heading (一、… (二)…)."""
    return bool(_HEADING.match(plain))


def marks(sentence: Sentence) -> tuple[float, ...]:
    """Return the marks of a sentence, in the order the weights were trained with."""
    text = normal(sentence.plain)
    plans, problems = _PLAN.findall(text), _PROBLEM.findall(text)
    return (
        float(bool(plans)),
        float(bool(_NORM.search(text))),
        float(bool(problems)),
        float(min(3, len(_FACT.findall(text)))),
        float(bool(_PAST.search(text))),
        float(bool(_PLAN_SECTION.search(sentence.heading))),
        float(bool(_PROBLEM_SECTION.search(sentence.heading))),
        float(min(3, len(_SLOGAN.findall(text)))),
        float(sentence.is_heading),
        float(sentence.opening),
        min(len(text), 120) / 60,
        float('"' in text),
        float(bool(_DAY.search(text))),
        float(sentence.position > 0.85),
        float("?" in text),
        float(len(plans)),
        float(len(problems)),
    )


def is_act(sentence: Sentence) -> bool:
    """True for a sentence of deeds by its marks alone: facts, no plan, norm or admitted problem, no such section."""
    plan, norm, problem, facts, past, plan_section, problem_section, _, heading, *_ = marks(sentence)
    return bool(facts or past) and not (plan or norm or problem or plan_section or problem_section or heading)
