"""Judging is total: any text whatever gets an identity and a verdict, and no quotation is invented."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.judging import identify, judge
from pipeline.model import Identity, Passage, Place, Text
from tests.judging.papers import ROSTER, RULEBOOK

WORDS = st.sampled_from(
    ["市林业局党组", "报告", "承诺书", "第一责任人", "2026年", "上半年", "二〇二六年六月三十一日", "一是", "如有违反", "述责述廉",
     "。", ":", "\n", "（", "市委、市纪委:", "13月45日", "〇年", "①", "廿", "十十", "99999999年9月", "祁少白", "一、", " "]
)  # fmt: skip
LINES = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=12).map("".join))
TEXTS = st.lists(
    st.tuples(
        LINES, st.sampled_from(list(Place)), st.one_of(st.none(), st.integers(1, 3)), st.lists(LINES, max_size=2)
    ),
    max_size=12,
).map(lambda rows: Text(tuple(Passage(i, t, p, tuple(h), n) for i, (t, p, n, h) in enumerate(rows)), "docx"))
KINDS = st.sampled_from([*RULEBOOK.kinds, "other", "nonsense"])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXTS, name=st.text(max_size=20))
def test_identifying_never_raises(text, name):
    """ensures that any text is identified as something."""
    found = identify(text, name, ROSTER, RULEBOOK)
    assert found.kind == "other" or found.kind in RULEBOOK.kinds
    assert found.unit is None or ROSTER.unit(found.unit)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXTS, kind=KINDS)
def test_judging_never_raises_and_quotes_what_stands_there(text, kind):
    """ensures that any text is judged as any kind and that evidence is part of its passage."""
    verdict = judge(text, Identity(kind=kind, title=""), ROSTER, RULEBOOK)
    passages = {p.n: p.text for p in text}
    for item in verdict.items:
        assert 0 <= item.confidence <= 1
        for quoted in (*item.evidence, *([item.nearest] if item.nearest else [])):
            assert quoted.text in passages[quoted.passage]
