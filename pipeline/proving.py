"""Proves that the archive holds what the ledger says and that the journal is what it was: in full, or a share a day.

A full proof writes nothing. The rolling one records in the ledger what it checked, in the table ``fixity_checks`` with a
journal row, and the journal's head in ``archive/heads.txt``; it never touches an object.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from pipeline.archive import Fixity, check_fixity, digest_or_none, look
from pipeline.ledger import Break, Check, Head, KeptHead, Result, Sheet, keep_head, own_heads
from pipeline.office import Office

log = logging.getLogger(__name__)

CYCLE_DAYS = 30
FAILED = ("damaged", "missing")
NAMED = 100  # so many names go into one journal row; the table has them all
_BREAKS = {
    "changed": "操作日志第 {0} 条被改动",
    "missing": "操作日志缺第 {0} 至 {1} 条",
    "unlinked": "操作日志第 {0} 条与前一条接不上",
    "foreign": "操作日志里有不属于本日志的第 {0} 条",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found. ``heads``: how many kept heads were looked for; ``lost``: those that the journal lacks."""

    entries: int
    fixity: Fixity
    head: Head
    breaks: tuple[Break, ...]
    heads: int
    lost: tuple[KeptHead, ...]

    @property
    def intact(self) -> bool:
        """Whether the journal holds in itself and against the heads kept elsewhere."""
        return not (self.breaks or self.lost)

    @property
    def sound(self) -> bool:
        return self.fixity.sound and self.intact


def prove(office: Office, heads: Iterable[KeptHead] = (), progress: Callable[[], object] = lambda: None) -> Proof:
    """Hash every object, follow the whole chain, look for every kept head. Writes nothing."""
    fixity = check_fixity(office.archive, office.ledger.objects(), progress)
    return _proof(office, fixity, heads)


def prove_share(
    office: Office, heads: Iterable[KeptHead] = (), seconds: float = math.inf, again: bool = False
) -> Proof | None:
    """Hash what is due today, as much as fits into ``seconds``; returns None when nothing is due any more today.

    When this is called every day, no object goes unchecked for more than ``CYCLE_DAYS`` days. ``again``: look once more
    at the journal and at what failed, even when all that is due was done.
    """
    ledger, now = office.ledger, office.now()
    expected, checks = ledger.objects(), ledger.checks()
    due = due_for_check(expected, checks, now, again)
    last = ledger.last_noted("fixity").get("fixity")
    if not due and not again and last is not None and last[1].get("day") == now.date().isoformat():
        return None
    found, stray = look(office.archive)
    missing = expected - found
    results: dict[str, Result] = dict.fromkeys(expected - checks.keys(), "seen")
    until = time.monotonic() + seconds
    for n, name in enumerate(due):
        if n and time.monotonic() > until:
            break
        results[name] = _check(office, name, name in missing)
    results.update((name, "missing") for name in missing)
    hashed = sum(1 for result in results.values() if result in ("good", "damaged"))
    damaged = tuple(sorted(name for name, result in results.items() if result == "damaged"))
    strays = tuple(sorted((*stray, *(found - expected))))
    proof = _proof(office, Fixity(len(found), damaged, tuple(sorted(missing)), strays, hashed), heads)
    ledger.note_checks(now, results, _facts(proof, now.date()))
    keep_head(office.archive.root, ledger.journal_head(), now, "fixity")
    if not proof.sound:
        log.error("核验未通过:%s", ";".join(troubles(proof)))
    return proof


def due_for_check(
    expected: Collection[str], checks: Mapping[str, Check], now: dt.datetime, again: bool = False
) -> list[str]:
    """Return what must be hashed now: what failed before, what is a cycle old, and the oldest up to today's share.

    ``again``: what failed today is due once more.
    """
    today = now.date()

    def age(name: str) -> int:
        return (today - checks[name].at.astimezone(now.tzinfo).date()).days

    def hashed_today(name: str) -> bool:
        retry = again and checks[name].result in FAILED
        return checks[name].result != "seen" and age(name) == 0 and checks[name].at <= now and not retry

    known = [name for name in expected if name in checks]
    done = sum(map(hashed_today, known))
    fresh = sorted(name for name in expected if name not in checks)
    # a check dated after now was made under a wrong clock and counts for nothing
    order = sorted((n for n in known if not hashed_today(n)), key=lambda n: (checks[n].at <= now, checks[n].at, n))
    share = math.ceil(len(expected) / CYCLE_DAYS) - done
    urgent = [n for n in order if checks[n].result in FAILED or age(n) >= CYCLE_DAYS or checks[n].at > now]
    chosen = dict.fromkeys(urgent)
    for name in (*order, *fresh):
        if len(chosen) >= share:
            break
        chosen[name] = None
    return list(chosen)


def day_sheet(office: Office) -> Sheet:
    """Return what the day's sheet says of the journal's head."""
    ledger = office.ledger
    return Sheet(
        office.settings.office.name, office.now(), ledger.journal_head(), ledger.count(), len(ledger.objects())
    )


def alarms(office: Office) -> list[str]:
    """Return in Chinese what the last checks found wrong and nobody has put right; quick enough for every day's digest."""
    ledger = office.ledger
    found = [
        f"原件{'缺失' if result == 'missing' else '已损坏'}:{name}" for name, result in ledger.failed_checks().items()
    ]
    noted = ledger.last_noted("fixity")
    if "fixity" in noted:
        _, facts = noted["fixity"]
        found.extend(cast("list[str]", facts.get("journal", [])))
    kept = own_heads(office.archive.root)
    if kept and not ledger.holds(kept[-1].head):
        found.append(lost_words(kept[-1]))
    return list(dict.fromkeys(found))


def troubles(proof: Proof) -> list[str]:
    """Return in Chinese everything that makes a proof fail, each thing named."""
    return [
        *(f"原件已损坏:{name}" for name in proof.fixity.damaged),
        *(f"原件缺失:{name}" for name in proof.fixity.missing),
        *journal_troubles(proof),
    ]


def journal_troubles(proof: Proof) -> list[str]:
    """Return in Chinese every break of the journal and every kept head that it lacks."""
    return [*map(break_words, proof.breaks), *map(lost_words, proof.lost)]


def break_words(found: Break) -> str:
    return _BREAKS[found.kind].format(found.seq, found.last)


def lost_words(kept: KeptHead) -> str:
    return f"操作日志里没有曾经留存的第 {kept.head.seq} 条({kept.source}):日志末尾被删、被改写,或台账被换成了旧的"


def _proof(office: Office, fixity: Fixity, heads: Iterable[KeptHead]) -> Proof:
    ledger = office.ledger
    known = [*own_heads(office.archive.root), *heads]
    # what was registered while we looked is no stray
    registered = ledger.objects() if fixity.stray else set()
    fixity = replace(fixity, stray=tuple(name for name in fixity.stray if name not in registered))
    lost = tuple(kept for kept in known if not ledger.holds(kept.head))
    return Proof(ledger.count(), fixity, ledger.journal_head(), ledger.journal_breaks(), len(known), lost)


def _check(office: Office, name: str, missing: bool) -> Result:
    if missing:
        return "missing"
    return "good" if digest_or_none(office.archive, name) == name else "damaged"


def _facts(proof: Proof, day: dt.date) -> dict[str, object]:
    fixity = proof.fixity
    return {
        "day": day.isoformat(),
        "checked": fixity.checked,
        "objects": fixity.objects,
        "damaged": fixity.damaged[:NAMED],
        "missing": fixity.missing[:NAMED],
        "stray": len(fixity.stray),
        "journal": journal_troubles(proof)[:NAMED],
    }
