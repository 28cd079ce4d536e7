"""Every route has its rule, and holds it: roles, other people's units, nobody at all. A route without a row here fails."""

from __future__ import annotations

import pytest
from fastapi.routing import APIRoute

from pipeline.access import Act, Role, Viewer, may
from pipeline.web.app import ROOMS
from pipeline.web.visit import Allowed
from tests.documents import drop, leadership_report
from tests.web.visitors import HOST, login, new_workspace, served, stranger, taken_in

OPEN = {"/login"}  # the door itself
OURS, THEIRS = "中共汀州市教育局党组", "中共汀州市水利局党组"
# routes about one unit's thing: what stands for their parameters, so that {} is ours or theirs
ABOUT_A_PAPER = {"number"}


def rule_of(route: APIRoute) -> Act | None:
    """Return the act that a route asks for."""
    rules = [d.call for d in route.dependant.dependencies if isinstance(d.call, Allowed)]
    return rules[0].act if len(rules) == 1 else None


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    workspace = new_workspace(tmp_path_factory.mktemp("routes"))
    drop(workspace / "inbox", "甲.docx", leadership_report(OURS))
    drop(workspace / "inbox", "乙.docx", leadership_report(THEIRS))
    with served(workspace) as app:
        taken_in(app)
        yield app


def routes() -> list[APIRoute]:
    """Return every route of every room; there are no others (``test_there_are_no_routes_but_the_rooms``)."""
    return [route for room in ROOMS for route in room.router.routes]


ROUTES = [(route, method) for route in routes() for method in sorted(route.methods)]
NAMES = [f"{method} {route.path}" for route, method in ROUTES]


def visitor_of(app, role, *units):
    """Return somebody with this role who has just come in."""
    return login(app, *([role] if role else []), units=units or None)


def call(visitor, method: str, path: str):
    if path.startswith("/api/") and path.endswith("/review"):
        given = {"json": {"decision": "accept"}, "headers": {"origin": HOST, "x-csrf-token": visitor.csrf}}
    else:
        given = {"data": {"csrf": visitor.csrf} if method != "GET" else None, "headers": {"origin": HOST}}
    return visitor.request(method, path, **given)


def filled(route: APIRoute, number: str) -> str:
    """Return the route's path about this paper; other parameters are of no account here."""
    path = route.path
    for name in route.param_convertors:
        given = number if name in ABOUT_A_PAPER else "1"
        path = path.replace(f"{{{name}}}", given).replace(f"{{{name}:path}}", given).replace(f"{{{name}:int}}", "1")
    return path


def test_there_are_no_routes_but_the_rooms(app):
    """ensures that nothing is mounted beside the rooms, and no description of them is open."""
    others = [route for route in app.routes if not hasattr(route, "original_router")]
    assert [route.path for route in others] == ["/static"]
    assert len(app.routes) == len(ROOMS) + 1
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert stranger(app).get(path).status_code == 404


@pytest.mark.parametrize(("route", "method"), ROUTES, ids=NAMES)
def test_a_route_has_exactly_one_rule(route, method):
    """ensures that no page is open by forgetfulness."""
    assert route.path in OPEN or rule_of(route) is not None


@pytest.mark.parametrize(("route", "method"), [r for r in ROUTES if r[0].path not in OPEN],
                         ids=[n for n, r in zip(NAMES, ROUTES, strict=True) if r[0].path not in OPEN])  # fmt: skip
def test_a_route_lets_in_whom_its_rule_names(app, route, method):
    """ensures for every role that it is let in or refused as the one table says, and that nobody else is."""
    nobody = call(stranger(app), method, filled(route, "2026-0001"))
    assert nobody.status_code == 401 or nobody.headers.get("location") == "/login"
    act = rule_of(route)
    for role in Role:
        answer = call(visitor_of(app, role), method, filled(route, "2026-0001"))
        right = may(Viewer("x", "x", frozenset({role})), act)
        assert (answer.status_code not in {401, 403}) == right, (role, answer.status_code, answer.text[:300])
        assert answer.status_code < 500, answer.text[:500]
    assert call(visitor_of(app, None), method, filled(route, "2026-0001")).status_code in (
        {403} if act is not Act.SELF else range(200, 500)
    )


@pytest.mark.parametrize(("route", "method"), [r for r in ROUTES if "{number" in r[0].path],
                         ids=[n for n, r in zip(NAMES, ROUTES, strict=True) if "{number" in r[0].path])  # fmt: skip
def test_another_units_paper_does_not_exist(app, route, method):
    """ensures 404 for every role that sees one unit only, on every route about one paper."""
    ours, theirs = ({e.identity.unit: e.number for e in app.state.office.ledger.entries()}[u] for u in (OURS, THEIRS))
    for role in Role:
        if not may(Viewer("x", "x", frozenset({role})), rule_of(route)):
            continue
        visitor = visitor_of(app, role, OURS)
        assert call(visitor, method, filled(route, theirs)).status_code == 404
        if method == "GET" and route.path in {"/papers/{number}", "/papers/{number}/original", "/review/{number}"}:
            assert call(visitor, method, filled(route, ours)).status_code == 200


def test_lists_show_only_ones_own_unit(app):
    """ensures that no list, count or download betrays another unit's paper."""
    visitor = login(app, Role.CLERK, units=[OURS])
    theirs = next(e for e in app.state.office.ledger.entries() if e.identity.unit == THEIRS)
    for path in ("/", "/papers", "/intake", f"/papers?unit={THEIRS}", "/duties", "/search?q=党风廉政", "/letters", "/archives",
                 "/search?q=单位:水利局", "/roster"):  # fmt: skip
        answer = visitor.get(path)
        if answer.status_code == 404:
            continue
        assert answer.status_code == 200, path
        assert f"/papers/{theirs.number}" not in answer.text, path
        assert theirs.identity.title not in answer.text, path
