"""The walk of one document, from the inbox to its receipt. Read this first.

The order is the safety argument: the bytes are kept and claimed first, the ledger's row is the commit point, what
follows can be rebuilt from the two, and the file leaves the inbox last. A crash between any two lines, then a second
walk, ends the same as no crash: every line is safe to repeat.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from pipeline import __version__
from pipeline.archive import Archive, Spooled
from pipeline.errors import NotReady, PartMissing, PipelineError, SecretDocument, Unavailable, UnprocessableDocument
from pipeline.inbox import Inbox
from pipeline.judging import identify, judge
from pipeline.ledger import INTACT, Ledger
from pipeline.model import Arrival, Identity, Original, Receipt, Roster
from pipeline.reading import Reader
from pipeline.rulebook import Rulebook
from pipeline.search import Index
from pipeline.words import odd_name

ANY_TIME: AbstractContextManager[object] = nullcontext()
NEWER = "newer than "
_BATCH = 64  # papers whose names are made durable and claimed together: a few synced folders and one commit for all

log = logging.getLogger(__name__)


class Office(Protocol):
    """The parts that the walk needs; ``pipeline.office`` wires them."""

    @property
    def archive(self) -> Archive: ...
    @property
    def reader(self) -> Reader: ...
    @property
    def roster(self) -> Roster: ...
    @property
    def rulebook(self) -> Rulebook: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def index(self) -> Index: ...
    @property
    def inbox(self) -> Inbox: ...


def process(arrival: Arrival, office: Office, turn: AbstractContextManager[object] = ANY_TIME) -> Receipt:
    """Walk one document from the inbox to its receipt. Safe to repeat.

    ``turn``: where many walk abreast, entered when all that came before are registered.

    Raises:
        UnprocessableDocument: this file cannot be taken in; nothing but its bytes is kept yet.
        NotReady: the file is still being written or changed under our hands, or this machine lacks a part to read it.
    """
    original = arrival.kept or keep(arrival, office)
    text = office.reader.read(original)
    identity = identify(text, arrival.name, office.roster, office.rulebook, arrival.hint)
    refuse_secret(identity)
    verdict = judge(text, identity, office.roster, office.rulebook)
    with turn:
        entry = office.ledger.register(original, arrival, text, identity, verdict)
    office.index.add(entry, text)
    receipt = office.inbox.answer(arrival, entry)
    office.ledger.done(entry.number, arrival.key)
    return receipt


def keep(arrival: Arrival, office: Office) -> Original:
    """The bytes of one arrival are in the archive and claimed in the ledger. Raises: as ``Archive.keep``."""
    original = office.archive.keep(arrival)
    office.ledger.claims.add([(arrival, original)])
    return original


def claim(arrivals: Sequence[Arrival], office: Office) -> Iterator[Receipt]:
    """What lies ready in the inbox is safe and claimed, before any of it is read; yields receipts of what is no document.

    What changes or vanishes under our hands is left for the next look.
    """
    for start in range(0, len(arrivals), _BATCH):
        papers: list[tuple[Arrival, Spooled]] = []
        for arrival in arrivals[start : start + _BATCH]:
            try:
                papers.append((arrival, office.archive.spooled(arrival)))
            except UnprocessableDocument as error:
                yield set_aside(arrival, error, office)
            except NotReady:
                continue
        if not papers:
            continue
        with office.archive.claiming(papers):
            originals, damaged = office.archive.settle([spooled for _, spooled in papers])
            office.ledger.claims.add([(a, o) for (a, _), o in zip(papers, originals, strict=True)], damaged)


def refuse_secret(identity: Identity) -> None:
    """Raises: SecretDocument: the paper carries a secrecy mark; it must not reach the ledger, the index or a receipt."""
    if identity.secrecy is not None:
        raise SecretDocument(f"文件标有密级“{identity.secrecy}”,涉密文件不得在本系统内流转",
                             "原件已隔离封存,请立即告知保密人员按规定处理;如系误标,请去掉标志后重新报送")  # fmt: skip


def take(arrival: Arrival, office: Office, turn: AbstractContextManager[object] = ANY_TIME) -> Receipt | None:
    """Walk one claimed document; one that cannot be taken in is set aside with its reason. None: it waits, and says why.

    A fault of this program costs the document its turn until a newer program is installed, and its neighbours nothing.
    """
    try:
        try:
            return process(arrival, office, turn)
        except UnprocessableDocument as error:
            return set_aside(arrival, error, office)
    except PartMissing as error:
        office.ledger.claims.wait(arrival.key, error.part, str(error))
    except NotReady as error:
        office.ledger.claims.wait(arrival.key, f"{INTACT}{arrival.kept and arrival.kept.sha256}", str(error))
    except OSError as error:
        raise Unavailable(f"读写文件时出错({error.strerror})", "稍后会自动再试;文件不会丢失") from error
    except (PipelineError, MemoryError):
        raise
    except Exception as error:
        log.exception("fault at %s", arrival.kept and arrival.kept.sha256)
        why = f"程序处理时出错({type(error).__name__}),原件已保存。请告知维护人员;程序更新后会自动再处理"
        office.ledger.claims.wait(arrival.key, NEWER + __version__, why)
    return None


def set_aside(arrival: Arrival, error: UnprocessableDocument, office: Office) -> Receipt:
    """The refused bytes are kept, the refusal stands in the ledger, and the sender finds the file with its reason."""
    for odd in odd_name(arrival.name):
        error = type(error)(f"{error.what};{odd}", error.do)
    kept = office.archive.set_aside(arrival, error)
    office.ledger.refused(arrival, kept, error)
    receipt = office.inbox.refuse(arrival, error)
    office.ledger.claims.done(arrival.key)
    return receipt
