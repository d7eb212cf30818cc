"""What holds the cluster back: at most eight findings, the most severe first, and what was not measured."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

from jointplan.report.blocks import Block, Card, Grid, Note, Section
from jointplan.report.numbers import NONE, known
from jointplan.report.view import RunView
from jointplan.report.words import COMPARISONS, HELPS, INDICATORS, PLANS, ROWS, STRANDS, TOPICS, word
from jointplan.schema import TABLES
from jointplan.schema.measures import BY_NAME, called
from jointplan.texts import tr

MOST = 8
LEAST_SEVERITY = 0.1  # what is less of a complaint than this does not hold the cluster back


def ranked(view: RunView) -> pd.DataFrame:
    """Return the findings that were measured and are a complaint, the most severe first, one for each indicator."""
    frame = view.frame("findings")
    frame = frame[frame["value"].notna() & (frame["severity"].fillna(0) >= LEAST_SEVERITY)]
    frame = frame[frame["p_value"].isna() | (frame["p_value"] <= 0.05)]
    frame = frame.sort_values("severity", ascending=False, kind="stable")
    return frame.drop_duplicates(["plan", "topic", "indicator"])


def diagnosis_headline(view: RunView) -> str:
    """Return the most severe finding in its sentence."""
    found = ranked(view)
    return sentence(view, found.iloc[0]) if len(found) else tr("Nothing that was measured holds the cluster back.")


def sentence(view: RunView, row: Any) -> str:
    """Return the sentence of a finding in the reader's language."""
    return str(row["sentence_zh"] if view.lang == "zh" else row["sentence"])


def answer(view: RunView, found: list[Any], *indicators: str) -> str:
    """Return the sentence that answers a section's question: the most severe of these indicators, else of all."""
    return sentence(view, next((row for row in found if row["indicator"] in indicators), found[0]))


def rows_behind(view: RunView, rows: str) -> str:
    """Return the rows behind a finding as people read them: numbers in groups, tables and words in the reader's language."""
    written = re.sub(r"(?<![\w.-])\d{4,}(?![\w.-])", lambda number: view.numbers.count(int(number[0])), rows)
    if view.lang == "en":
        return written
    for english in sorted(ROWS, key=len, reverse=True):
        written = re.sub(rf"(?<![\w.]){re.escape(english)}(?!\w)", tr(english), written)
    return re.sub(r"[a-z_]+", lambda name: TABLES[name[0]].zh if name[0] in TABLES else name[0], written)


def help_word(view: RunView, measure: str | None) -> str:
    """Return the measures that would help as people read them."""
    names = [name for name in (measure or "").split(",") if name]
    return ", ".join(called([name], view.lang) if name in BY_NAME else word(HELPS, name) for name in names) or NONE


def findings_section(view: RunView) -> Section:
    """Return the page of ranked findings."""
    frame = view.frame("findings")
    found = ranked(view)
    blocks: list[Block] = []
    plans = list(frame["plan"].dropna().unique())
    own = found[found["plan"].isna()] if frame["plan"].isna().any() else found.drop_duplicates(["topic", "indicator"])
    if len(own):
        blocks.append(_grid(view, own.head(MOST)))
        if len(own) > MOST:
            blocks.append(_grid(view, own.iloc[MOST:], title=tr("Further findings"), folded=True))
    if plans:
        blocks.append(_side_by_side(view, frame, plans))
    asked = (
        frame[frame["plan"].isna()]
        if frame["plan"].isna().any()
        else frame.drop_duplicates(["topic", "indicator", "subject"])
    )
    # Two indicators may want the same data: the reason is said once.
    reasons = asked[asked["value"].isna()].drop_duplicates(["topic", "sentence"])
    if len(reasons):
        cells = tuple((word(TOPICS, r["topic"]), sentence(view, r)) for _, r in reasons.iterrows())
        blocks.append(Grid(tr("What could not be measured, and why"), (tr("Topic"), tr("Reason")), cells, folded=True))
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
        _cards(view, own, asked),
        tuple(blocks),
    )


def _cards(view: RunView, own: pd.DataFrame, frame: pd.DataFrame) -> tuple[Card, ...]:
    count = view.numbers.count
    return (
        Card(tr("Complaints that are found"), count(len(own))),
        Card(tr("Indicators measured"), count(int(frame["value"].notna().sum()))),
        Card(
            tr("Not measured"), count(int(frame["value"].isna().sum())), tr("for want of data; the reasons stand below")
        ),
    )


def measured(view: RunView, row: Any) -> str:
    """Return the value of a finding with its unit."""
    return written(view, row["value"], row["unit"])


def written(view: RunView, value: float | None, unit: str) -> str:
    """Return a number in its unit as people read it."""
    numbers = view.numbers
    if value is None or not known(value):
        return NONE
    match unit:
        case "share":
            return numbers.share(value)
        case "money":
            return numbers.money(value)
        case "weeks" | "days" | "km" | "firms" | "steps" | "markets":
            return f"{numbers.number(value)} {word(_units(), unit)}"
        case "count":
            return numbers.count(value)
        case _:
            return numbers.number(value, 2)


def _units() -> dict[str, str]:
    return {
        "weeks": tr("weeks"),
        "days": tr("days"),
        "km": "km",
        "firms": tr("firms"),
        "steps": tr("steps"),
        "markets": tr("markets"),
    }


def against(view: RunView, row: Any) -> str:
    """Return what a value is held against."""
    if not row["comparison"] or pd.isna(row["comparison"]):
        return NONE
    kind = word(COMPARISONS, row["comparison"])
    return kind if pd.isna(row["reference"]) else f"{kind}: {written(view, row['reference'], row['unit'])}"


def finding_grid(view: RunView, rows: Iterable[Any], title: str, *, folded: bool = False) -> Grid:
    """Return findings as a table: the sentence, the value, what it is held against, how sure it is, what would help."""
    numbers = view.numbers
    cells = tuple(
        (
            sentence(view, row),
            measured(view, row),
            against(view, row),
            NONE if pd.isna(row["p_value"]) else f"p = {numbers.number(row['p_value'], 3)}",
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


def _side_by_side(view: RunView, frame: pd.DataFrame, plans: list[str]) -> Grid:
    """Return the same indicators on the flows of each plan, side by side."""
    rows = frame[frame["plan"].notna() & frame["value"].notna()]
    cells = []
    for (topic, indicator, subject), part in rows.groupby(["topic", "indicator", "subject"], sort=False, dropna=False):
        by_plan = {row["plan"]: row for _, row in part.iterrows()}
        if set(plans) <= set(by_plan):
            name = word(INDICATORS, indicator)
            name = f"{name} {subject}".strip() if isinstance(subject, str) else name
            values = (measured(view, by_plan[plan]) for plan in plans)
            cells.append((word(TOPICS, topic), name, *values, sentence(view, by_plan[plans[-1]])))
    header = (tr("Topic"), tr("Indicator"), *(word(PLANS, plan) for plan in plans), tr("Finding"))
    numeric = tuple(range(2, 2 + len(plans)))
    return Grid(tr("Before and after: the same measured on the plans"), header, tuple(cells), numeric)


def topic_findings(view: RunView, topic: str) -> list[Any]:
    """Return the measured findings of a topic on the tables as they were brought, the most severe first."""
    frame = view.frame("findings")
    frame = frame[(frame["topic"] == topic) & frame["plan"].isna() & frame["value"].notna()]
    frame = frame.sort_values("severity", ascending=False, kind="stable", na_position="last")
    return [row for _, row in frame.iterrows()]
