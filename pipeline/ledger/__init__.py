"""The ledger (台账), its register of letters, the roster and the journal."""

from pipeline.ledger.journal import Head
from pipeline.ledger.store import Ledger, Letter, LetterRequest, open_ledger

__all__ = ["Head", "Ledger", "Letter", "LetterRequest", "open_ledger"]
