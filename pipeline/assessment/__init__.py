"""The yearly assessment of an open office: facts in, from files and the ledger; sheets, workbooks and frozen years out."""

from pipeline.assessment.given import Given, read_json
from pipeline.assessment.run import Assessed, assess

__all__ = ["Assessed", "Given", "assess", "read_json"]
