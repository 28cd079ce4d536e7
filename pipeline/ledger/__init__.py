"""The ledger (台账), its register of letters, the roster and the journal."""

from pipeline.ledger.casebook import Event, Step
from pipeline.ledger.claims import INTACT, Waiting
from pipeline.ledger.journal import Head
from pipeline.ledger.store import Ledger, Letter, LetterRequest, open_ledger

__all__ = ["INTACT", "Event", "Head", "Ledger", "Letter", "LetterRequest", "Step", "Waiting", "open_ledger"]
