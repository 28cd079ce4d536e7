"""``make accuracy DIR=…``: how well papers are identified and judged, against ``labels.jsonl`` and ``roster.json`` of a folder.

``accuracy.py DIR…`` measures the shipped weights. ``accuracy.py --leave-one-out DIR…`` trains for each folder new weights
without the annotated documents of the folder's name (needs the extra ``train``). A file that cannot be read here (no
text layer, old formats) is counted and named, not judged.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.judging import identify, judge
from pipeline.model import Identity, Person, Roster, Status, Text, Unit, Verdict
from pipeline.reading import read_file
from pipeline.rulebook import Rulebook, load_rulebook

FIELDS = ("kind", "unit", "person", "year", "period", "signed_date")
SURE = 0.9


@dataclass
class Decision:
    """One item of one document: what was decided and what the label says."""

    where: str
    item: str
    want: str
    got: str
    confidence: float
    words: str
    stands: bool


@dataclass
class Tally:
    """What was counted over some documents."""

    files: int = 0
    unread: list[str] = field(default_factory=list)
    right: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    parts_right: int = 0
    parts: int = 0
    decisions: list[Decision] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def read_labels(folder: Path) -> list[dict[str, object]]:
    lines = (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def read_roster(folder: Path) -> Roster:
    data = json.loads((folder / "roster.json").read_text(encoding="utf-8"))
    units = tuple(Unit(u["name"], u["class"], tuple(u.get("aliases", ()))) for u in data["units"])
    people = tuple(Person(p["name"], p["unit"], p["post"], p["role"]) for p in data["people"])
    return Roster(units, people)


def measure(folder: Path, rulebook: Rulebook) -> Tally:
    tally = Tally()
    roster = read_roster(folder)
    for label in read_labels(folder):
        path = folder / str(label["file"])
        tally.files += 1
        try:
            text = read_file(path, path.name)
        except PipelineError as error:
            tally.unread.append(f"{path.name}: {error}")
            continue
        started = time.perf_counter()
        identity = identify(text, path.name, roster, rulebook)
        verdict = judge(text, identity, roster, rulebook)
        tally.seconds.append(time.perf_counter() - started)
        where = f"{folder.name}/{path.name}"
        _compare_fields(tally, where, identity, label)
        _compare_parts(tally, where, verdict, label)
        _compare_items(tally, where, verdict, text, label)
    return tally


def _compare_fields(tally: Tally, where: str, identity: Identity, label: dict[str, object]) -> None:
    signed = str(identity.signed_date) if identity.signed_date else None
    got = {**{f: getattr(identity, f) for f in FIELDS}, "signed_date": signed}
    for name in FIELDS:
        if got[name] == label[name]:
            tally.right[name] += 1
        else:
            tally.wrong.append(f"{where}: {name} is {label[name]}, found {got[name]}")


def _compare_parts(tally: Tally, where: str, verdict: Verdict, label: dict[str, object]) -> None:
    want = label.get("pledge_parts")
    if not isinstance(want, dict):
        return
    got = asdict(verdict.pledge_parts) if verdict.pledge_parts else {}
    for part, value in want.items():
        tally.parts += 1
        if got.get(part) == value:
            tally.parts_right += 1
        else:
            tally.wrong.append(f"{where}: {part} is {value}, found {got.get(part)}")


def _compare_items(tally: Tally, where: str, verdict: Verdict, text: Text, label: dict[str, object]) -> None:
    items = label.get("items")
    if not isinstance(items, dict):
        return
    passages = {p.n: p.text for p in text}
    found = {i.item: i for i in verdict.items}
    for item, want in items.items():
        got = found.get(item)
        if got is None:
            tally.decisions.append(Decision(where, item, want, "missing", 0.0, "", True))
        elif got.required:
            stands = all(e.text in passages[e.passage] for e in got.evidence)
            stands = stands and (bool(got.evidence) or got.status is Status.ABSENT)
            near = got.evidence[0] if got.evidence else got.nearest
            words = near.text if near else ""
            tally.decisions.append(Decision(where, item, want, got.status.value, got.confidence, words, stands))


def f1(decisions: list[Decision]) -> float:
    both = sum(d.want == d.got == "covered" for d in decisions)
    asked = sum(d.want == "covered" for d in decisions) + sum(d.got == "covered" for d in decisions)
    return 2 * both / asked if asked else 1.0


def report(name: str, tally: Tally, worst: int) -> None:
    read = tally.files - len(tally.unread)
    print(f"\n== {name}: {tally.files} files, {read} read and judged")
    for line in tally.unread:
        print(f"   not read  {line}")
    shares = "  ".join(f"{f} {tally.right[f] / max(1, read):.3f}" for f in FIELDS)
    print(f"   fields    {shares}")
    if tally.parts:
        print(f"   pledges   {tally.parts_right}/{tally.parts} parts right")
    for line in tally.wrong:
        print(f"   wrong     {line}")
    if tally.seconds:
        longest = max(tally.seconds) * 1000
        mean = 1000 * sum(tally.seconds) / len(tally.seconds)
        print(f"   time      identify + judge {mean:.1f} ms a document, longest {longest:.1f} ms")
    if tally.decisions:
        report_items(tally.decisions, worst)


def report_items(decisions: list[Decision], worst: int) -> None:
    count = len(decisions)
    exact = sum(d.want == d.got for d in decisions) / count
    sure = [d for d in decisions if d.confidence >= SURE]
    mistaken = [d for d in sure if d.want != d.got]
    missed = [d for d in sure if (d.want == "covered") != (d.got == "covered")]
    print(f"   items     {count} required decisions: covered-or-not F1 {f1(decisions):.3f}, three-way {exact:.3f}")
    print(
        f"   sure      {len(sure) / count:.2f} of them ≥ {SURE}: wrong state {len(mistaken)}"
        f" ({len(mistaken) / max(1, len(sure)):.3f}), wrong about covered {len(missed)}"
    )
    print(f"   evidence  {sum(d.stands for d in decisions)}/{count} stand in the text")
    states = ("covered", "mentioned", "absent")
    print("   confusion (rows: label; columns: found) " + " ".join(states))
    for want in states:
        row = " ".join(f"{sum(d.want == want and d.got == got for d in decisions):9d}" for got in states)
        print(f"     {want:10s} {row}")
    for item in sorted({d.item for d in decisions}, key=lambda i: (len(i), i)):
        of = [d for d in decisions if d.item == item]
        print(
            f"     item {item:28s} n {len(of):3d}  F1 {f1(of):.2f}  three-way {sum(d.want == d.got for d in of) / len(of):.2f}"
        )
    errors = sorted((d for d in decisions if d.want != d.got), key=lambda d: -d.confidence)
    for d in errors[:worst]:
        print(f"   mistake   {d.where} item {d.item}: {d.want}, found {d.got} ({d.confidence:.2f}) {d.words[:50]}")


def together(tallies: list[Tally]) -> Tally:
    whole = Tally()
    for t in tallies:
        whole.files += t.files
        whole.unread += t.unread
        whole.right += t.right
        whole.parts += t.parts
        whole.parts_right += t.parts_right
        whole.decisions += t.decisions
        whole.seconds += t.seconds
    return whole


def without(name: str, rulebook: Rulebook) -> Rulebook:
    """The rulebook with weights trained without the annotated documents of this set."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "training"))
    import fit  # needs scikit-learn, the extra `train`

    sets = [s for s in fit.all_sets() if s != name]
    return replace(rulebook, weights=fit.unpack(fit.fit(sets, rulebook)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--leave-one-out", action="store_true")
    parser.add_argument("--worst", type=int, default=12, help="mistakes to print")
    arguments = parser.parse_args()
    shipped = load_rulebook()
    tallies = []
    for folder in arguments.folders:
        rulebook = without(folder.name, shipped) if arguments.leave_one_out else shipped
        tally = measure(folder, rulebook)
        report(folder.name, tally, arguments.worst)
        tallies.append(tally)
    if len(tallies) > 1:
        report("all", together(tallies), 0)


if __name__ == "__main__":
    main()
