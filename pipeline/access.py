"""Who may do what: seven roles, the acts that pages and programs ask for, and one function that decides.

Default deny: what no role is given nobody may do. The three administrators are apart (三员分立): the system's sees no
paper, the security's gives rights and has none of them, the auditor reads what everybody did and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the office."""

    CLERK = "clerk"
    REVIEWER = "reviewer"
    LEADER = "leader"
    READER = "reader"
    AUDITOR = "auditor"
    SYSTEM = "system"
    SECURITY = "security"


ROLE_LABELS: Mapping[Role, str] = {
    Role.CLERK: "经办人",
    Role.REVIEWER: "复核人",
    Role.LEADER: "领导",
    Role.READER: "查询",
    Role.AUDITOR: "审计员",
    Role.SYSTEM: "系统管理员",
    Role.SECURITY: "安全管理员",
}
ADMINISTRATORS = frozenset({Role.SYSTEM, Role.SECURITY, Role.AUDITOR})


class Act(StrEnum):
    """What a page or a call does."""

    SELF = "self"  # one's own password, session, keys: whoever has an account, also before they have a role
    SEE = "see"  # papers, their texts and originals, search, what is owed
    HAND_IN = "hand_in"
    REVIEW = "review"
    WRITE = "write"  # letters
    BUNDLE = "bundle"
    ROSTER = "roster"  # change it
    RULES = "rules"  # read the rulebook
    JOURNAL = "journal"
    SYSTEM = "system"  # state of the machine, proofs, backup
    OPERATE = "operate"  # start a proof, a backup, a rebuilding
    ACCOUNTS = "accounts"  # see who has one
    ENROL = "enrol"  # make and lock accounts, without rights
    GRANT = "grant"  # give roles and units


_OFFICE = frozenset({Act.SEE, Act.RULES})
RIGHTS: Mapping[Role, frozenset[Act]] = {
    Role.CLERK: _OFFICE | {Act.HAND_IN, Act.WRITE, Act.BUNDLE, Act.ROSTER},
    Role.REVIEWER: _OFFICE | {Act.HAND_IN, Act.REVIEW, Act.WRITE, Act.BUNDLE},
    Role.LEADER: _OFFICE | {Act.REVIEW},
    Role.READER: _OFFICE,
    Role.AUDITOR: frozenset({Act.RULES, Act.JOURNAL, Act.ACCOUNTS}),
    Role.SYSTEM: frozenset({Act.RULES, Act.SYSTEM, Act.OPERATE, Act.ACCOUNTS, Act.ENROL}),
    Role.SECURITY: frozenset({Act.RULES, Act.ACCOUNTS, Act.GRANT}),
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who is known. ``units``: whose papers may be seen, by roster name; None: everybody's."""

    account: str
    name: str
    roles: frozenset[Role]
    units: frozenset[str] | None = None

    @property
    def role_words(self) -> str:
        return "、".join(ROLE_LABELS[role] for role in Role if role in self.roles)


_ANY = object()


def may(viewer: Viewer | None, act: Act, unit: object = _ANY) -> bool:
    """Whether somebody may do this, to a unit's paper where one is named (None: a paper whose unit nobody knows).

    This is the only place that decides: pages, search, downloads, exports and the programs' door all ask here.
    """
    if viewer is None or (act is not Act.SELF and not any(act in RIGHTS[role] for role in viewer.roles)):
        return False
    return unit is _ANY or viewer.units is None or unit in viewer.units


def compatible(roles: frozenset[Role]) -> bool:
    """Whether one person may have these roles together: an administrator has no second one."""
    return len(roles) <= 1 or not roles & ADMINISTRATORS
