"""The ledger (台账), its register of letters, the roster and the journal."""

from pipeline.ledger.casebook import Event, Step
from pipeline.ledger.journal import Head
from pipeline.ledger.searches import SavedSearch
from pipeline.ledger.store import Ledger, Letter, LetterRequest, open_ledger

__all__ = ["Event", "Head", "Ledger", "Letter", "LetterRequest", "SavedSearch", "Step", "open_ledger"]
