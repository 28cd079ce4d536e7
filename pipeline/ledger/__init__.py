"""The ledger (台账), its register of letters, the roster and the journal."""

from pipeline.ledger.assessments import Frozen
from pipeline.ledger.casebook import Event, Step
from pipeline.ledger.journal import Head
from pipeline.ledger.store import Ledger, Letter, LetterRequest, open_ledger

__all__ = ["Event", "Frozen", "Head", "Ledger", "Letter", "LetterRequest", "Step", "open_ledger"]
