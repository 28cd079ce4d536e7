"""``make train``: writes the shipped coverage weights from the data in this folder."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from fit import all_sets, fit

from pipeline.rulebook import load_rulebook
from pipeline.rulebook.loader import SHIPPED
from pipeline.rulebook.weights import FILE_NAME


def main() -> None:
    data = fit(all_sets(), load_rulebook())
    (SHIPPED / FILE_NAME).write_bytes(data)
    sys.stdout.write(f"{FILE_NAME}: {len(data) / 1024:.0f} KiB\n")


if __name__ == "__main__":
    main()
