"""Six worked examples of the score table, facts and results reckoned by hand from the plan's words; all invented."""

from __future__ import annotations

YES = dict.fromkeys(
    ["eight_rules_measures", "style_mechanism", "eight_rules_check_plan", "violations_published", "check_year_report_sent",
     "no_case_safety_problem", "education_arranged", "leaders_instructions", "study_sessions_held", "party_lecture_given",
     "warning_meeting_held", "power_control_plan", "no_direct_charge_rule", "four_systems", "permit_check_mechanism",
     "penalty_standard_system", "regulation_work_arranged", "tasks_broken_down", "division_issued_as_party_document",
     "midyear_members_report", "reported_to_plenary", "lower_principals_report_system", "year_report_sent"], True,
)  # fmt: skip
NONE = dict.fromkeys(
    ["media_exposures", "cases_circulated_province", "cases_circulated_city", "permit_criticised", "permit_self_reported",
     "penalty_criticised", "penalty_self_reported", "regulations_issued", "province_leader_approvals",
     "principals_disciplined", "members_disciplined", "lower_principals_disciplined", "own_cases_against_unit_heads"], 0,
)  # fmt: skip
CATALOGUES = ["行政职权目录", "权力运行流程图", "廉政风险等级目录"]

ORDINARY = {
    **YES, **NONE, "online_monitoring": False, "penalty_standard_not_published": False, "experience_promoted": False,
    "unhandled_group_case": False, "major_case_accident": False, "media_exposures": 1, "cases_circulated_city": 1,
    "permit_criticised": 3, "permit_self_reported": 2, "penalty_criticised": 1, "penalty_self_reported": 4,
    "regulations_issued": 3, "province_leader_approvals": 1, "lower_principals_disciplined": 2,
    "own_cases_against_unit_heads": 1, "team_vote_rate": "2900/31", "special_campaigns": 2, "concentrated_checks": 4,
    "case_work_rank": 4, "petition_rank": 3, "visit_rank": 5, "required_reply_rank": 2,
    "power_catalogue_elements": CATALOGUES, "standing_committee_studies": 4,
}  # fmt: skip
BEST = {
    **ORDINARY, **NONE, "online_monitoring": True, "experience_promoted": True, "cases_circulated_province": 3,
    "permit_self_reported": 14, "penalty_self_reported": 10, "regulations_issued": 12, "province_leader_approvals": 4,
    "own_cases_against_unit_heads": 2, "team_vote_rate": "95", "special_campaigns": 5, "concentrated_checks": 6,
    "case_work_rank": 1, "petition_rank": 1, "visit_rank": 1, "required_reply_rank": 1,
    "power_catalogue_elements": [*CATALOGUES, "公开"], "standing_committee_studies": 6,
}  # fmt: skip
VETOED = {**ORDINARY, "major_case_accident": True, "cases_circulated_province": 2, "case_work_rank": 1}
_KEPT = {"eight_rules_measures", "education_arranged", "penalty_standard_system", "tasks_broken_down",
         "division_issued_as_party_document", "reported_to_plenary"}  # fmt: skip
WORST = {
    **{name: name in _KEPT for name in YES}, **NONE, "online_monitoring": False, "penalty_standard_not_published": True,
    "experience_promoted": False, "unhandled_group_case": True, "major_case_accident": False, "media_exposures": 9,
    "permit_criticised": 14, "penalty_criticised": 12, "principals_disciplined": 2, "members_disciplined": 3,
    "lower_principals_disciplined": 4, "own_cases_against_unit_heads": 1, "team_vote_rate": "5999/100",
    "special_campaigns": 0, "concentrated_checks": 1, "case_work_rank": 11, "petition_rank": 11, "visit_rank": 11,
    "required_reply_rank": 11, "power_catalogue_elements": [], "standing_committee_studies": 2,
}  # fmt: skip


def _lines(text: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in text.split())


_SAME = (
    "4(1)=2 4(2)=2 4(3)=1 4(4)=2 4(6)=2 4(10)=1 5(1)=3 5(3)=1 5(4)=2 5(5)=1 5(8)=0 2(1)=5 2(2)=2 2(4)=5 3(2)=3 3(3)=0 "
)
_ORDINARY = _lines(
    _SAME + "1=18 2(3)=2 2(5)=-1 3(1)=14 3(4)=0.8 3(5)=0.6 3(6)=1.8 3(7)=1 4(5)=0 4(7)=1.5 4(8)=0.9 4(9)=2.3 4(11)=0.3 "
    "5(2)=1.6 5(6)=1 5(7)=0 5(9)=0"
)
EXAMPLES = {
    "ordinary": (ORDINARY, _ORDINARY, ["18", "13", "21.2", "15", "9.6"], "76.8", "7.68"),
    "best": (
        BEST,
        _lines(_SAME + "1=20 2(3)=3 2(5)=0 3(1)=20 3(4)=1 3(5)=1 3(6)=2 3(7)=6 4(5)=2 4(7)=2 4(8)=2 4(9)=3 4(11)=1 5(2)=2 "
               "5(6)=3 5(7)=3 5(9)=4"),
        ["20", "15", "30", "20", "15"], "100", "10",
    ),
    "vetoed": (VETOED, _ORDINARY | {"3(1)": "20", "3(7)": "5"}, ["18", "13", "0", "15", "9.6"], "55.6", "5.56"),
    "worst": (
        WORST,
        _lines("1=0 2(1)=2 2(2)=0 2(3)=0 2(4)=1 2(5)=-9 3(1)=0 3(2)=0 3(3)=0 3(4)=0 3(5)=0 3(6)=0 3(7)=0 4(1)=1 4(2)=0 4(3)=0 "
               "4(4)=0 4(5)=0 4(6)=0 4(7)=0 4(8)=0 4(9)=0 4(10)=0 4(11)=0 5(1)=3 5(2)=0.8 5(3)=0 5(4)=1 5(5)=0 5(6)=0 5(7)=0 "
               "5(8)=-3 5(9)=-18"),
        ["0", "0", "0", "1", "0"], "1", "0.1",
    ),
}  # fmt: skip
# kind, ballots 较好以上, valid ballots, own points, score with a team of 7.68
PERSONS = [
    ("principal", 214, 238, "9.5", "8.59"),
    ("principal", 180, 200, "10", "8.84"),
    ("member", 140, 200, "6.5", "6.854"),
    ("member", 599, 1000, "2", "3.704"),
]
