"""History cannot be changed unseen: seven ways of tampering, at twenty places each, against what was kept elsewhere."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.ledger import Break, Head, KeptHead, keep_head, own_heads, read_head, sheet_text
from pipeline.ledger.journal import row_hash
from pipeline.proving import alarms, day_sheet, prove
from tests.proving.stock import filled, office_in

ROWS = 30
PLACES = 20


@pytest.fixture(scope="module")
def master(tmp_path_factory) -> tuple[Path, str]:
    """A workspace of thirty journal rows, the head kept in our own file; and the sheet of that day."""
    folder = tmp_path_factory.mktemp("master") / "w"
    office, _ = filled(folder, 5)
    for n in range(ROWS - 5):
        office.ledger.note("probe", f"第{n}件", {"n": n})
    sheet = day_sheet(office)
    keep_head(office.archive.root, sheet.head, sheet.at, "sheet")
    office.close()
    return folder, sheet_text(sheet)


def rows(base: sqlite3.Connection) -> list[dict]:
    base.row_factory = sqlite3.Row
    return [dict(row) for row in base.execute("SELECT * FROM journal ORDER BY seq")]


def write(base: sqlite3.Connection, history: list[dict]) -> None:
    base.execute("DELETE FROM journal")
    base.executemany("INSERT INTO journal VALUES (:seq, :at, :actor, :act, :object, :facts, :previous, :hash)", history)


def chained(history: list[dict]) -> list[dict]:
    """Number and hash everything anew, as one who knows how the chain is made."""
    previous = "0" * 64
    for seq, row in enumerate(history, 1):
        row |= {"seq": seq, "previous": previous}
        row["hash"] = previous = row_hash(row)
    return history


def edit(history: list[dict], k: int) -> list[dict]:
    history[k]["object"] = "别的"
    return history


def delete(history: list[dict], k: int) -> list[dict]:
    return history[:k] + history[k + 1 :]


def reorder(history: list[dict], k: int) -> list[dict]:
    history[k]["seq"], history[k + 1]["seq"] = history[k + 1]["seq"], history[k]["seq"]
    return history


def insert(history: list[dict], k: int) -> list[dict]:
    """A row with a right hash of its own, the later ones moved up."""
    forged = dict(history[k])
    forged["hash"] = row_hash(forged | {"object": "插入"})
    later = [row | {"seq": row["seq"] + 1} for row in history[k:]]
    return [*history[:k], forged | {"object": "插入"}, *later]


def truncate(history: list[dict], k: int) -> list[dict]:
    return history[:k]


def truncate_and_append(history: list[dict], k: int) -> list[dict]:
    """As many rows as before, all of them rightly chained."""
    return chained([*history[:k], *(row | {"object": "改写"} for row in history[k:])])


def rewrite(history: list[dict], k: int) -> list[dict]:
    history[k]["facts"] = json.dumps({"n": "改写"}, ensure_ascii=False)
    return chained(history)


SEEN_BY_CHAIN = (edit, delete, reorder, insert)
SEEN_BY_HEAD = (truncate, truncate_and_append, rewrite)


def tampered(master: Path, folder: Path, how, place: int):
    """Open a copy of the workspace whose history somebody changed at this place."""
    shutil.copytree(master, folder)
    with closing(sqlite3.connect(folder / "archive" / "ledger.sqlite")) as base, base:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f"DROP TRIGGER {name}")
        write(base, how(rows(base), place))
    return office_in(folder)


@pytest.mark.parametrize("how", SEEN_BY_CHAIN)
def test_what_breaks_the_chain_is_named_with_its_place(master, tmp_path, how):
    """ensures that edit, deletion, exchange and insertion are found without anything kept elsewhere, at their row."""
    for place in range(4, 4 + PLACES):
        office = tampered(master[0], tmp_path / str(place), how, place)
        (tmp_path / str(place) / "archive" / "heads.txt").unlink()
        found = prove(office)
        assert (found.intact, found.sound) == (False, False)
        assert found.breaks[0].seq == place + 1 + (how is insert)  # the forged row itself is rightly made
        office.close()


@pytest.mark.parametrize("how", SEEN_BY_HEAD)
def test_what_the_chain_cannot_show_shows_against_a_kept_head(master, tmp_path, how):
    """ensures that a cut tail, one grown anew and a whole new history are found, by the sheet as by our own file."""
    dice = random.Random(7)
    (tmp_path / "sheet.txt").write_text(master[1], encoding="utf-8-sig")
    (kept,) = read_head(str(tmp_path / "sheet.txt"))
    for place in dice.sample(range(1, ROWS), PLACES):
        office = tampered(master[0], tmp_path / str(place), how, place)
        own = prove(office)
        assert own.breaks == ()
        assert [k.source for k in own.lost] == ["heads.txt 第 1 行"]
        assert any("留存" in words for words in alarms(office))
        (tmp_path / str(place) / "archive" / "heads.txt").unlink()
        assert prove(office).sound
        assert prove(office, [kept]).lost == (kept,)
        office.close()


def test_every_break_is_named(master, tmp_path):
    """ensures that several changes in one journal are all reported."""

    def several(history: list[dict], _: int) -> list[dict]:
        history[4]["object"] = history[20]["object"] = "改"
        return [row for n, row in enumerate(history) if n not in (10, 11)]

    office = tampered(master[0], tmp_path / "w", several, 0)
    changed, gap = [Break("changed", n, n) for n in (5, 21)], Break("missing", 11, 12)
    assert prove(office).breaks == (changed[0], gap, changed[1])
    office.close()


def test_an_honest_history_raises_no_alarm_and_may_go_on(master, tmp_path):
    """ensures that no head of the past is ever reported lost while the journal grows."""
    shutil.copytree(master[0], tmp_path / "w")
    office = office_in(tmp_path / "w")
    kept = []
    for n in range(50):
        office.ledger.note("probe", str(n), {})
        kept.append(KeptHead(office.ledger.journal_head(), str(n)))
    assert prove(office, kept).sound
    assert alarms(office) == []
    office.close()


def test_a_head_is_read_from_sheet_own_file_or_typed(master, tmp_path):
    """ensures that whatever was kept can be used: the sheet, a copy of heads.txt, number and hash from paper."""
    (tmp_path / "sheet.txt").write_text(master[1], encoding="utf-8-sig")
    (sheet,) = read_head(str(tmp_path / "sheet.txt"))
    (own,) = read_head(str(master[0] / "archive" / "heads.txt"))
    (typed,) = read_head(f"{sheet.head.seq}:{sheet.head.hash[:16].upper()}")
    assert sheet.head == own.head
    assert sheet.head.hash.startswith(typed.head.hash)
    office = office_in(master[0])
    assert prove(office, [sheet, own, typed]).lost == ()
    wrong = KeptHead(Head(sheet.head.seq, "0" * 16), "typed")
    assert prove(office, [wrong]).lost == (wrong,)
    office.close()
    for bad in ("没有.txt", str(master[0] / "pipeline.toml"), "12:abc", str(master[0] / "archive" / "ledger.sqlite")):
        with pytest.raises(UsageError):
            read_head(bad)


def test_a_line_cut_short_by_a_crash_spoils_nothing(tmp_path):
    """ensures that the next head stands on a line of its own and the torn one counts as none."""
    office, _ = filled(tmp_path / "w", 1)
    root, head, at = office.archive.root, office.ledger.journal_head(), office.now()
    keep_head(root, head, at, "sheet")
    with (root / "heads.txt").open("a") as stream:
        stream.write("2026-06-20T00:00:00+00:00 7 abcd")
    keep_head(root, head, at, "sheet")
    assert [k.head for k in own_heads(root)] == [head, head]
    assert prove(office).sound
    assert (root / "heads.txt").stat().st_mode & 0o777 == 0o600
    office.close()


def test_the_head_is_written_for_another_s_keeping(cli, workspace, tmp_path):
    """ensures that the command line makes the sheet, checks it, and ends in code 4 when the tail was cut."""
    out = tmp_path / "末条.txt"
    shown = cli("--workspace", workspace, "journal", "head", "--out", out, "--json")
    assert shown.one.keys() == {"seq", "hash", "at", "entries", "objects"}
    assert "请交本办公室以外的人保管" in out.read_text(encoding="utf-8-sig")
    good = cli("--workspace", workspace, "verify", "--head", out, "--head", out, "--json")
    assert (good.code, good.one["journal"], good.one["heads"]) == (0, "intact", 3)
    today = cli("--workspace", workspace, "today", "--json").one
    assert (today["journal_head"]["seq"], today["alarms"]) == (shown.one["seq"], [])
    (workspace / "archive" / "heads.txt").unlink()
    with closing(sqlite3.connect(workspace / "archive" / "ledger.sqlite")) as base, base:
        base.execute("DROP TRIGGER journal_no_delete")
        base.execute("DELETE FROM journal")
    bad = cli("--workspace", workspace, "verify", "--head", out)
    assert (bad.code, "没有曾经留存的" in bad.out) == (4, True)
