"""The rulebook as the other rooms see it: frozen, typed, each section keyed by id. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.rulebook.assessment import Assessment
from pipeline.rulebook.due import Due, DueTerm, Term, WorkdayRules
from pipeline.rulebook.parts import (
    Ambiguity,
    Archives,
    ContentList,
    DocumentKind,
    Head,
    Institution,
    Item,
    LetterKind,
    Obligation,
    Party,
    Workflow,
)
from pipeline.rulebook.weights import Weights

OTHER = "other"
OTHER_LABEL = "其他材料"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What a plan demands. Mappings keep the order of the files; ``terms`` are keyed by their phrase.

    ``weights``: trained weights for judging its lists; without them the items' hints serve.
    """

    head: Head
    institutions: Mapping[str, Institution]
    parties: Mapping[str, Party]
    lists: Mapping[str, ContentList] = field(default_factory=dict)
    kinds: Mapping[str, DocumentKind] = field(default_factory=dict)
    terms: Mapping[str, Term] = field(default_factory=dict)
    obligations: Mapping[str, Obligation] = field(default_factory=dict)
    workflows: Mapping[str, Workflow] = field(default_factory=dict)
    letters: Mapping[str, LetterKind] = field(default_factory=dict)
    ambiguities: Mapping[str, Ambiguity] = field(default_factory=dict)
    events: Mapping[str, str] = field(default_factory=dict)
    archives: Archives | None = None
    assessment: Assessment | None = None
    calendar: WorkdayRules = field(default_factory=WorkdayRules)
    weights: Weights | None = field(default=None, compare=False, repr=False)

    @property
    def id(self) -> str:
        return self.head.id

    @property
    def title(self) -> str:
        return self.head.title

    def kind_label(self, kind: str) -> str:
        """The Chinese name of a document kind; a kind that is not in the rulebook is 其他材料."""
        found = self.kinds.get(kind)
        return found.title if found else OTHER_LABEL

    def list_items(self, list_id: str) -> tuple[Item, ...]:
        return self.lists[list_id].items

    def lists_for(self, kind: str, role: str | None = None) -> tuple[tuple[str, tuple[Item, ...]], ...]:
        """The lists that judge a kind when its writer has this role, each with its items.

        A list that is only for one role judges the papers of that role alone; with ``role`` None it is left out.
        """
        found = self.kinds.get(kind)
        contents = found.content if found else ()
        return tuple((c.list, self.list_items(c.list)) for c in contents if c.only_for in (None, role))

    def items_for(self, kind: str, role: str | None = None) -> tuple[tuple[str, Item], ...]:
        """The items that judge a kind, each with its id: ``"4"``, or ``"list_id.4"`` where several lists can judge it.

        Whether ids carry the list depends on the kind alone, so one item keeps one id for every writer.
        """
        several = kind in self.kinds and len(self.kinds[kind].content) > 1
        return tuple(
            (f"{list_id}.{item.n}" if several else str(item.n), item)
            for list_id, items in self.lists_for(kind, role)
            for item in items
        )

    def item_name(self, item: str) -> str:
        """What people call an item named as ``items_for`` does: 第 4 项, with its list's title where several lists judge."""
        list_id, _, n = item.rpartition(".")
        return (self.lists[list_id].title if list_id in self.lists else "") + f"第 {n} 项"

    def item_words(self, kind: str, item: str) -> str:
        """The words in the plan of an item of this kind, named as ``items_for`` does; '' where there is none."""
        list_id, _, n = item.rpartition(".")
        found = self.kinds.get(kind)
        chosen = list_id or (found.content[0].list if found and found.content else "")
        items = self.list_items(chosen) if chosen in self.lists else ()
        return next((i.text for i in items if str(i.n) == n), "")

    def timing(self, due: Due) -> Due:
        """The same due with the plan's word (``term``) replaced by the days it stands for."""
        return self.terms[due.term].timing if isinstance(due, DueTerm) else due

    def obligations_for(self, kind: str) -> tuple[Obligation, ...]:
        """The obligations that a paper of this kind proves."""
        return tuple(o for o in self.obligations.values() if kind in o.doc)
