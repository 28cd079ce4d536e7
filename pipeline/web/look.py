"""How pages are made: one set of templates, everything in them escaped, nothing undefined."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import jinja2
from fastapi import Response
from fastapi.responses import HTMLResponse, RedirectResponse

from pipeline import __version__
from pipeline.access import Act, may
from pipeline.ledger.workbook import LABELS as DUTY_LABELS
from pipeline.web.visit import Visit
from pipeline.words import DECISION_LABELS, OUTCOME_LABELS, STANDING_LABELS, STATUS_LABELS, VERDICT_LABELS, visible


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation."""

    path: str
    title: str
    act: Act


PLACES = (
    Place("/", "今日", Act.SEE),
    Place("/intake", "收件", Act.SEE),
    Place("/papers", "文件", Act.SEE),
    Place("/review", "审阅", Act.REVIEW),
    Place("/duties", "台账", Act.SEE),
    Place("/search", "检索", Act.SEE),
    Place("/letters", "文书", Act.SEE),
    Place("/archives", "档案", Act.SEE),
    Place("/assessment", "考核", Act.SEE),
    Place("/roster", "名册", Act.SEE),
    Place("/rules", "规则", Act.RULES),
    Place("/journal", "日志", Act.JOURNAL),
    Place("/system", "系统", Act.SYSTEM),
    Place("/accounts", "用户", Act.ACCOUNTS),
)

_environment = jinja2.Environment(
    loader=jinja2.PackageLoader("pipeline.web", "pages"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    finalize=lambda shown: type(shown)(visible(shown)) if isinstance(shown, str) else shown,
)
_environment.globals.update(
    VERSION=__version__,
    STATUS=STATUS_LABELS,
    VERDICT=VERDICT_LABELS,
    DECISION=DECISION_LABELS,
    STANDING=STANDING_LABELS,
    OUTCOME=OUTCOME_LABELS,
    DUTY=DUTY_LABELS,
    ACT=Act,
)


def _moment(value: dt.datetime | str | None, zone: dt.tzinfo | None = None) -> str:
    if value is None or value == "":
        return ""
    moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


_environment.filters.update(moment=_moment, segment=lambda text: quote(str(text), safe=""))


def page(visit: Visit, template: str, title: str, status: int = 200, **facts: Any) -> HTMLResponse:
    """Return a page for this visitor. Links, buttons and navigation show only what they may do."""
    path = visit.request.url.path
    here = max((p for p in PLACES if path == p.path or (p.path != "/" and path.startswith(p.path))),
               key=lambda p: len(p.path), default=None)  # fmt: skip
    text = _environment.get_template(template).render(
        visit=visit,
        title=title,
        places=[p for p in PLACES if may(visit.viewer, p.act)],
        here=here,
        csrf=visit.known.csrf,
        may=visit.may,
        office_name=visit.office.settings.office.name,
        zone=visit.office.now().tzinfo,
        said=visit.request.query_params.get("said", "")[:200],
        **facts,
    )
    return HTMLResponse(text, status)


def bare(template: str, title: str, status: int = 200, **facts: Any) -> HTMLResponse:
    """Return a page for somebody who is not known, or where something went wrong."""
    return HTMLResponse(_environment.get_template(template).render(title=title, **facts), status)


def go(path: str, said: str = "") -> RedirectResponse:
    """Return the answer to a form: look there now. ``said``: what the next page tells."""
    joint = "&" if "?" in path else "?"
    return RedirectResponse(path + (f"{joint}said={quote(said)}" if said else ""), 303)


def attachment(data: bytes, name: str, media: str = "application/octet-stream") -> Response:
    """Return a file to be saved, never shown, under its Chinese name."""
    return Response(data, media_type=media, headers={"Content-Disposition": disposition(name)})


def disposition(name: str, how: str = "attachment") -> str:
    """Return the header that names a file, whatever is in the name."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name.encode('utf-8', 'replace'), safe='')}"


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
