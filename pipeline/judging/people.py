"""Whose file a personal paper belongs to: the roster's person named as its writer, signer or partner in talk. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.judging.layout import Layout, Line, squeeze
from pipeline.model import Origin, Person, Proof, Roster

_WRITER = re.compile(
    r"^(?:述责述廉人|述职述廉人|报告人|承诺人|签状人|签名|述职人|汇报人|姓名|承诺方|被谈话人)(?:\(?签[名字]\)?)?$"
)
_TALKED_TO = re.compile(r"^被谈话人|^谈话对象|^受谈人")
BY_POST = 0.6
BY_LIKENESS = 0.65
_AS = re.compile(r"(?:我|本人)[,,]?(?:作为|是|身为|担任|任)[^。;!?]{2,30}")
_SELF = re.compile(r"(?:我叫|我是|本人|作为|我[,,]|任)[^。;!?]{0,24}$")


def writer(layout: Layout, roster: Roster, unit: str | None = None) -> tuple[Person, Proof] | None:
    """Return the roster's person who wrote or signed the paper or was talked to, with the proof."""
    if layout.is_press:
        return None
    scores: dict[str, tuple[float, Person, Proof]] = {}
    for person, weight, n, words in _mentions(layout, roster):
        if unit is not None and person.unit == unit:
            weight += 0.5
        key = f"{person.name}|{person.unit}"
        before = scores.get(key)
        sure = min(0.99, 0.5 + weight / 10) if squeeze(words) == squeeze(person.name) else BY_LIKENESS
        proof = Proof(words, n, sure)
        scores[key] = (
            weight + (before[0] if before else 0.0),
            person,
            before[2] if before and before[2].confidence > proof.confidence else proof,
        )
    if not scores:
        return None
    weight, person, proof = max(scores.values(), key=lambda s: (s[0], s[1].name))
    return (person, proof) if weight >= 2 else None


def holder(layout: Layout, roster: Roster, unit: str | None) -> tuple[Person, Proof] | None:
    """Return the one person of the unit who holds the post in which the writer speaks, where no name is told."""
    if unit is None or layout.is_press:
        return None
    told = [(line.n, layout.title) for line in layout.title_lines[:1]]
    told += [(line.n, said[0]) for line in layout.opening[:2] if (said := _AS.search(line.text))]
    for n, words in told:
        holders = {
            person.name: (person, post)
            for person in roster.people_of(unit)
            for post in map(squeeze, re.split("[、,,]", person.post))
            if len(post) >= 2 and post in words
        }
        if len(holders) == 1:
            ((person, post),) = holders.values()
            return person, Proof(post, n, BY_POST)
    return None


def _mentions(layout: Layout, roster: Roster) -> Iterator[tuple[Person, float, int, str]]:
    people = [(squeeze(p.name), p) for p in roster.people]
    title = {line.n for line in layout.title_lines}
    for label, value, n in layout.fields:
        if _WRITER.match(label):
            weight = 9.0 if _TALKED_TO.match(label) else 5.0
            yield from ((p, weight, n, p.name) for name, p in people if name in value)
    for line in layout.head:
        weight = 4.0 if line.n in title else 3.5
        yield from ((p, weight, line.n, p.name) for name, p in people if name in line.text)
    for i, line in enumerate(layout.signing):
        signed = list(_signed(line, people, 4.0 - 0.5 * i))
        yield from signed or _misread(line, people)
    for line in layout.opening[:2]:
        for name, p in people:
            place = line.text.find(name)
            if 0 <= place < 160:
                said = _SELF.search(line.text[:place]) or place == 0
                yield p, 3.0 if said else 0.5, line.n, p.name


def _misread(line: Line, people: list[tuple[str, Person]]) -> Iterator[tuple[Person, float, int, str]]:
    """Yield the one person whose name of three or more characters stands in a recognised line but for one character."""
    if line.passage.origin is not Origin.OCR or len(line.text) > 40:
        return
    alike: dict[str, tuple[Person, str]] = {}
    for name, person in people:
        windows = (line.text[i : i + len(name)] for i in range(len(line.text) - len(name) + 1))
        found = next((w for w in windows if sum(a != b for a, b in zip(w, name, strict=True)) == 1), None)
        if len(name) >= 3 and found is not None and re.fullmatch("[一-龥]+", found):
            alike[person.name] = (person, found)
    if len(alike) == 1:
        ((person, found),) = alike.values()
        yield person, 2.0, line.n, found


def _signed(line: Line, people: list[tuple[str, Person]], weight: float) -> Iterator[tuple[Person, float, int, str]]:
    if re.match(r"^(?:接受人|谈话人|接受方|监督人|记录人|联系人)", line.text):
        return
    named = [(line.text.find(name), name, p) for name, p in people if name in line.text]
    if len(named) == 1 and len(line.text) <= 40:
        yield named[0][2], weight, line.n, named[0][2].name
