"""Cases reckoned from the ledger while papers come in."""

from __future__ import annotations

from pipeline.casework import Casebook
from pipeline.judging.flows import Case
from tests.proving.stock import filled, register


def test_a_paper_that_comes_in_meanwhile_spoils_nothing(tmp_path, monkeypatch):
    """ensures that a reckoning that takes long stands beside an intake that goes on."""
    office, _ = filled(tmp_path / "w", 2)
    days = office.ledger.arrival_days

    def one_more_behind_our_back():
        found = days()
        register(office, "之后.docx")
        return found

    monkeypatch.setattr(office.ledger, "arrival_days", one_more_behind_our_back)
    flow = next(iter(office.rulebook.workflows.values()))
    case = Case("a", flow.id, "某单位", None, str(office.today().year), None, flow.papers[0] if flow.papers else "")
    history = Casebook(office, office.today().year).history(flow, case)
    assert history.case == case
    assert office.ledger.count() == 3
    office.close()
