"""What a pledge must show: addressee, committing party, commitments counted, consequence, signature, date. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.judging.dates import number
from pipeline.judging.layout import Layout, Line, squeeze
from pipeline.model import Identity, Place, PledgeParts, Roster

_TO_FIELD = re.compile(r"^(?:致|承诺对象|接受方|接受人|受诺人|收诺人|受诺方)[::]?.")
_SIGNER = r"(?:承诺人|承诺方|承诺单位|责任人|签状人|立诺人|保证人|报告人|签名|签字|[一-龥]{0,8}(?:书记|主任|局长|院长|校长|县长|区长|市长|董事长|总经理|负责人))"
_SIGNED = re.compile(rf"^(?P<role>{_SIGNER}(?:\([^)]*\))?):?(?P<name>.*)$")
_OTHER_SIDE = re.compile(r"^(?:接受人|接受方|监督人|受诺人|监诺人|收诺人|联系人)")
_BLANK = re.compile(r"^[_\-—.…□○\s]*$|^\(?(?:签名|签字|盖章|手签|公章)\)?$")
_PERSON = re.compile(r"^[一-龥·]{2,4}$")
_IF = re.compile(r"如有|违背|违反|违诺|如不|若有|未能|未履行|不履行|未兑现|没有做到|做不到|落实不力|失职|凡有|食言")
_THEN = re.compile(r"自愿|甘愿|甘受|愿意?|接受|承担|追究|问责|处理|处分|辞去|免职|取消|扣[减除]|通报|检讨|检查")
_NOT_THEN = re.compile(r"接受(?:群众|社会|组织|党员|各方|广大).{0,6}监督$")
_STYLES = (
    ("one", re.compile(r"^(\d{1,2})[.、．)](?!\d)")),
    ("paren", re.compile(r"^\(([一二三四五六七八九十]{1,3}|\d{1,2})\)")),
    ("cn", re.compile(r"^([一二三四五六七八九十]{1,3})、")),
    ("is", re.compile(r"^([一二三四五六七八九十]{1,2})是")),
    ("nth", re.compile(r"^第([一二三四五六七八九十]{1,3})(?:条|,|、|:|。|项)")),
    ("circle", re.compile(r"^([①-⑳])")),
)
_INLINE = (
    re.compile(r"(?:^|[。;:,])([一二三四五六七八九十]{1,2})是"),
    re.compile(r"(?:^|[。;:])\(([一二三四五六七八九十]{1,2}|\d{1,2})\)"),
    re.compile(r"(?:^|[。;:])(\d{1,2})[.、](?!\d)"),
    re.compile(r"(?:^|[。;:])第([一二三四五六七八九十]{1,2})[,、:]"),
)
_SAID_COUNT = re.compile(r"(?:以上|以下|如下|下列|这)([一二三四五六七八九十]{1,3}|\d{1,2})(?:条|项|点|件)")


_POST = re.compile(
    r"书记|主任|[局院校县区市处所厂站馆行会]长|董事长|总?经理|委员|成员|部长|主席|科长|股长|秘书长|负责人|总工程师|总会计师|调研员|支队长|大队长|政委|乡长|镇长"
)
_YEAR = re.compile(r"(?:19|20)\d\d年?度?|二[〇零○][一二三四五六七八九〇零○]{2}年")
_SCOPE = re.compile(r"分管|负责|主管|联系|协管|抓.{1,12}(?:工作|方面)|管.{1,12}(?:这|几)(?:块|摊)|职责范围")
# the rulebook's words for a mark → what shows it beside the parts
_MARKS = {"职务": _POST, "年度": _YEAR, "分管范围": _SCOPE}


@dataclass(frozen=True, slots=True)
class Pledge:
    """The parts found, and for each the passage that shows it.

    ``unmarked``: required marks (职务, 年度, 分管范围) of which nothing shows.
    """

    parts: PledgeParts
    places: dict[str, int]
    unmarked: tuple[str, ...] = ()


def read_pledge(layout: Layout, identity: Identity, roster: Roster, marks: tuple[str, ...] = ()) -> Pledge:
    """Return what the pledge shows. A blank line is no signature; a commitment's own words are no consequence.

    ``marks``: what its kind requires, in the rulebook's words.
    """
    items = _commitments(layout)
    addressee = _addressee(layout)
    consequence = _consequence(layout, {line.n for line in items})
    signature = _signature(layout, roster)
    shown = {"addressee": addressee, "consequence": consequence, "signature": signature}
    places = {part: n for part, n in shown.items() if n is not None}
    dated = identity.proofs.get("signed_date")
    if dated and dated.passage is not None:
        places["date"] = dated.passage
    parts = PledgeParts(
        addressee=addressee is not None,
        committing_party=bool(identity.unit or identity.person or _names_a_party(layout)),
        commitments=_count(layout, items),
        consequence=consequence is not None,
        signature=signature is not None,
        date=identity.signed_date is not None,
    )
    said = "\n".join(line.text for line in layout.lines)
    unmarked = tuple(m for m in marks if m in _MARKS and not _MARKS[m].search(said))
    return Pledge(parts, places, unmarked)


def _addressee(layout: Layout) -> int | None:
    for line in layout.lines:
        if _TO_FIELD.match(line.text):
            return line.n
    found = layout.addressee
    if found is None or re.search(r"承诺(?!对象)|如下|以下", found.text):
        return None
    return found.n


def _names_a_party(layout: Layout) -> bool:
    return any(
        re.match(r"^(?:承诺人|承诺方|承诺单位|签状人)", label) and not _BLANK.match(value)
        for label, value, _ in layout.fields
    )


def _commitments(layout: Layout) -> list[Line]:
    """The lines of the longest run 1, 2, 3 … in one style of numbering; headings and their text belong together."""
    body = layout.lines[len(layout.head) :]
    best: list[Line] = []
    for _, style in _STYLES:
        run: list[Line] = []
        for line in body:
            match = style.match(_written(line))
            value = _value(match[1]) if match else None
            if value == len(run) + 1:
                run.append(line)
            elif value == 1 and len(run) < 3:
                run = [line]
        if len(run) > len(best):
            best = run
    if not best:
        return []
    first, last = best[0].at, best[-1].at
    if first == last:
        return best
    # under numbered headings the last commitment's text is the paragraph that follows
    end = last if re.search(r"[。;!]$", best[-1].text) else last + 1
    return [line for line in body if first <= line.at <= end]


def _count(layout: Layout, items: list[Line]) -> int:
    body = layout.lines[len(layout.head) :]
    numbered = 0
    for _, style in _STYLES:
        values = [_value(m[1]) for line in body if (m := style.match(_written(line)))]
        numbered = max(numbered, _run(values))
    inline = max((_run([_value(v) for line in body for v in style.findall(line.text)]) for style in _INLINE), default=0)
    counted = max(numbered, inline) if max(numbered, inline) > 1 else 0
    if counted:
        return counted
    said = [n for line in body for v in _SAID_COUNT.findall(line.text) if (n := number(v))]
    if said:
        return said[0]
    return sum(1 for line in items if len(line.text) > 20)


def _run(values: list[int | None]) -> int:
    """Return how far the values count up 1, 2, 3 … in order."""
    reached = 0
    for value in values:
        if value == reached + 1:
            reached += 1
    return reached


def _value(text: str) -> int | None:
    return ord(text) - ord("①") + 1 if "①" <= text <= "⑳" else number(text)


def _written(line: Line) -> str:
    """The line squeezed, but with a circled number as it was written: folding makes ① a plain 1."""
    first = line.passage.text.lstrip()[:1]
    return first + line.text if "①" <= first <= "⑳" else line.text


def _consequence(layout: Layout, items: set[int]) -> int | None:
    for line in layout.lines[len(layout.head) :]:
        if line.n in items:
            continue
        for sentence in re.split(r"[。;!]", line.text):
            if _IF.search(sentence) and _THEN.search(sentence) and not _NOT_THEN.search(sentence):
                return line.n
    return None


def _signature(layout: Layout, roster: Roster) -> int | None:
    names = {squeeze(p.name) for p in roster.people}
    start = max(2, len(layout.lines) - 10)
    for line in reversed(layout.lines[start:]):
        if len(line.text) > 60 or _OTHER_SIDE.match(line.text):
            continue
        match = _SIGNED.match(line.text)
        value = re.sub(r"\(?(?:签名|签字|盖章)\)?:?|(?:19|20)\d\d年.*$", "", match["name"]) if match else ""
        named = any(n in value for n in names) and not re.search("[,。;!:]", value)  # else it is a sentence
        if match and value and not _BLANK.match(value) and (_PERSON.match(value) or named):
            return line.n
        if line.text in names or (
            line.passage.place is not Place.CELL and len(line.text) <= 24 and any(line.text.endswith(n) for n in names)
        ):
            return line.n
    return _signed_in_cell(layout, names)


def _signed_in_cell(layout: Layout, names: set[str]) -> int | None:
    for label, value, n in layout.fields:
        if re.search(r"承诺人?.{0,2}签[名字]|签[名字]", label) and any(name in value for name in names):
            return n
    return None
