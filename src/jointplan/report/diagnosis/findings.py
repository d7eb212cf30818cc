"""What holds the cluster back: at most eight findings, the most severe first, and what was not measured."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from jointplan.report.blocks import Block, Card, Grid, Note, Section
from jointplan.report.diagnosis.behind import rows_grids, rows_of
from jointplan.report.diagnosis.wording import (
    CHANCE,
    MOST,
    against,
    asked,
    could_be_chance,
    help_word,
    measured,
    ranked,
    reasons,
    rows_behind,
    sentence,
    side_by_side,
    sureness,
    tellable,
)
from jointplan.report.numbers import NONE
from jointplan.report.view import RunView
from jointplan.report.words import PLANS, STRANDS, TOPICS, word
from jointplan.schema import TABLES
from jointplan.texts import tr

ROWS_SHOWN = 10  # behind a finding, of each table; the workbook holds more


def _own(frame: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """Return those of some findings that are on the tables as they were brought; on plans alone, each indicator once."""
    return part[part["plan"].isna()] if frame["plan"].isna().any() else part.drop_duplicates(["topic", "indicator"])


def diagnosis_headline(view: RunView) -> str:
    """Return the most severe finding on the tables in its sentence; of a diagnosis of plans alone, the most severe on them."""
    found = _own(view.frame("findings"), ranked(view))
    return sentence(view, found.iloc[0]) if len(found) else tr("Nothing that was measured holds the cluster back.")


def answer(view: RunView, found: list[Any], *indicators: str) -> str:
    """Return the sentence that answers a section's question: the most severe of these indicators that chance does not explain, else of these, else of all."""
    asked_of = [row for row in found if row["indicator"] in indicators]
    known = [row for row in asked_of if not row["p_value"] > CHANCE]
    return sentence(view, (known or asked_of or found)[0])


def findings_section(view: RunView) -> Section:
    """Return the page of ranked findings."""
    frame = view.frame("findings")
    found = ranked(view)
    blocks: list[Block] = []
    plans = list(frame["plan"].dropna().unique())
    own, chance = (_own(frame, part) for part in (found, could_be_chance(view)))
    if len(own):
        blocks.append(_grid(view, own.head(MOST)))
        if len(own) > MOST:
            blocks.append(_grid(view, own.iloc[MOST:], title=tr("Further findings"), folded=True))
        blocks += behind(view, own.head(MOST))
    if len(chance):
        blocks.append(_grid(view, chance, title=tr("Could be chance: p above 0.05"), folded=True))
    if plans:
        blocks.append(_side_by_side(view, plans))
    cells = tuple((word(TOPICS, topic), names, why) for topic, names, why in reasons(view))
    if cells:
        header = (tr("Topic"), tr("Indicator"), tr("Reason"))
        blocks.append(Grid(tr("What could not be measured, and why"), header, cells, folded=True))
    blocks.append(
        Note(
            tr(
                "Severity ranks the findings: 0 is no complaint, 1 as bad as the indicator gets. A finding says what is, "
                "not what causes it."
            )
        )
    )
    return Section(
        "diagnosis",
        tr("What holds the cluster back?"),
        tr("Diagnosis"),
        diagnosis_headline(view),
        _cards(view, own, asked(view)),
        tuple(blocks),
    )


def behind(view: RunView, rows: pd.DataFrame) -> list[Block]:
    """Return the rows behind findings, folded, and where the others stand."""
    grids = [grid for _, row in rows.iterrows() for grid in rows_grids(view, rows_of(view, row), ROWS_SHOWN)]
    if not grids:
        return []
    told = tr(
        "Below stand the first rows behind each of these findings. More of them, and those behind every other finding, stand in the sheet {sheet} of the workbook, and "
        "jointplan diagnose DIR --rows INDICATOR shows them.",
        sheet=TABLES["finding_rows"].zh if view.lang == "zh" else "finding_rows",
    )
    return [Note(told), *grids]


def _cards(view: RunView, own: pd.DataFrame, frame: pd.DataFrame) -> tuple[Card, ...]:
    count = view.numbers.count
    measured_ones, all_ones = int(frame["value"].notna().sum()), len(frame)
    note = tr("of {n}; why the others were not stands below", n=count(all_ones)) if measured_ones < all_ones else ""
    return (
        Card(tr("Complaints that are found"), count(len(own))),
        Card(tr("Indicators measured"), count(measured_ones), note),
    )


def finding_grid(view: RunView, rows: Iterable[Any], title: str, *, folded: bool = False) -> Grid:
    """Return findings as a table: the sentence, the value, what it is held against, how sure it is, what would help."""
    numbers = view.numbers
    cells = tuple(
        (
            sentence(view, row),
            measured(view, row),
            against(view, row),
            sureness(view, row),
            NONE if pd.isna(row["severity"]) else numbers.number(row["severity"], 2),
            help_word(view, row["measure"]),
            word(STRANDS, row["strand"]),
            rows_behind(view, row["rows"]),
        )
        for row in rows
    )
    header = (
        tr("Finding"), tr("Measured value"), tr("Held against"), tr("How sure"), tr("Severity"), tr("What would help"), tr("Strand"),
        tr("Rows behind it"),
    )  # fmt: skip
    return Grid(title, header, cells, (1, 4), folded=folded)


def _grid(view: RunView, rows: pd.DataFrame, title: str = "", *, folded: bool = False) -> Grid:
    return finding_grid(view, [row for _, row in rows.iterrows()], title or tr("The findings, ranked"), folded=folded)


def _side_by_side(view: RunView, plans: list[str]) -> Grid:
    """Return the same indicators on the flows of each plan, side by side."""
    cells = [
        (word(TOPICS, rows[-1]["topic"]), name, *(measured(view, row) for row in rows), sentence(view, rows[-1]))
        for name, rows in side_by_side(view, plans)
    ]
    header = (tr("Topic"), tr("Indicator"), *(word(PLANS, plan) for plan in plans), tr("Finding"))
    numeric = tuple(range(2, 2 + len(plans)))
    return Grid(tr("Before and after: the same measured on the plans"), header, tuple(cells), numeric)


def topic_findings(view: RunView, topic: str) -> list[Any]:
    """Return the measured findings of a topic on the tables as they were brought, the most severe first."""
    frame = tellable(view)
    frame = frame[(frame["topic"] == topic) & frame["plan"].isna() & frame["value"].notna()]
    frame = frame.sort_values("severity", ascending=False, kind="stable", na_position="last")
    return [row for _, row in frame.iterrows()]
