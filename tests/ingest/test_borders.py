"""Dated rules, and hours of single weeks, that do not hold in all the weeks planned."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jointplan.errors import DataIssue
from jointplan.ingest import Planned
from jointplan.logistics import built_in_rows
from jointplan.texts import set_language

WEEKS = Planned(date(2026, 3, 16), 4)  # Mondays 16, 23 and 30 March and 6 April
DUTIES = "market,hs,origin,from_date,to_date,rate\n"
MODES = "code,from_date,to_date,refund\n"
LANES = "lane,origin,destination,mode,tariff,transit_days,export_mode\n"
TARIFFS = "tariff,basis,from_quantity,to_quantity,rate\n"


def found(cluster: Any, rule: str, planned: Planned = WEEKS, **options: Any) -> list[DataIssue]:
    """Return what a rule finds in the weeks planned; it must only warn, with a cure."""
    issues = [issue for issue in cluster.check(**options).planned_issues(planned) if issue.rule == rule]
    assert all(issue.severity == "warning" and issue.cure for issue in issues)
    return issues


def told(issues: list[DataIssue]) -> list[tuple[int | None, str, str]]:
    return [(issue.row, issue.column, issue.value) for issue in issues]


def test_decided_lots_far_from_the_weeks_planned_are_asked_about(cluster: Any) -> None:
    """A lot a year before or after is rather a slip of the year; one of weeks gone by, or soon to come, is not."""
    weeks = ("2025-03-17", "2025-03-10", "2026-03-16", "2027-04-05", "2027-04-12")
    rows = "".join(f"{week},F1,P1,F2,5\n" for week in weeks)
    cluster.write("approved", f"week,firm,sku,seller,quantity\n{rows}")
    issues = found(cluster, "lot_far_from_weeks")
    assert told(issues) == [(3, "week", "2025-03-10"), (6, "week", "2027-04-12")]
    assert "2026-03-16 to 2026-04-06" in issues[0].message


@pytest.mark.parametrize(
    ("rows", "where", "when"),
    [
        ("DE,,,2026-01-01,2026-03-31,0.1\n", [(2, "to_date", "2026-03-31")], "from the week of 2026-04-06 on"),
        ("DE,,,2026-01-01,2026-04-06,0.1\n", [], ""),
        ("DE,,,2026-01-01,2026-03-31,0.1\nDE,,,2026-04-01,,0.2\n", [], ""),
        (
            "DE,,,2026-01-01,2026-03-20,0.1\nDE,,,2026-04-01,,0.2\n",
            [(2, "to_date", "2026-03-20")],
            "in the weeks of 2026-03-23 to 2026-03-30",
        ),
        ("DE,,,2026-03-17,,0.1\n", [(2, "from_date", "2026-03-17")], "in the week of 2026-03-16"),
        ("DE,,,2027-01-01,,0.1\n", [(2, "from_date", "2027-01-01")], "from the week of 2026-03-16 on"),
        ("DE,85,,2026-01-01,2026-03-31,0.1\nDE,,,2026-01-01,,0.2\n", [], ""),
        ("DE,85,,2026-01-01,,0.1\nDE,,,2026-01-01,2026-03-31,0.2\n", [(3, "to_date", "2026-03-31")], "2026-04-06"),
        ("DE,,VN,2026-01-01,2026-03-31,0.1\n", [], ""),
    ],
    ids=[
        "ends", "ends on the last Monday", "followed", "pauses", "begins late", "begins after", "wider rule goes on",
        "narrower rule goes on", "of goods of another origin",
    ],
)  # fmt: skip
def test_duties_that_leave_weeks_without_a_rule_are_told(
    cluster: Any, rows: str, where: list[tuple[int, str, str]], when: str
) -> None:
    """By the calendar: on Mondays with no row for goods, with the row that ends before or begins after."""
    cluster.write("duties", DUTIES + rows)
    issues = found(cluster, "duty_rule_not_in_force")
    assert told(issues) == where
    assert all(when in issue.message and issue.file.endswith("duties.csv") for issue in issues)


def test_rules_of_the_home_market_are_not_missed(cluster: Any) -> None:
    """Nothing is paid where goods cross no border."""
    cluster.write("duties", DUTIES + "DE,,,2026-01-01,2026-03-31,0.1\n")
    assert found(cluster, "duty_rule_not_in_force", Planned(WEEKS.start, 4, home="DE")) == []


def test_export_modes_that_lanes_take_are_told_where_they_do_not_hold(cluster: Any) -> None:
    """E2 ends on a Sunday and is taken; E1 goes on, E3 is taken by no lane, unless the settings give it to all."""
    cluster.write("tariffs", TARIFFS + "T1,kg,0,,2\n")
    cluster.write("lanes", LANES + "L1,*,DE,sea,T1,1,E1\nL2,*,US,sea,T1,1,E2\n")
    cluster.write("export_modes", MODES + "E1,2026-01-01,,1\nE2,2026-01-01,2026-03-29,1\nE3,2026-01-01,2026-03-22,1\n")
    [issue] = found(cluster, "export_mode_not_in_force")
    assert told([issue]) == [(3, "to_date", "2026-03-29")]
    assert "from the week of 2026-03-30 on" in issue.message
    by_setting = found(cluster, "export_mode_not_in_force", Planned(WEEKS.start, 4, export_mode="E3"))
    assert [issue.row for issue in by_setting] == [3, 4]


@pytest.mark.parametrize(
    ("lang", "messages"),
    [
        ("en", [
            "The rule of duty and tax for DE ends on 2026-03-31: for goods that arrive from the week of 2026-04-06 on none is known, and none is counted.",
            "The rule of duty and tax for US begins on 2026-03-17: for goods that arrive in the week of 2026-03-16 none is known, and none is counted.",
            "The export mode E1 ends on 2026-03-31: for goods that arrive from the week of 2026-04-06 on it has no rule, and no refund is counted.",
            "The export mode E2 begins on 2026-03-17: for goods that arrive in the week of 2026-03-16 it has no rule, and no refund is counted.",
        ]),
        ("zh", [
            "DE 的关税与税规则于 2026-03-31 失效：自 2026-04-06 当周起到达的货物没有已知规则，不计关税与税。",
            "US 的关税与税规则自 2026-03-17 起生效：在 2026-03-16 当周到达的货物没有已知规则，不计关税与税。",
            "出口方式 E1 于 2026-03-31 失效：自 2026-04-06 当周起到达的货物没有有效规则，不计退税。",
            "出口方式 E2 自 2026-03-17 起生效：在 2026-03-16 当周到达的货物没有有效规则，不计退税。",
        ]),
    ],
)  # fmt: skip
def test_a_rule_that_ends_and_one_that_begins_are_told_in_whole_sentences(
    cluster: Any, lang: str, messages: list[str]
) -> None:
    """Each says which day it turns, for which weeks nothing holds, and what is left out."""
    cluster.write("tariffs", TARIFFS + "T1,kg,0,,2\n")
    cluster.write("lanes", LANES + "L1,*,DE,sea,T1,1,E1\nL2,*,US,sea,T1,1,E2\n")
    cluster.write("duties", DUTIES + "DE,,,2026-01-01,2026-03-31,0.1\nUS,,,2026-03-17,,0.1\n")
    cluster.write("export_modes", MODES + "E1,2026-01-01,2026-03-31,1\nE2,2026-03-17,,1\n")
    set_language(lang)
    rules = ("duty_rule_not_in_force", "export_mode_not_in_force")
    assert [issue.message for rule in rules for issue in found(cluster, rule)] == messages


def test_rules_of_the_program_are_told_where_they_are_taken(cluster: Any) -> None:
    """The British relief ends in March 2029 at the latest, mode 9810 begins on 2020-07-01: market and lane are named."""
    shipped = {name: built_in_rows(name) for name in ("weight_rules", "containers", "duties", "export_modes")}
    cluster.write("markets", "market,country,currency\nDE,DE,EUR\nUS,GB,EUR\n")
    cluster.write("tariffs", TARIFFS + "T1,kg,0,,2\n")
    cluster.write("lanes", LANES + "L1,*,DE,sea,T1,1,0110\nL2,*,US,sea,T1,1,9810\n")
    late = Planned(date(2029, 3, 26), 2)
    assert {issue.row for issue in found(cluster, "duty_rule_not_in_force", late, built_in=shipped)} == {2, 3}
    [lane] = found(cluster, "export_mode_not_in_force", Planned(date(2020, 6, 22), 3), built_in=shipped)
    assert (lane.table, lane.row, lane.column, lane.value) == ("lanes", 3, "export_mode", "9810")
    assert "in the weeks of 2020-06-22 to 2020-06-29" in lane.message
    assert found(cluster, "duty_rule_not_in_force", late) == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("F1,P1,US,2026-03-01\n", [(2, "expiry", "2026-03-01")]),
        ("F1,P1,US,2026-03-21\n", [(2, "expiry", "2026-03-21")]),
        ("F1,P1,US,2026-03-22\n", []),
        ("F1,P1,US,2026-03-01\nF1,,US,\n", []),
        ("F1,P1,US,2025-03-01\n,P1,US,2026-03-02\n", [(3, "expiry", "2026-03-02")]),
    ],
    ids=["run out", "ends in the first week", "covers the first week", "another for all", "the longest"],
)
def test_a_certificate_that_has_run_out_is_told(cluster: Any, rows: str, expected: list[tuple[int, str, str]]) -> None:
    """As products without any are: a certificate covers the weeks that end before it does, and the longest of a product is named."""
    cluster.write("certificates", "firm,sku,market,expiry\n" + rows + "F1,P2,US,2030-01-01\n")
    issues = found(cluster, "certificate_run_out")
    assert told(issues) == expected
    assert all("P1 for US" in issue.message for issue in issues)


def test_a_tariff_whose_last_band_ends_is_told(cluster: Any) -> None:
    """Whatever the order of its rows; one that goes on is not, nor one by the container."""
    cluster.write("lanes", "lane,origin,destination,mode,tariff,transit_days\nL1,*,DE,sea,T1,1\nL2,*,US,sea,T2,1\n")
    cluster.write("tariffs", TARIFFS + "T1,kg,10,20,2\nT1,kg,0,10,3\nT2,m3,0,10,3\nT2,m3,10,,2\nT3,container,0,5,9\n")
    [issue] = cluster.issues("tariff_that_ends")
    assert (issue.row, issue.column, issue.value, issue.severity) == (2, "to_quantity", "20", "warning")
    assert "ends at 20 kg" in issue.message


CAPACITY = "firm,process,week,hours\n"


@pytest.mark.parametrize(
    ("rows", "where", "said"),
    [
        ("F1,x,,40\n", [], ""),
        ("F1,x,,40\nF1,x,2026-03-23,0\n", [], ""),
        ("F1,x,2026-03-16,40\nF1,x,2026-03-23,40\nF1,x,2026-03-30,0\nF1,x,2026-04-06,40\n", [], ""),
        # The week of a day that is no Monday is that of its Monday.
        ("F1,x,2026-03-17,40\nF1,x,2026-03-25,40\nF1,x,2026-03-30,40\nF1,x,2026-04-12,40\n", [], ""),
        ("F1,x,2025-03-17,40\nF1,x,2025-03-24,40\n", [(3, "week", "2025-03-24")], "4 of the 4 weeks planned (2026-03-16 to 2026-04-06)"),
        ("F1,x,2026-03-16,40\nF1,x,2026-03-23,0\n", [(3, "week", "2026-03-23")], "2 of the 4 weeks planned (2026-03-30 to 2026-04-06)"),
        ("F1,x,2026-03-23,40\n", [(2, "week", "2026-03-23")], "3 of the 4 weeks planned (2026-03-16, 2026-03-30 to 2026-04-06)"),
        ("F1,x,2026-03-23,40\nF1,y,,40\nF2,x,,40\n", [(2, "week", "2026-03-23")], "F1 has no hours for x"),
        # No hours in any week is told apart.
        ("F1,x,2026-03-23,0\n", [], ""),
    ],
    ids=["every week", "a holiday", "all weeks", "other days", "last year", "ends", "in the middle", "others are whole", "never any"],
)  # fmt: skip
def test_weeks_planned_without_a_row_of_hours_are_told(
    cluster: Any, rows: str, where: list[tuple[int, str, str]], said: str
) -> None:
    """Where a workshop has rows for single weeks alone, the plan takes the others for weeks without work."""
    cluster.write("capacity", CAPACITY + rows)
    issues = found(cluster, "weeks_without_hours")
    assert told(issues) == where
    assert all(said in issue.message and issue.file.endswith("capacity.csv") for issue in issues)


def test_weeks_that_the_calendar_closes_need_no_row_of_hours(cluster: Any) -> None:
    """Closed for all, or in the firm's region: not where it is another's, nor where something is left."""
    cluster.write("firms", "firm,role,region\nF1,maker,GD\n")
    cluster.write("capacity", CAPACITY + "F1,x,2026-03-16,40\nF1,x,2026-03-23,40\n")
    cluster.write("calendar", "region,week,share\n,2026-03-30,0\nGD,2026-04-06,0\n")
    assert found(cluster, "weeks_without_hours") == []
    cluster.write("calendar", "region,week,share\n,2026-03-30,0.5\nZJ,2026-04-06,0\n")
    (issue,) = found(cluster, "weeks_without_hours")
    assert "2 of the 4 weeks planned" in issue.message


@pytest.mark.parametrize(
    ("rows", "where", "said"),
    [
        ("F1,x,,40\nF1,x,2026-03-30,20\n", [], ""),
        ("F1,x,,39\nF1,x,2026-03-30,20\n", [], ""),
        ("F1,x,,40\nF1,x,2026-03-30,30\n", [(3, "hours", "30")], "leaves 50% of the usual hours, yet 1 row of"),
        ("F1,x,,40\nF1,x,2026-03-23,20\n", [(3, "hours", "20")], "leaves 0% of the usual hours, yet 1 row of"),
        ("F1,x,,40\nF1,x,2026-03-16,40\n", [], ""),
        ("F1,x,,40\nF2,x,2026-03-23,40\n", [], ""),
        ("F1,x,,40\nF1,x,2026-03-23,40\n", [(3, "hours", "40")], "leaves 0% of the usual hours, yet 1 row of"),
        ("F1,x,2026-03-16,40\nF1,x,2026-03-23,40\nF1,y,2026-03-23,8\n", [(3, "hours", "40")], "yet 2 rows of capacity for that week, the first of F1 for x, hold"),
        ("F1,x,2026-03-16,40\nF1,x,2026-03-30,20\n", [], ""),
        ("F1,x,,40\nF1,x,2026-03-30,41\n", [(3, "hours", "41")], "leaves 50% of"),
        ("F1,x,,40\nF1,x,2025-01-27,40\n", [], ""),
        ("F1,x,2026-03-30,20\n", [], ""),
        ("F1,x,2026-03-23,0\nF1,x,2026-03-30,20\n", [], ""),
        ("F1,x,2026-03-23,4\nF1,x,2026-03-30,20\n", [(2, "hours", "4")], "leaves 0% of"),
        ("F1,x,2026-03-23,4\n", [(2, "hours", "4")], "leaves 0% of"),
    ],
    ids=["what is left", "rounded", "more than is left", "where nothing is left", "no holiday", "of another region", "as usual", "as in other weeks", "half of other weeks", "more", "not planned", "usual not known", "usual not known, closed", "usual not known, not closed", "closed alone"],
)  # fmt: skip
def test_more_hours_than_the_calendar_leaves_are_asked_about(
    cluster: Any, rows: str, where: list[tuple[int, str, str]], said: str
) -> None:
    """A row of its own week stands whatever the calendar says: more hours than it leaves may have been meant to be cut by it."""
    cluster.write("firms", "firm,role,region\nF1,maker,GD\nF2,seller,ZJ\n")
    cluster.write("calendar", "region,week,share\nGD,2026-03-23,0\n,2026-03-23,1\n,2026-03-30,0.5\n,2025-01-27,0\n")
    cluster.write("capacity", CAPACITY + rows)
    issues = found(cluster, "hours_above_calendar")
    assert told(issues) == where
    assert all(said in issue.message and issue.file.endswith("capacity.csv") for issue in issues)


@pytest.mark.parametrize(
    ("lang", "messages"),
    [
        ("en", [
            "F1 has no hours for x in 2 of the 4 weeks planned (2026-03-16, 2026-04-06): no row is for them, nor for every week.",
            "In the week of 2026-03-23 the calendar leaves 50% of the usual hours, yet 1 row of capacity for that week, the first of F1 for x, holds more than "
            "that: it stands as it is.",
        ]),
        ("zh", [
            "计划的 4 周中有 2 周（2026-03-16、2026-04-06），F1 的 x 没有工时：既没有这些周的行，也没有每周适用的行。",
            "日历中 2026-03-23 当周只有平常工时的 50%，但产能表中有 1 行该周的工时多于此（首行为 F1 的 x）：按所填工时计，不再按日历折算。",
        ]),
    ],
)  # fmt: skip
def test_what_is_told_of_hours_by_week_reads_well(cluster: Any, lang: str, messages: list[str]) -> None:
    """Both are whole sentences in either language."""
    cluster.write("calendar", "region,week,share\n,2026-03-23,0.5\n")
    cluster.write("capacity", CAPACITY + "F1,x,2026-03-23,40\nF1,x,2026-03-30,40\n")
    set_language(lang)
    assert [
        issue.message for rule in ("weeks_without_hours", "hours_above_calendar") for issue in found(cluster, rule)
    ] == messages
