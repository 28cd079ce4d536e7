"""The office's letters: templates of the workspace first, the shipped ones where a file is missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline.errors import UsageError
from pipeline.letters.check import check_letter
from pipeline.letters.contexts import Draft, receipt_fields
from pipeline.letters.fields import is_form, template_fields
from pipeline.letters.render import Template
from pipeline.letters.words import day
from pipeline.model import Entry
from pipeline.rulebook import Rulebook

SHIPPED_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class OfficeName:
    """Who signs. ``series``: the 代字 before ``〔2026〕5号``; ``timezone`` for times on receipts.

    ``seal``: whether letters are sealed; those that are not have their signature set otherwise.
    """

    name: str
    series: str
    timezone: str = "Asia/Shanghai"
    seal: bool = True


@dataclass(frozen=True)
class Letters:
    """Makes letters from templates; each template is read once."""

    templates: Path
    rulebook: Rulebook
    office: OfficeName
    _read: dict[str, Template] = field(default_factory=dict, repr=False, compare=False)

    def kinds(self) -> tuple[str, ...]:
        """Return the letters for which there is a template."""
        found = {path.stem for folder in (self.templates, SHIPPED_TEMPLATES) for path in folder.glob("[!~.]*.docx")}
        return tuple(sorted(found))

    def template(self, kind: str) -> Template:
        """Return the template of a letter.

        Raises:
            UsageError: there is none. TemplateError: it is at fault.
        """
        if kind not in self._read:
            paths = [folder / f"{kind}.docx" for folder in (self.templates, SHIPPED_TEMPLATES)]
            path = next((p for p in paths if p.is_file()), None)
            if path is None:
                raise UsageError(f"没有“{kind}”这种文书", f"可用的有:{'、'.join(self.kinds())}")
            self._read[kind] = Template(path)
        return self._read[kind]

    def check(self, path: Path, kind: str) -> list[str]:
        """Return everything that is wrong with a template or a letter of a kind, in Chinese."""
        letter = self.rulebook.letters.get(kind)
        shipped = SHIPPED_TEMPLATES / f"{kind}.docx"
        known = set(Template(shipped).fields) if shipped.is_file() else set()
        known |= {
            "office",
            "number",
            "date",
            "title",
            "addressee",
            "plan",
            "clause",
            "signer",
            "attachments",
            "copies",
            "sealed",
            "unsealed",
        }
        known |= set(template_fields(letter)) if letter else set()
        required = sorted(set(letter.required if letter else ()) & known)
        headed = letter is not None and not is_form(letter) and kind not in {"pledge", "receipt"}
        return check_letter(path, frozenset(known), required, headed)

    def write(self, draft: Draft, number: str, today: dt.date) -> bytes:
        """Return the letter with its number and date, read back and found whole."""
        chosen = draft.letter if draft.letter in self.kinds() else draft.template
        return self._render(chosen, {**draft.fields, "number": number, "date": day(today)})

    def receipt(self, entry: Entry) -> bytes:
        """Return the receipt for a registered document."""
        received = entry.arrived_at.astimezone(self._zone)
        return self._render("receipt", receipt_fields(entry, self.rulebook, self.office.name, received))

    def _render(self, kind: str, fields: Mapping[str, object]) -> bytes:
        office = self.office
        base = {"office": office.name, "attachments": [], "copies": []}
        signed = {"sealed": [office.name] if office.seal else [], "unsealed": [] if office.seal else [office.name]}
        return self.template(kind).render({**base, **signed, **fields})

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.office.timezone)
