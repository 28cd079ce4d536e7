"""The walk of one document, from the inbox to its receipt. Read this first.

The order is the safety argument: the bytes are kept first, the ledger's row is the commit point, what follows can be
rebuilt from the two, and the file leaves the inbox last. A crash between any two lines, then a second walk, ends the
same as no crash: every line is safe to repeat.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Protocol

from pipeline.archive import Archive
from pipeline.errors import NotReady, PartMissing, SecretDocument, UnprocessableDocument
from pipeline.inbox import Inbox
from pipeline.judging import identify, judge
from pipeline.ledger import Ledger
from pipeline.model import Arrival, Identity, Receipt, Roster
from pipeline.reading import Reader
from pipeline.rulebook import Rulebook
from pipeline.search import Index

ANY_TIME: AbstractContextManager[object] = nullcontext()


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
    original = office.archive.keep(arrival)
    text = office.reader.read(original)
    identity = identify(text, arrival.name, office.roster, office.rulebook, arrival.hint)
    refuse_secret(identity)
    verdict = judge(text, identity, office.roster, office.rulebook)
    with turn:
        entry = office.ledger.register(original, arrival, text, identity, verdict)
    office.index.add(entry, text)
    receipt = office.inbox.answer(arrival, entry)
    office.ledger.done(entry.number)
    return receipt


def refuse_secret(identity: Identity) -> None:
    """Raises: SecretDocument: the paper carries a secrecy mark; it must not reach the ledger, the index or a receipt."""
    if identity.secrecy is not None:
        raise SecretDocument(f"文件标有密级“{identity.secrecy}”,涉密文件不得在本系统内流转",
                             "原件已隔离封存,请立即告知保密人员按规定处理;如系误标,请去掉标志后重新报送")  # fmt: skip


def take(arrival: Arrival, office: Office, turn: AbstractContextManager[object] = ANY_TIME) -> Receipt | None:
    """Walk one document; one that cannot be taken in is set aside with its reason. None: not ready, look again later."""
    try:
        try:
            return process(arrival, office, turn)
        except UnprocessableDocument as error:
            return set_aside(arrival, error, office)
    except PartMissing as error:
        office.inbox.hold(arrival, str(error), partial(office.reader.has, error.part))
        return None
    except NotReady:
        return None


def set_aside(arrival: Arrival, error: UnprocessableDocument, office: Office) -> Receipt:
    """The refused bytes are kept, the refusal stands in the ledger, and the sender finds the file with its reason."""
    kept = office.archive.set_aside(arrival, error)
    office.ledger.refused(arrival, kept, error)
    return office.inbox.refuse(arrival, error)
