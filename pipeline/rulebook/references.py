"""Which ids an entry of the rulebook names, and where: (path inside the entry, id, section the id belongs to)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.rulebook.assessment import Assessment
from pipeline.rulebook.due import DueAfter, DueBefore, DueTerm, Term
from pipeline.rulebook.model import Rulebook
from pipeline.rulebook.parts import (
    Archives,
    ArchiveSection,
    DocumentKind,
    Institution,
    LetterKind,
    Obligation,
    Pair,
    Party,
    Share,
    Workflow,
)

Step = str | int
Reference = tuple[tuple[Step, ...], str, str]
# words of a letter's ``to`` and of a score's ``provider`` that mean somebody of the case at hand
OF_THE_CASE = frozenset({"unit", "person", "lower", "upper", "all_units"})


def references(rulebook: Rulebook) -> Iterator[tuple[str, str, Reference]]:
    """Every reference of a rulebook, as (section, entry id, reference)."""
    r = rulebook
    for section, entry, found in (
        *(("institutions", i, _institution(e)) for i, e in r.institutions.items()),
        *(("parties", i, _party(e)) for i, e in r.parties.items()),
        *(("terms", i, _term(e)) for i, e in r.terms.items()),
        *(("document_types", i, _kind(e)) for i, e in r.kinds.items()),
        *(("obligations", i, _obligation(e)) for i, e in r.obligations.items()),
        *(("workflows", i, _workflow(e)) for i, e in r.workflows.items()),
        *(("letters", i, _letter(e)) for i, e in r.letters.items()),
        *([("archives", "archives", _archives(r.archives))] if r.archives else []),
        *([("assessment", "assessment", _assessment(r.assessment))] if r.assessment else []),
    ):
        for reference in found:
            yield section, entry, reference


def _each(key: Step, ids: Iterable[str], section: str, *before: Step) -> Iterator[Reference]:
    for n, name in enumerate(ids):
        yield (*before, key, n), name, section


def _maybe(key: Step, name: str | None, section: str, *before: Step) -> Iterator[Reference]:
    if name is not None:
        yield (*before, key), name, section


def _institution(e: Institution) -> Iterator[Reference]:
    yield from _each("lead", e.lead, "parties")


def _party(e: Party) -> Iterator[Reference]:
    yield from _each("includes", e.includes, "parties")
    yield from _maybe("hosts", e.hosts, "parties")
    yield from _maybe("at_city_level_is", e.at_city_level_is, "parties")


def _term(e: Term) -> Iterator[Reference]:
    yield from _maybe("superseded_by", e.superseded_by, "terms")


def _kind(e: DocumentKind) -> Iterator[Reference]:
    yield ("institution",), e.institution, "institutions"
    for key, parties in (("maker", e.maker), ("of", e.of), ("to", e.to), ("copy_to", e.copy_to)):
        yield from _each(key, parties, "parties")
    for key, party in (("keeper", e.keeper), ("prepared_by", e.prepared_by), ("drafted_by", e.drafted_by)):
        yield from _maybe(key, party, "parties")
    for n, content in enumerate(e.content):
        yield ("content", n, "list"), content.list, "lists"
        yield from _maybe("only_for", content.only_for, "parties", "content", n)
    for n, filing in enumerate(e.archive):
        yield ("archive", n, "file"), filing.file, "files"
        yield from _maybe("who", filing.who, "parties", "archive", n)
    for n, pair in enumerate(e.parties_pairs):
        yield from _pair(pair, n)
    if e.signed_review:
        yield ("signed_review", "by"), e.signed_review.by, "parties"
    if e.match:
        for name in e.match.decide_by:
            yield ("match", "decide_by", name), name, "document_types"


def _pair(pair: Pair, n: int) -> Iterator[Reference]:
    for key, party in (("upper", pair.upper), ("lower", pair.lower), ("of", pair.of)):
        yield from _maybe(key, party, "parties", "parties_pairs", n)


def _obligation(e: Obligation) -> Iterator[Reference]:
    yield ("institution",), e.institution, "institutions"
    yield from _each("actor", e.actor, "parties")
    yield from _each("to", e.to, "parties")
    yield from _each("doc", e.doc, "document_types")
    yield from _each("amb", e.amb, "ambiguities")
    yield from _maybe("scored_in", e.scored_in, "score lines")
    if isinstance(e.min, Share):
        yield from _each("of", e.min.of, "parties", "min")
    if isinstance(e.due, DueTerm):
        yield ("due", "term"), e.due.term, "terms"
    elif isinstance(e.due, DueAfter):
        yield ("due", "after"), e.due.after, "events"
    elif isinstance(e.due, DueBefore):
        yield ("due", "before"), e.due.before, "events"


def _workflow(e: Workflow) -> Iterator[Reference]:
    yield ("institution",), e.institution, "institutions"
    for n, step in enumerate(e.transitions):
        yield from _maybe("letter", step.letter, "letters", "transitions", n)
    if e.on_close:
        yield ("on_close", "write"), e.on_close.write, "document_types"


def _letter(e: LetterKind) -> Iterator[Reference]:
    yield ("institution",), e.institution, "institutions"
    yield from _each("makes", e.makes, "document_types")
    for n, party in enumerate(e.to):
        if party not in OF_THE_CASE:
            yield ("to", n), party, "parties"
    for name, per_kind in e.per_kind.items():
        yield ("per_kind", name), name, "document_types"
        yield ("per_kind", name, "list"), per_kind.list, "lists"


def _archives(e: Archives) -> Iterator[Reference]:
    for key, sections in (("unit_sections", e.unit_sections), ("person_sections", e.person_sections)):
        for n, section in enumerate(sections):
            yield from _section(section, key, n)


def _section(e: ArchiveSection, key: str, n: int) -> Iterator[Reference]:
    yield from _each("takes", e.takes, "document_types", key, n)
    yield from _each("copy_to_cadre", e.copy_to_cadre, "document_types", key, n)


def _assessment(e: Assessment) -> Iterator[Reference]:
    yield ("subjects",), e.subjects, "parties"
    for s, section in enumerate(e.sections):
        for n, line in enumerate(section.lines):
            here = ("sections", s, "lines", n)
            yield from _each("amb", line.amb, "ambiguities", *here)
            for p, part in enumerate(line.parts):
                if part.provider not in OF_THE_CASE:
                    yield (*here, "parts", p, "provider"), part.provider, "parties"
                yield from _each("proven_by", part.proven_by, "obligations", *here, "parts", p)
    for n, reading in enumerate(e.readings):
        yield ("readings", n, "amb"), reading.amb, "ambiguities"
    yield from _each("subject_classes", e.subject_classes, "parties")
    for n, person in enumerate(e.persons.kinds):
        yield ("persons", "kinds", n, "id"), person.id, "parties"
    for n, adjustment in enumerate(e.adjustments):
        yield from _each("amb", adjustment.amb, "ambiguities", "adjustments", n)
    if e.transfer:
        yield from _each("amb", e.transfer.amb, "ambiguities", "transfer")
    if e.combine:
        yield from _each("amb", e.combine.amb, "ambiguities", "combine")
