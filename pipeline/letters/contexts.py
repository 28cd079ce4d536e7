"""What each letter says: values in, fields out. Lists are the rulebook's own words; nothing is invented.

``docs/letters.md`` lists the fields of each letter; a test holds templates and contexts to each other.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.errors import UsageError
from pipeline.letters.fields import COLUMNS, LINES, ROWS, is_form, is_upward, label, shape, template_fields
from pipeline.letters.words import STATES, VERDICTS, day, full_width, period_words
from pipeline.model import Entry, ItemVerdict, Person, Roster, Unit
from pipeline.rulebook import Rulebook
from pipeline.rulebook.base import PartyKind
from pipeline.rulebook.parts import DocumentKind, LetterKind, Pair


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter before it has a number. ``letter``: its id in the rulebook; ``subject``: what it answers, stable over runs.

    ``template``: the shipped file that serves where the office has none under the letter's own id.
    """

    letter: str
    template: str
    kind: str
    subject: str
    title: str
    clause: str
    unit: str | None
    person: str | None
    entry: str | None
    fields: Mapping[str, object]


# --- pledges


def pledge_kinds(rulebook: Rulebook) -> tuple[DocumentKind, ...]:
    """Return the kinds that are signed in pairs."""
    return tuple(kind for kind in rulebook.kinds.values() if kind.parties_pairs)


def pledges(kind: DocumentKind, rulebook: Rulebook, roster: Roster, year: int) -> Iterator[Draft]:
    """Yield the pledge of every pair that signs one this year, in the order of the rulebook and the roster.

    Source: the kind's ``parties_pairs``.
    """
    letter = next((x for x in rulebook.letters.values() if kind.id in x.makes), None)
    lists = [content.list for content in kind.content]
    duties = [full_width(item.text) for list_id in lists for item in rulebook.list_items(list_id)]
    for pair in kind.parties_pairs:
        for upper, lower, unit, person in _signers(pair, rulebook, roster):
            fields = {
                "title": full_width(kind.title),
                "year": year,
                "plan": full_width(rulebook.title),
                "upper": upper,
                "lower": lower,
                "lower_post": person.post if person else "",
                "scope": f"在分管范围（{'、'.join(person.scope)}）内" if person and person.scope else "",
                "duties": duties,
                "upper_label": kind.required_marks[1] if len(kind.required_marks) > 1 else "接受方",
                "lower_label": kind.required_marks[0] if kind.required_marks else "承诺方",
            }
            yield Draft(
                letter=letter.id if letter else kind.id,
                template="pledge",
                kind=kind.id,
                subject=f"{year}:{upper}:{unit.name}:{person.name if person else ''}",
                title=f"{kind.title}({lower},{year}年度)",
                clause=pair.clause,
                unit=unit.name,
                person=person.name if person else None,
                entry=None,
                fields=fields,
            )


def _signers(pair: Pair, rulebook: Rulebook, roster: Roster) -> Iterator[tuple[str, str, Unit, Person | None]]:
    """Yield (upper's name, lower's name, the lower unit, the person who pledges) of one kind of pair."""
    parties = rulebook.parties
    upper, lower = parties[pair.upper], parties[pair.lower]
    for unit in _units(pair.of or pair.lower, rulebook, roster):
        if lower.kind is not PartyKind.ROLE:
            above = upper.name if upper.kind is not PartyKind.UNIT_CLASS else unit.upper
            if above is not None:
                yield above, unit.name, unit, None
            continue
        for person in roster.people_of(unit.name, lower.id):
            if upper.kind is PartyKind.ROLE and upper.level == "any":
                heads = roster.people_of(unit.name, upper.id)
                above = heads[0].name if heads else f"{unit.name}{upper.name}"
            else:
                above = next((p.name for p in roster.people if p.role == upper.id), upper.name)
            yield above, person.name, unit, person


def _units(class_id: str, rulebook: Rulebook, roster: Roster) -> tuple[Unit, ...]:
    includes = {class_id, *rulebook.parties[class_id].includes}
    return tuple(unit for unit in roster.units if unit.unit_class in includes)


# --- answers to a report


def supplement(entry: Entry, rulebook: Rulebook, reply_by: dt.date) -> Draft:
    """The notice that names every required item the report does not cover."""
    return _answer("supplement_notice", entry, rulebook, missing=_items(entry, rulebook), reply_by=day(reply_by))


def feedback(entry: Entry, rulebook: Rulebook, requirements: str, reply_by: dt.date) -> Draft:
    """The reviewer's findings: items not covered and findings of the check, with the reviewer's own demands."""
    problems = [f"第{i['n']}项“{i['text']}”{i['state']}" for i in _items(entry, rulebook)]
    others = (f for f in entry.verdict.findings if f.severity != "notice" and not f.item)
    problems += [full_width(f.message).rstrip("。") for f in others]
    fields = {"problems": problems, "requirements": requirements, "reply_by": day(reply_by)}
    return _answer("review_feedback_letter", entry, rulebook, **fields)


def overdue(
    unit: str, person: str | None, kind: str, period: str, due: dt.date, today: dt.date, rulebook: Rulebook
) -> Draft:
    """The reminder for a paper that has not come."""
    label = full_width(rulebook.kind_label(kind))
    fields = {
        "title": f"关于{label}逾期未报的催报通知",
        "addressee": unit,
        "owner": f"{person}同志" if person else "你单位",
        "period": period_words(period),
        "document": label,
        "due": day(due),
        "days_late": (today - due).days,
    }
    return Draft(
        letter="overdue_notice",
        template="overdue_notice",
        kind="overdue_notice",
        subject=f"{kind}:{period}:{unit}:{person or ''}",
        title=str(fields["title"]),
        clause=_clause("overdue_notice", rulebook),
        unit=unit,
        person=person,
        entry=None,
        fields=fields,
    )


# --- any letter of the rulebook, from what the office knows and what it is told


def compose(
    letter: LetterKind,
    given: Mapping[str, object],
    rulebook: Rulebook,
    unit: str | None = None,
    person: str | None = None,
    year: int | None = None,
    period: str | None = None,
    entry: str | None = None,
    subject: str | None = None,
) -> Draft:
    """Return a letter whose fields were supplied. A form leaves open what nobody gave; a letter must have all of it.

    ``given``: field → text, lines, or rows. ``subject``: what it answers; without one the same fields make the same letter.

    Raises:
        UsageError: a letter lacks fields; names them all at once.
    """
    known: dict[str, object] = {"unit": unit, "person": person, "year": year, "period": period_words(period)}
    values = {**{k: v for k, v in known.items() if v}, **given}
    wanted = [f for f in template_fields(letter) if f not in values]
    if is_upward(letter) and "signer" not in values:
        wanted.append("signer")
    if wanted and not is_form(letter):
        names = "、".join(dict.fromkeys(label(f) for f in wanted))
        raise UsageError(
            f"“{letter.id}”还缺:{names}", "请补全这几项(命令行用 --set 名称=内容,多条就写多次,或用 --fields 文件.json)"
        )
    for field in wanted:
        values[field] = _blank(field, letter)
    full: dict[str, object] = {field: _printed(value, field) for field, value in values.items()}
    title = re.sub(r"\{\{.*?\}\}", "", full_width(_filled(letter.title, _title_words(values, rulebook))))
    full |= {"title": title, "addressee": _addressee(letter, unit, person, values, rulebook),
             "plan": full_width(rulebook.title), "clause": _place(letter.clause)}  # fmt: skip
    told = json.dumps({k: str(v) for k, v in sorted(given.items())}, ensure_ascii=False)
    key = (
        subject
        or f"{year or ''}:{period or ''}:{unit or ''}:{person or ''}:{hashlib.sha256(told.encode()).hexdigest()[:12]}"
    )
    return Draft(letter.id, letter.id, letter.id, key, title, letter.clause, unit, person, entry, full)


def _place(clause: str) -> str:
    """The clause as people cite it: without the line of the plan's text that follows it."""
    return re.sub(r"\s*L\d+", "", clause).replace("; ", "；")


def _blank(field: str, letter: LetterKind) -> object:
    if shape(field) == ROWS:
        return [[""] * len(COLUMNS[letter.id]) for _ in range(8)]
    return ["＿＿＿＿＿＿＿＿"] * 3 if shape(field) == LINES else "＿＿＿＿＿＿＿＿"


def _printed(value: object, field: str) -> object:
    """A value as print has it: lines and rows as lists, everything else as text with full-width punctuation."""
    if shape(field) == ROWS:
        return [[str(cell) for cell in row] for row in (value if isinstance(value, list | tuple) else [[value]])]
    if shape(field) == LINES:
        return [
            full_width(str(line)).rstrip("。；") for line in (value if isinstance(value, list | tuple) else [value])
        ]
    return day(value) if isinstance(value, dt.date) else full_width(str(value))


def _title_words(values: Mapping[str, object], rulebook: Rulebook) -> dict[str, str]:
    words = {name: str(value) for name, value in values.items() if not isinstance(value, list | tuple)}
    kind = words.get("document_type", "")
    words["document_type.title"] = rulebook.kind_label(kind) if kind in rulebook.kinds else kind
    cases = values.get("cases")
    words["count"] = str(len(cases)) if isinstance(cases, list | tuple) else "1"
    return words


def _addressee(
    letter: LetterKind, unit: str | None, person: str | None, values: Mapping[str, object], rulebook: Rulebook
) -> str:
    names = []
    for to in letter.to:
        if to in {"unit", "lower"}:
            names.append(unit or "各有关单位")
        elif to == "person":
            names.append(f"{person}同志" if person else "有关同志")
        elif to in rulebook.parties:
            names.append(rulebook.parties[to].name)
        else:
            names.append("各县（市、区）、市直各单位" if to == "all_units" else str(values.get(to, "")))
    return "、".join(filter(None, names)) or "有关单位"


def receipt_fields(entry: Entry, rulebook: Rulebook, office: str, received: dt.datetime) -> dict[str, object]:
    """Return the fields of a receipt; ``received``: the arrival in the office's time."""
    who, verdict = entry.identity, entry.verdict
    lateness = {None: "不计时限", True: "按时", False: "逾期"}[entry.on_time]
    result = "已登记" if entry.outcome == "registered" else "与已登记文件内容相同，不另登记"
    if entry.version > 1 and entry.previous:
        result += f"（第{entry.version}版，接续{entry.previous}）"
    return {
        "office": office,
        "entry": entry.number,
        "name": _printable(entry.name),
        "received": f"{day(received.date())} {received:%H:%M}",
        "kind": full_width(rulebook.kind_label(who.kind)),
        "unit": who.unit or "未认出，请核对",
        "person": who.person or "—",
        "period": period_words(who.period) or "—",
        "due": f"{day(entry.due)}（{lateness}）" if entry.due else "—",
        "result": result,
        "verdict": VERDICTS[verdict.outcome],
        "missing": _items(entry, rulebook),
        "findings": [full_width(f.message) for f in verdict.findings],
        "sha256": entry.sha256,
        "date": day(received.date()),
    }


def _answer(letter: str, entry: Entry, rulebook: Rulebook, **more: object) -> Draft:
    who = entry.identity
    label, period = full_width(rulebook.kind_label(who.kind)), period_words(who.period)
    unit = who.unit or ""
    words = {"document_type.title": label, "period": period, "unit": unit, "register_number": entry.number}
    title = full_width(_filled(rulebook.letters[letter].title if letter in rulebook.letters else label, words))
    fields = {"title": title, "addressee": unit, "received": day(entry.received), "period": period, "document": label,
              "entry": entry.number, **more}  # fmt: skip
    return Draft(
        letter,
        letter,
        letter,
        entry.number,
        title,
        _clause(letter, rulebook),
        who.unit,
        who.person,
        entry.number,
        fields,
    )


def _filled(title: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        title = title.replace("{{" + name + "}}", word)
    return title


def _clause(letter: str, rulebook: Rulebook) -> str:
    found = rulebook.letters.get(letter)
    return found.clause if found else ""


def _items(entry: Entry, rulebook: Rulebook) -> list[dict[str, str]]:
    """Return number, words and state of every required item that is not covered."""
    return [
        {
            "n": item.item.rpartition(".")[2],
            "text": full_width(rulebook.item_words(entry.identity.kind, item.item)),
            "state": _state(item),
        }
        for item in entry.verdict.missing
    ]


def _state(item: ItemVerdict) -> str:
    """A person's decision says that it is one, with what the machine had found beside it."""
    if item.machine is None:
        return STATES[item.status]
    return f"{STATES[item.status]}（人工审阅认定，机器初判为“{STATES[item.machine]}”）"


def _printable(name: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in name)
