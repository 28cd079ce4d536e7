"""The ledger's tables. Every change of them is a migration; ``docs/formats.md`` describes them for other programs."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# one row per document registered; the machine's findings as JSON beside the columns that queries need
entries = sa.Table(
    "entries",
    metadata,
    sa.Column("number", sa.String(16), primary_key=True),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False, unique=True),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("arrived_at", sa.String(40), nullable=False),  # ISO 8601, UTC
    sa.Column("received", sa.Date, nullable=False),  # first arrival of the version group, office's calendar
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("unit", sa.Text),
    sa.Column("person", sa.Text),
    sa.Column("duty_year", sa.Integer),
    sa.Column("period", sa.String(16)),
    sa.Column("due", sa.Date),
    sa.Column("on_time", sa.Boolean),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("previous", sa.String(16), sa.ForeignKey("entries.number")),
    sa.Column("identity", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.UniqueConstraint("year", "seq"),
    sa.Index("ix_entries_owner", "unit", "kind", "period"),
    sa.Index("ix_entries_name", "name"),
    sa.Index(
        "ix_entries_stock", "duty_year", "year", "seq", "unit", "person", "kind", "number"
    ),  # in the order of pages
)

# one row per arrival, of whatever fate; the key makes a second walk after a crash find the first
arrivals = sa.Table(
    "arrivals",
    metadata,
    sa.Column("key", sa.String(100), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("arrived_at", sa.String(40), nullable=False),
    sa.Column("sha256", sa.String(64)),
    sa.Column("outcome", sa.String(16), nullable=False),  # registered | duplicate | set_aside
    sa.Column("entry", sa.String(16), sa.ForeignKey("entries.number")),
    sa.Column("code", sa.String(40)),
    sa.Column("reason", sa.Text),
    sa.Index("ix_arrivals_entry", "entry"),
    sa.Index("ix_arrivals_day", "arrived_at"),
)

# arrivals whose bytes are safe and whose walk is not finished, oldest first; ``needs``: what a paper waits for
claims = sa.Table(
    "claims",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.String(100), nullable=False, unique=True),
    sa.Column("arrival", sa.Text, nullable=False),  # JSON
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("claimed_at", sa.String(40), nullable=False),  # ISO 8601, UTC
    sa.Column("needs", sa.String(100), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
)

# what the reader found, deflated JSON: rebuilding the index needs no second reading
texts = sa.Table(
    "texts",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("passages", sa.LargeBinary, nullable=False),
)

# entries whose index row or receipt a stopped run still owes
pending = sa.Table(
    "pending",
    metadata,
    sa.Column("entry", sa.String(16), sa.ForeignKey("entries.number"), primary_key=True),
)

# a person's decisions, newest last; the machine's verdict stays as it was
decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("entry", sa.String(16), sa.ForeignKey("entries.number"), nullable=False),
    sa.Column("decided_at", sa.String(40), nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("decision", sa.String(16), nullable=False),  # accept | return
    sa.Column("items", sa.Text, nullable=False),  # JSON: item → status
    sa.Column("note", sa.Text, nullable=False),
    sa.Index("ix_decisions_entry", "entry"),
)

# the register of letters (发文登记); ``subject`` names what the letter answers, so that it is written once
letters = sa.Table(
    "letters",
    metadata,
    sa.Column("number", sa.String(80), primary_key=True),
    sa.Column("series", sa.String(40), nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("unit", sa.Text),
    sa.Column("person", sa.Text),
    sa.Column("entry", sa.String(16)),
    sa.Column("clause", sa.Text, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("made_on", sa.Date, nullable=False),
    sa.UniqueConstraint("series", "year", "seq"),
    sa.UniqueConstraint("kind", "subject"),
)

# what people noted of a case: its opening and the steps they took; everything else about a case is derived
steps = sa.Table(
    "steps",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("workflow", sa.String(64), nullable=False),
    sa.Column("case_key", sa.Text, nullable=False),
    sa.Column("unit", sa.Text),
    sa.Column("person", sa.Text),
    sa.Column("period", sa.String(16), nullable=False),
    sa.Column("state", sa.String(64), nullable=False),
    sa.Column("happened_on", sa.Date, nullable=False),
    sa.Column("due", sa.Date),
    sa.Column("entry", sa.String(16)),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.String(40), nullable=False),
    sa.Index("ix_steps_case", "case_key"),
)

# meetings, talks, lectures, inspections … that the office records by hand; each counts towards one obligation
events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("obligation", sa.String(64), nullable=False),
    sa.Column("happened_on", sa.Date, nullable=False),
    sa.Column("unit", sa.Text),
    sa.Column("person", sa.Text),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),  # JSON
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.String(40), nullable=False),
    sa.Index("ix_events_day", "happened_on"),
)

# 件 with their 档号, given once and never changed; ``subject``: an entry's or a letter's number
items = sa.Table(
    "items",
    metadata,
    sa.Column("subject", sa.String(80), primary_key=True),
    sa.Column("code", sa.String(60), nullable=False, unique=True),
    sa.Column("fonds", sa.String(4), nullable=False),
    sa.Column("category", sa.String(2), nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("retention", sa.String(4), nullable=False),
    sa.Column("department", sa.String(4), nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("filed_at", sa.String(40), nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.UniqueConstraint("fonds", "category", "year", "retention", "department", "seq"),
)

# copies in a lasting format (版式件) that were made of an original; both are objects of the archive
renditions = sa.Table(
    "renditions",
    metadata,
    sa.Column("source", sa.String(64), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("format", sa.String(20), nullable=False),
    sa.Column("pages", sa.Integer, nullable=False),
    sa.Column("maker", sa.Text, nullable=False),
    sa.Column("made_at", sa.String(40), nullable=False),
)

# a year's assessment as it was decided; triggers refuse changes, a correction is a further version
assessments = sa.Table(
    "assessments",
    metadata,
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),  # JSON: the whole result
    sa.Column("sha256", sa.String(64), nullable=False),  # of the content
    sa.Column("frozen_on", sa.Date, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
)

# the roster as imported, newest last; an old one is never overwritten
rosters = sa.Table(
    "rosters",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("imported_at", sa.String(40), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
)

# when the rolling check last hashed each object; ``seen``: not yet, known since then
fixity_checks = sa.Table(
    "fixity_checks",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("checked_at", sa.String(40), nullable=False),
    sa.Column("result", sa.String(16), nullable=False),  # seen | good | damaged | missing
)

# searches kept under a name; each of their keeper's own
saved_searches = sa.Table(
    "saved_searches",
    metadata,
    sa.Column("owner", sa.String(100), primary_key=True),
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("sort", sa.String(16), nullable=False),  # date | relevance
    sa.Column("saved_at", sa.String(40), nullable=False),
)

# who may use the pages; ``units``: JSON list of those whose papers may be seen, null for all
accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("full_name", sa.Text, nullable=False),
    sa.Column("password", sa.Text, nullable=False),  # argon2id, with its salt and cost
    sa.Column("roles", sa.Text, nullable=False),  # JSON list
    sa.Column("units", sa.Text, nullable=False),
    sa.Column("locked", sa.Boolean, nullable=False),
    sa.Column("fresh", sa.Boolean, nullable=False),  # the password is another's choice and must be changed
    sa.Column("made_at", sa.String(40), nullable=False),
)

# somebody who has come in, and programs with a lasting key; only the hash of what they show is kept
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("secret", sa.String(64), primary_key=True),  # SHA-256
    sa.Column("account", sa.String(40), sa.ForeignKey("accounts.name"), nullable=False),
    sa.Column("label", sa.Text, nullable=False),  # '' for a person's session; what a program's key is for
    sa.Column("made_at", sa.String(40), nullable=False),
    sa.Column("seen_at", sa.String(40), nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Index("ix_sessions_account", "account"),
)

# failed logins by account and by address, and until when the next one is not even looked at
attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("who", sa.String(120), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", sa.String(40), nullable=False),
)

# what was done, chained by hash, written in the same transaction as the act; triggers refuse changes
journal = sa.Table(
    "journal",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("act", sa.String(40), nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),  # canonical JSON
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Index("ix_journal_object", "object"),
    sa.Index("ix_journal_act", "act", "seq"),
)
