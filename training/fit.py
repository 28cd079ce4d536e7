"""Trains the coverage weights from the data in this folder. Deterministic: the same data give the same bytes.

Three steps, each tested by what it has not seen:
1. n-gram weights for classes (which item a sentence tells of) and for act against mention, from sentences and annotated
   documents;
2. the two last decisions (covered or not; mentioned or absent), from documents scored by weights that did not know them;
3. everything packed into the file that ``pipeline.rulebook.weights`` reads.
"""

from __future__ import annotations

import json
import random
import re
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from pipeline.judging.acts import marks, numbered_heading
from pipeline.judging.coverage import signals
from pipeline.judging.layout import squeeze
from pipeline.judging.scoring import ACT, grams, score, smooth
from pipeline.judging.sentences import Sentence
from pipeline.model import Passage
from pipeline.rulebook import Rulebook
from pipeline.rulebook.weights import VERSION, Weights, fingerprint, unpack

HERE = Path(__file__).parent
SMOOTHING = {"neighbours": 0.4, "heading": 0.3}
STRENGTH = 20.0  # C of the class weights; the larger, the closer to the training data
ACT_STRENGTH = 5.0
LAST_STRENGTH = 0.3
SHORTENED = 0.5  # weight of a shortened document's items
MARKS_SCALE = 0.5
OPTIONAL = {"leadership_report_items.11", "principal_report_items.7"}
KINDS = {"leadership_report": ("L", "leadership_report_items"), "principal_report": ("P", "principal_report_items")}
_O_WORDS = re.compile("党课|谈话|谈心|承诺|风险|流程|留痕|不直接|不分管|建议|意见|请示|纪律|整改方案|基层|批示")


@dataclass(frozen=True)
class Example:
    """A sentence of group ``L``, ``P`` or ``O`` with its class (None: none of them) and whether it tells an act."""

    sentence: Sentence
    group: str
    name: str | None
    act: bool | None


def bare(text: str) -> Sentence:
    """A sentence without its paper."""
    plain = squeeze(text)
    passage = Passage(0, text)
    return Sentence(text, plain, passage, 0.5, "", is_heading=numbered_heading(plain))


def documents(sets: Collection[str] | None = None) -> dict[tuple[str, str], list[tuple[Sentence, dict[str, object]]]]:
    """The annotated documents: (set, file) → its sentences with their annotation."""
    found: dict[tuple[str, str], list[tuple[Sentence, dict[str, object]]]] = defaultdict(list)
    for line in (HERE / "documents.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if sets is None or row["set"] in sets:
            passage = Passage(row["passage"], row["text"])
            sentence = Sentence(
                row["text"],
                squeeze(row["text"]),
                passage,
                row["position"],
                squeeze(row["heading"]),
                before="-" if row["follows"] else "",
                is_heading=row["is_heading"],
                opening=row["opening"],
            )
            found[row["set"], row["file"]].append((sentence, row))
    return found


def labels() -> dict[tuple[str, str], dict[str, str]]:
    rows = (json.loads(line) for line in (HERE / "labels.jsonl").read_text(encoding="utf-8").splitlines())
    return {(r["set"], r["file"]): r["items"] for r in rows}


def examples(sets: Collection[str]) -> Iterator[Example]:
    """Every training sentence: the hand-written ones and those of the documents of these sets."""
    for line in (HERE / "sentences.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        group = "L" if row["list"] == "leadership" else "P"
        yield Example(bare(row["text"]), group, row["item"], row["status"] and row["status"] == "covered")
    yield from written()
    for rows in documents(sets).values():
        for sentence, row in rows:
            item = row["item"]
            if item == "x" or row["kind"] == "self_check_report":
                continue
            status = row["status"] and row["status"] == "covered"
            if row["kind"] in KINDS:
                name = str(item)[1:] if item else None
                yield Example(sentence, KINDS[str(row["kind"])][0], name, status)
            elif item:
                yield Example(sentence, "O", str(item), status)


def written() -> Iterator[Example]:
    """The sentences of ``sentences/*.txt``."""
    for path in sorted((HERE / "sentences").glob("*.txt")):
        name, status = "", ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if head := re.fullmatch(r"\[(\S+) (\w+)\]", line):
                name, status = head[1], head[2]
            elif line and not line.startswith("#"):
                if name == "none":
                    yield Example(bare(line), "L" if status == "leadership" else "P", None, None)
                elif name[0] in "LP":
                    yield Example(bare(line), name[0], name[1:], status == "covered")
                else:
                    yield Example(bare(line), "O", name, status == "covered")


def with_negatives(found: Sequence[Example]) -> list[Example]:
    """Give group O its counter-examples: sentences of the two reports that hold none of its own words."""
    plain = [e for e in found if e.group != "O" and not _O_WORDS.search(e.sentence.plain)]
    return [*found, *(Example(e.sentence, "O", None, e.act) for e in plain)]


def first_weights(sets: Collection[str], rulebook: Rulebook) -> dict[str, object]:
    """Train the n-gram weights; the last decisions are still open."""
    data = with_negatives(list(examples(sets)))
    vectors = TfidfVectorizer(analyzer=lambda s: sorted(grams(s.plain)), min_df=2, binary=True, norm="l2")
    matrix = vectors.fit_transform([e.sentence for e in data])
    columns: list[np.ndarray] = []
    groups: dict[str, dict[str, object]] = {}
    for group in "LPO":
        rows = [i for i, e in enumerate(data) if e.group == group]
        model = LogisticRegression(C=STRENGTH, max_iter=400, class_weight="balanced")
        model.fit(matrix[rows], [data[i].name or "0" for i in rows])
        groups[group] = {"classes": list(model.classes_), "bias": model.intercept_.tolist()}
        groups[group]["first"] = 1 + len(columns)
        columns.extend(model.coef_)
    rows = [i for i, e in enumerate(data) if e.act is not None and not (e.group == "O" and e.name is None)]
    by_marks = csr_matrix(np.array([marks(data[i].sentence) for i in rows]) * MARKS_SCALE)
    model = LogisticRegression(C=ACT_STRENGTH, max_iter=600, class_weight="balanced")
    model.fit(hstack([matrix[rows], by_marks]).tocsr(), [bool(data[i].act) for i in rows])
    size = matrix.shape[1]
    groups[ACT] = {"classes": ["act"], "bias": model.intercept_.tolist(), "first": 1 + len(columns)}
    columns.append(model.coef_[0, :size])
    lists, texts = _lists(groups, rulebook)
    return {
        "words": list(vectors.get_feature_names_out()),
        "idf": vectors.idf_,
        "matrix": np.array(columns) * vectors.idf_,
        "groups": groups,
        "marks": model.coef_[0, size:].tolist(),
        "lists": lists,
        "texts": texts,
    }


def _lists(groups: dict[str, dict[str, object]], rulebook: Rulebook) -> tuple[dict[str, object], dict[str, object]]:
    lists: dict[str, dict[str, list[list[str]]]] = {}
    texts: dict[str, dict[str, str]] = {}
    for name, items in json.loads((HERE / "lists.json").read_text(encoding="utf-8")).items():
        words = {str(i.n): i.text for i in rulebook.list_items(name)}
        for n, wanted in items.items():
            pairs = [[w[0], w[2:] if w[1] == "_" else w[1:]] for w in wanted]
            pairs = [p for p in pairs if p[1] in groups[p[0]]["classes"]]  # type: ignore[operator]
            if pairs:
                lists.setdefault(name, {})[n] = pairs
                texts.setdefault(name, {})[n] = fingerprint(words[n])
    return lists, texts


def pack(found: dict[str, object], covered: dict[str, object], mentioned: dict[str, object]) -> bytes:
    """Return the file: weights in one byte each, scaled by their column's largest."""
    matrix = np.asarray(found["matrix"])
    scale = np.maximum(np.abs(matrix).max(axis=1), 1e-9) / 127
    rounded = np.rint(matrix / scale[:, None]).astype(int) + 128
    idf = np.asarray(found["idf"])
    square_scale = float((idf**2).max() / 255)
    squares = np.rint(idf**2 / square_scale).astype(int)
    rows = np.vstack([squares, rounded]).T.astype(np.uint8)
    groups = {}
    for name, group in found["groups"].items():  # type: ignore[attr-defined]
        first = int(group["first"])
        end = first + len(group["bias"])
        groups[name] = {**group, "scale": [float(s) for s in scale[first - 1 : end - 1]]}
    head = {
        "version": VERSION,
        "columns": rows.shape[1],
        "square_scale": square_scale,
        "groups": groups,
        "marks": found["marks"],
        "lists": found["lists"],
        "texts": found["texts"],
        "smoothing": SMOOTHING,
        "covered": covered,
        "mentioned": mentioned,
    }
    words = "\n".join(found["words"])  # type: ignore[arg-type]
    body = zlib.compress(words.encode() + b"\0" + rows.tobytes(), 9)
    return json.dumps(_short(head), ensure_ascii=False, sort_keys=True).encode() + b"\n" + body


def _short(value: object) -> object:
    """Round every number to six digits, so that the last bit of a machine does not change the file."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {k: _short(v) for k, v in value.items()}
    return [_short(v) for v in value] if isinstance(value, list) else value


_OPEN = {"weight": [], "mean": [], "scale": [], "bias": [0.0]}


Rows = list[tuple[Sentence, dict[str, object]]]
Told = tuple[str, tuple[float, ...], tuple[float, ...], float]
"""(label, inputs of the first decision, of the second, weight)."""


def shortened(rows: Rows, seed: str) -> Iterator[Rows]:
    """Yield the document with most of its sentences left out, three times: short and dry papers must be read as well."""
    chance = random.Random(seed)  # noqa: S311 — no secret, only the same choice each time
    for keep in (0.5, 0.3, 0.2):
        left = [row for row in rows if chance.random() < (0.7 if row[0].is_heading else keep)]
        if len(left) >= 3:
            yield left


def annotated(rows: Rows) -> dict[str, str]:
    """How each item stands by the sentences' annotation alone."""
    found: dict[str, str] = {}
    for _, row in rows:
        item = str(row["item"] or "x")
        if item != "x" and found.get(item[1:]) != "covered":
            found[item[1:]] = str(row["status"])
    return found


def signals_of(weights: Weights, sets: Collection[str]) -> Iterator[Told]:
    """Yield what is seen of each required item of these sets' reports, whole and shortened."""
    known = labels()
    for key, rows in documents(sets).items():
        kind = str(rows[0][1]["kind"])
        if kind in KINDS:
            yield from _told(weights, kind, rows, known[key], 1.0)
            for left in shortened(rows, "/".join(key)):
                yield from _told(weights, kind, left, dict.fromkeys(known[key], "absent") | annotated(left), SHORTENED)


def _told(weights: Weights, kind: str, rows: Rows, stands: dict[str, str], weight: float) -> Iterator[Told]:
    group, list_id = KINDS[kind]
    scored = [score(s, weights, [group]) for s, _ in rows]
    smoothed = {group: smooth(scored, group, weights)}
    for n, label in stands.items():
        if f"{list_id}.{n}" not in OPTIONAL:
            got = signals(scored, smoothed, weights.lists[list_id][n], weights)
            yield label, got.covered, got.mentioned, weight


def last_decisions(sets: Sequence[str], rulebook: Rulebook) -> tuple[dict[str, object], dict[str, object]]:
    """Fit the two last decisions on documents scored by weights that never saw their set."""
    rows: list[Told] = []
    for held in sets:
        others = [s for s in sets if s != held]
        weights = unpack(pack(first_weights(others, rulebook), _OPEN, _OPEN))
        rows += signals_of(weights, [held])
    uncovered = [r for r in rows if r[0] != "covered"]
    covered = _logistic([r[1] for r in rows], [r[0] == "covered" for r in rows], [r[3] for r in rows])
    named = [r[0] == "mentioned" for r in uncovered]
    mentioned = _logistic([r[2] for r in uncovered], named, [r[3] for r in uncovered])
    return covered, mentioned


def _logistic(inputs: Sequence[Sequence[float]], wanted: Sequence[bool], weights: Sequence[float]) -> dict[str, object]:
    scaler = StandardScaler().fit(inputs)
    model = LogisticRegression(C=LAST_STRENGTH, max_iter=400).fit(scaler.transform(inputs), wanted, weights)
    return {
        "weight": model.coef_[0].tolist(),
        "mean": scaler.mean_.tolist(),
        "scale": scaler.scale_.tolist(),
        "bias": model.intercept_.tolist(),
    }


def fit(sets: Sequence[str], rulebook: Rulebook) -> bytes:
    """Return the weights file trained on the sentences and on the documents of these sets."""
    covered, mentioned = last_decisions(sets, rulebook)
    return pack(first_weights(sets, rulebook), covered, mentioned)


def all_sets() -> list[str]:
    return sorted({key[0] for key in documents()})
