"""Papers as values: what a reader hands over, made from plain lines. All content invented."""

from __future__ import annotations

from pipeline.model import Passage, Person, Place, Roster, Text, Unit
from pipeline.rulebook import load_rulebook

RULEBOOK = load_rulebook()

ROSTER = Roster(
    units=(
        Unit("中共汀州市林业局党组", "city_unit", ("市林业局党组", "市林业局", "汀州市林业局")),
        Unit("中共汀州市体育局党组", "city_unit", ("市体育局", "市体育局党组")),
        Unit("中共禾川县委员会", "county_committee", ("禾川县委", "中共禾川县委", "禾川县")),
        Unit("中共岭口市委员会", "county_committee", ("岭口市委", "岭口市")),
        Unit("汀州市血站党委", "city_unit", ("市血站党委", "市血站", "血站")),
    ),
    people=(
        Person("顾远山", "中共禾川县委员会", "县委书记", "principal"),
        Person("祁少白", "中共汀州市林业局党组", "党组书记、局长", "principal"),
        Person("褚云舟", "中共汀州市林业局党组", "党组成员、副局长", "member"),
        Person("简文渊", "中共岭口市委员会", "市委书记", "principal"),
    ),
)


def paper(*lines: str, header: str = "", cells: tuple[str, ...] = ()) -> Text:
    """Return a text of these paragraphs; one that begins with ``# `` is a heading of the first level."""
    passages: list[Passage] = []
    headings: tuple[str, ...] = ()

    def add(text: str, place: Place = Place.BODY, level: int | None = None, above: tuple[str, ...] = ()) -> None:
        passages.append(Passage(len(passages), text, place, above, level))

    if header:
        add(header, Place.HEADER)
    for line in lines:
        if line.startswith("# "):
            add(line[2:], level=1)
            headings = (line[2:],)
        else:
            add(line, above=headings)
    for cell in cells:
        add(cell, Place.CELL)
    return Text(tuple(passages), "docx")
