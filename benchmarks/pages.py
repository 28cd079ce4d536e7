"""Every page's server time over a large ledger, then many users while files come in: ``python benchmarks/pages.py``.

``--papers 20000 --users 20 --rate 10 --seconds 120 --files 500``. The server is the real one, in its own process, over HTTP.
The floor of a page is the login page's time: one template, one small query.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import http.client
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from benchmarks.search_corpus import Corpus
from pipeline.access import Role
from pipeline.judging import identify, judge
from pipeline.ledger import Account
from pipeline.ledger.register import Submission, register
from pipeline.ledger.schema import pending
from pipeline.model import Arrival, Original, Passage, Person, Roster, Text, Unit
from pipeline.office import Office, open_office
from pipeline.web.doorkeeper import Doorkeeper
from pipeline.workspace import make_workspace
from tests.documents import leadership_report

UNITS, YEARS, TODAY = 300, (2023, 2024, 2025, 2026), dt.date(2026, 11, 2)
PASSWORD = "hupan-xingguang-31"
PAGES = {
    "今日": "/",
    "收件": "/intake",
    "文件": "/papers",
    "文件 单位": "/papers?unit=" + urllib.parse.quote("第7单位党组"),
    "一份文件": "/papers/2026-{n:04}",
    "审阅列表": "/review",
    "审阅一份": "/review/2026-{n:04}",
    "台账": "/duties",
    "台账 逾期": "/duties?standing=overdue",
    "检索": "/search?q=" + urllib.parse.quote("公车私用"),
    "检索 条件": "/search?q=" + urllib.parse.quote("责任书 单位:第7单位党组"),
    "补全": "/search/complete?q=" + urllib.parse.quote("单位:第"),
    "文书": "/letters",
    "档案": "/archives",
    "考核": "/assessment",
    "名册": "/roster",
    "规则": "/rules",
    "我的账号": "/self",
}


def stocked(folder: Path, papers: int) -> Office:
    """Return an office whose ledger and index hold so many papers of 300 units in four years."""
    make_workspace(folder, samples=False)
    office = open_office(folder, TODAY)
    units = tuple(Unit(f"第{n}单位党组", "county_committee" if n % 20 == 0 else "city_unit") for n in range(UNITS))
    people = tuple(Person(f"人{n}", unit.name, "书记", "principal") for n, unit in enumerate(units))
    office.ledger.save_roster(Roster(units, people))
    sample = folder / "样本.docx"
    sample.write_bytes(leadership_report(without=(4,)))
    text = office.reader.read_path(sample, sample.name)
    identity = identify(text, sample.name, office.roster, office.rulebook)
    verdict = judge(text, identity, office.roster, office.rulebook)
    corpus = Corpus(papers, 2000)
    for start in range(0, papers, 1000):
        with office.ledger._writing() as connection:
            for n in range(start, min(start + 1000, papers)):
                _, words = corpus.paper(n)
                year, half = YEARS[n % 4], 1 + n // 4 % 2
                who = replace(
                    identity, unit=units[n % UNITS].name, year=year, period=f"{year}-H{half}", title=f"第{n}份报告"
                )
                said = tuple(Passage(i, p.text) for i, p in enumerate((*text.passages, *words.passages)))
                sha256 = hashlib.sha256(str(n).encode()).hexdigest()
                day = TODAY - dt.timedelta(days=papers // 40 - n // 40)
                at = dt.datetime.combine(day, dt.time(9), dt.UTC)
                arrival = Arrival("", f"报告{n}.docx", f"b:{n}", at)
                made = Submission(
                    Original(sha256, 30_000, "", arrival.name), arrival, Text(said, "docx"), who, verdict, day
                )
                register(connection, made, office.rulebook, "pipeline")
            connection.execute(pending.delete())  # the index is made at once below
    office.rebuild_index()
    keeper = Doorkeeper(office.ledger.accounts)
    account = Account("甲", "甲", keeper.hash(PASSWORD), frozenset({Role.CLERK, Role.REVIEWER}), fresh=False)
    office.ledger.accounts.add(account)
    return office


class Browser:
    """One user: a connection that stays open, and a cookie."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookie = ""
        self._port = port

    def login(self) -> None:
        form = urllib.parse.urlencode({"name": "甲", "password": PASSWORD})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{self._port}"}
        self._connection.request("POST", "/login", form, headers)
        answer = self._connection.getresponse()
        answer.read()
        assert answer.status == 303, answer.status
        self._cookie = answer.headers["set-cookie"].partition(";")[0]

    def get(self, path: str) -> tuple[int, float]:
        """Return status and milliseconds."""
        started = time.perf_counter()
        self._connection.request("GET", path, headers={"Cookie": self._cookie})
        answer = self._connection.getresponse()
        answer.read()
        return answer.status, (time.perf_counter() - started) * 1000


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


def each_page(port: int, papers: int, rounds: int) -> None:
    browser = Browser(port)
    browser.login()
    dice = random.Random(7)
    floor = sorted(browser.get("/login")[1] for _ in range(rounds))[rounds // 2]
    print(f"floor (login page, median): {floor:.1f} ms")
    for name, path in PAGES.items():
        answers = [browser.get(path.format(n=dice.randrange(1, min(papers, 4000)))) for _ in range(rounds + 1)]
        first, times = answers[0], [ms for _, ms in answers[1:]]
        statuses = {status for status, _ in answers}
        p95 = percentile(times, 0.95)
        print(f"{name}: p50 {percentile(times, 0.5):.0f} ms, p95 {p95:.0f} ms ({p95 / floor:.0f} × floor), first {first[1]:.0f} ms"
              + ("" if statuses == {200} else f"  STATUS {statuses}"))  # fmt: skip


def crowd(port: int, papers: int, users: int, rate: float, seconds: float) -> None:
    """So many users, ``rate`` requests a second in all."""
    times: list[tuple[str, float]] = []
    errors: list[str] = []
    until = time.monotonic() + seconds

    def user(n: int) -> None:
        dice = random.Random(n)
        browser = Browser(port)
        browser.login()
        turn = time.monotonic() + dice.random() * users / rate
        while turn < until:
            time.sleep(max(0.0, turn - time.monotonic()))
            turn += users / rate
            name = dice.choice(list(PAGES))
            try:
                status, ms = browser.get(PAGES[name].format(n=dice.randrange(1, min(papers, 4000))))
                times.append((name, ms))
                if status != 200:
                    errors.append(f"{name} {status}")
            except (OSError, http.client.HTTPException) as error:
                errors.append(f"{name} {error!r}")
                browser = Browser(port)
                browser.login()

    threads = [threading.Thread(target=user, args=(n,)) for n in range(users)]
    for thread in threads:
        thread.start()
        time.sleep(0.1)
    for thread in threads:
        thread.join()
    all_times = [ms for _, ms in times]
    print(f"{users} users: {len(times)} answers in {seconds:.0f} s, {len(errors)} errors {errors[:3]}; "
          f"p50 {percentile(all_times, 0.5):.0f} ms, p95 {percentile(all_times, 0.95):.0f} ms, longest {max(all_times):.0f} ms")  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Print a line for each page, and one for the crowd."""
    parser = argparse.ArgumentParser()
    for name, value in (
        ("papers", 20_000),
        ("users", 20),
        ("rate", 10),
        ("seconds", 120),
        ("files", 500),
        ("rounds", 40),
    ):
        parser.add_argument(f"--{name}", type=int, default=value)
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="pipeline-bench-"))
    started = time.perf_counter()
    office = stocked(folder / "w", chosen.papers)
    print(f"{chosen.papers} papers of {UNITS} units stocked in {time.perf_counter() - started:.0f} s")
    inbox = office.inbox.folder
    office.close()
    port = free_port()
    here = ["--workspace", str(folder / "w"), "--as-of", TODAY.isoformat()]
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "pipeline.web.serve",
            *here,
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--name",
            "127.0.0.1",
        ],
        stdin=subprocess.PIPE,
    )
    try:
        for _ in range(300):
            try:
                Browser(port).get("/login")
                break
            except OSError:
                time.sleep(0.1)
        each_page(port, chosen.papers, chosen.rounds)
        for n in range(chosen.files):
            (inbox / f"新{n}.docx").write_bytes(
                leadership_report(f"第{n % UNITS}单位党组", year=2026, half=2, extra=f"第{n}份。")
            )
        watcher = subprocess.Popen(
            [sys.executable, "-m", "pipeline", *here, "watch"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            crowd(port, chosen.papers, chosen.users, chosen.rate, chosen.seconds)
        finally:
            watcher.terminate()
            watcher.wait()
        print(f"files left in the inbox: {len([p for p in inbox.iterdir() if p.suffix == '.docx'])} of {chosen.files}")
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
