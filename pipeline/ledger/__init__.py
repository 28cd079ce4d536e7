"""The ledger (台账), its register of letters, the roster and the journal."""

from pipeline.ledger.accounts import Account, Accounts, Attempts, Session
from pipeline.ledger.assessments import Frozen
from pipeline.ledger.casebook import Event, Step
from pipeline.ledger.checks import Check, Result
from pipeline.ledger.claims import INTACT, Waiting
from pipeline.ledger.filing import Item, Rendition
from pipeline.ledger.heads import KeptHead, Sheet, keep_head, own_heads, read_head, sheet_text
from pipeline.ledger.journal import Break, Head, Noted
from pipeline.ledger.letters import Letter, LetterRequest
from pipeline.ledger.listing import Arrived
from pipeline.ledger.searches import SavedSearch
from pipeline.ledger.snapshot import SnapshotFacts, load_snapshot, read_snapshot
from pipeline.ledger.stock import Owner, Stock
from pipeline.ledger.store import Ledger, open_ledger

__all__ = ["INTACT", "Account", "Accounts", "Arrived", "Attempts", "Break", "Check", "Event", "Frozen", "Head", "Item", "KeptHead", "Ledger", "Letter", "LetterRequest", "Noted", "Owner", "Rendition",
           "Result", "SavedSearch", "Session", "Sheet", "SnapshotFacts", "Step", "Stock", "Waiting", "keep_head", "load_snapshot", "open_ledger",
           "own_heads", "read_head", "read_snapshot", "sheet_text"]  # fmt: skip
