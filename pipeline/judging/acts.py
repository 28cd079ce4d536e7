"""Whether a sentence tells an act, or only a heading, a slogan, a formula, a plan or an admitted problem. Pure."""

from __future__ import annotations

import re

from pipeline.judging.sentences import Sentence

PLAN = re.compile(
    r"将(?!近|.{0,6}(?:作为|纳入|列入))|拟|打算|计划(?:在|于|用|把|对|明年|下半年)|明年|下一?步|来年|下半年要|今后|继续|争取|力争|准备|尚待|待|想"
)
NORM = re.compile(r"应当|应该|必须|务必|要(?:求)?(?![求点素道件])|不得|严禁|须")
PROBLEM = re.compile(
    r"还不够|不够|不足|不到位|欠缺|薄弱|有待|尚未|没有(?:落实|跟上|开)|存在.{0,10}问题|短板|差距|流于形式|偏[少软弱]|缺[少乏]|仍(?:有|然|存)|欠账|没顾上|未能|不深|不严"
)
FACT = re.compile(
    r"\d|[一二三四五六七八九十百千万两]+(?:个|次|人|件|份|名|场|条|项|期|处|家|户|元|天|篇|轮|起|辆|间|封|位|部)|《|了|过|已|共|均|全部|当[天场日]|先后|召开|制定|印发|出台|组织|开展|查处|移交"
)
PLAN_HEADING = re.compile(r"打算|下一?步|今后|计划|安排|明年|来年|努力方向|整改措施|改进|要做的")
PROBLEM_HEADING = re.compile(r"问题|不足|差距|短板|薄弱|欠账|反思|教训|没做|还差|不行|短处")


def is_act(sentence: Sentence) -> bool:
    """True for a sentence of deeds: facts in it, no plan, norm or admitted problem, outside headings and such sections."""
    if sentence.is_heading or PLAN_HEADING.search(sentence.heading) or PROBLEM_HEADING.search(sentence.heading):
        return False
    text = sentence.plain
    return bool(FACT.search(text)) and not PLAN.search(text) and not PROBLEM.search(text) and not NORM.search(text)
