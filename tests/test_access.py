"""Who may do what: every role and every act, decided in one place."""

from __future__ import annotations

import pytest

from pipeline.access import RIGHTS, Act, Role, Viewer, compatible, may

ALLOWED = {
    Role.CLERK: "self see hand_in write bundle roster rules",
    Role.REVIEWER: "self see hand_in review write bundle rules",
    Role.LEADER: "self see review rules",
    Role.READER: "self see rules",
    Role.AUDITOR: "self rules journal accounts",
    Role.SYSTEM: "self rules system operate accounts enrol",
    Role.SECURITY: "self rules accounts grant",
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("act", Act)
def test_a_role_may_do_what_is_written_here_and_nothing_else(role, act):
    """ensures that a right is given on purpose: here and in the table."""
    assert may(Viewer("a", "a", frozenset({role})), act) == (act.value in ALLOWED[role].split())


@pytest.mark.parametrize("act", Act)
def test_nobody_and_somebody_without_a_role_may_do_nothing(act):
    """ensures default deny; who waits for a role may change the password they were given."""
    assert not may(None, act)
    assert may(Viewer("a", "a", frozenset()), act) == (act is Act.SELF)


def test_a_restriction_holds_for_other_units_and_for_papers_of_no_unit():
    """ensures that who sees one unit does not see what may be another's."""
    viewer = Viewer("a", "a", frozenset({Role.READER}), frozenset({"甲"}))
    assert may(viewer, Act.SEE, "甲")
    assert not may(viewer, Act.SEE, "乙")
    assert not may(viewer, Act.SEE, None)
    assert may(Viewer("b", "b", frozenset({Role.READER})), Act.SEE, None)


def test_the_three_administrators_are_three_people_and_see_no_paper():
    """ensures 三员分立."""
    administrators = (Role.SYSTEM, Role.SECURITY, Role.AUDITOR)
    assert not any(Act.SEE in RIGHTS[role] for role in administrators)
    for one in administrators:
        for other in set(Role) - {one}:
            assert not compatible(frozenset({one, other}))
    assert compatible(frozenset({Role.CLERK, Role.REVIEWER}))
    assert not (RIGHTS[Role.SYSTEM] & {Act.GRANT, Act.JOURNAL}) and not (
        RIGHTS[Role.SECURITY] & {Act.ENROL, Act.JOURNAL}
    )
