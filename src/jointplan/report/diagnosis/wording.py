"""How findings are told to people: their sentence, value, interval and chance, and what would help, in the reader's words."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from jointplan.report.numbers import NONE, known
from jointplan.report.view import RunView
from jointplan.report.words import CHANNELS, COMPARISONS, HELPS, INDICATORS, MODES, ONE, ROWS, UNITS, word
from jointplan.schema import TABLES
from jointplan.schema.measures import BY_NAME, called
from jointplan.texts import labelled, listed, renamed, tr

MOST = 8
LEAST_SEVERITY = 0.1  # what is less of a complaint than this does not hold the cluster back
CHANCE = 0.05  # above it, chance explains a finding
OF_THE_CORE = ("outside_core", "from_core")
OF_COUNTRIES = (
    "market_concentration",
    "origin_concentration",
    "comparative_advantage",
    "complexity",
    "fitness",
    "product_complexity",
    "relatedness",
)
OF_LANES = ("lane_price", "lane_days")
MOST_DIGITS = 6
HASH_SHOWN = 8  # characters of a name that is but a hash


def core_told(view: RunView) -> bool:
    """Return whether the test of the core says there is one: more ties among its firms than chance explains."""
    rows = view.frame("findings")
    rows = rows[(rows["indicator"] == "core") & rows["plan"].isna() & rows["value"].notna()]
    return any(row.value > row.reference and row.p_value <= CHANCE for row in rows.itertuples())


def tellable(view: RunView) -> pd.DataFrame:
    """Return the findings without those that speak of a core where none can be told."""
    frame = view.frame("findings")
    return frame if core_told(view) else frame[~(frame["indicator"].isin(OF_THE_CORE) & frame["plan"].isna())]


def ranked(view: RunView) -> pd.DataFrame:
    """Return the findings that were measured and are a complaint, the most severe first, one for each indicator."""
    frame = _complaints(view)
    return frame[frame["p_value"].isna() | (frame["p_value"] <= CHANCE)]


def could_be_chance(view: RunView) -> pd.DataFrame:
    """Return the complaints that chance explains as well, the most severe first."""
    frame = _complaints(view)
    return frame[frame["p_value"] > CHANCE]


def _complaints(view: RunView) -> pd.DataFrame:
    frame = tellable(view)
    frame = frame[frame["value"].notna() & (frame["severity"].fillna(0) >= LEAST_SEVERITY)]
    chance = frame["p_value"].fillna(0.0) > CHANCE
    frame = frame.assign(chance=chance).sort_values(["chance", "severity"], ascending=[True, False], kind="stable")
    return frame.drop_duplicates(["plan", "topic", "indicator"]).drop(columns="chance")


def asked(view: RunView) -> pd.DataFrame:
    """Return the findings on the tables as they were brought; on plans alone, each indicator once."""
    frame = view.frame("findings")
    own = frame[frame["plan"].isna()]
    return own if len(own) else frame.drop_duplicates(["topic", "indicator", "subject"])


def side_by_side(view: RunView, plans: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
    """Give the name of each indicator measured on all of these plans, and its finding on each.

    What has one finding a plan stands side by side whatever it tells of: the worst lane before may be another one after.
    """
    rows = view.frame("findings")
    rows = rows[rows["plan"].isin(plans) & rows["value"].notna()]
    for (_, indicator), part in rows.groupby(["topic", "indicator"], sort=False):
        alone = part["plan"].value_counts().max() == 1
        for _, same in [("", part)] if alone else part.groupby("subject", sort=False, dropna=False):
            by_plan = {row["plan"]: row for _, row in same.iterrows()}
            if set(plans) <= set(by_plan):
                subjects = {row["subject"] or "" for row in by_plan.values()}
                of = view.place(subjects.pop()) if len(subjects) == 1 else ""
                yield f"{word(INDICATORS, str(indicator))} {of}".strip(), [by_plan[plan] for plan in plans]


def reasons(view: RunView) -> Iterator[tuple[str, str, str]]:
    """Give the topic, the indicators and the reason of what was not measured; a reason of several is told once."""
    missing = asked(view)
    missing = missing[missing["value"].isna()]
    for (topic, _), part in missing.groupby(["topic", "sentence"], sort=False):
        names = dict.fromkeys(word(INDICATORS, indicator) for indicator in part["indicator"])
        yield str(topic), listed(names), sentence(view, part.iloc[0])


def sentence(view: RunView, row: Any) -> str:
    """Return the sentence of a finding in the reader's language, money and countries as it writes them, hashes cut short."""
    text = str(row["sentence_zh" if view.lang == "zh" else "sentence"])
    money = rf"(?<![\d.])(\d[\d,]*) {view.numbers.currency}(?!\w)"
    text = re.sub(money, lambda size: view.numbers.money(float(size[1].replace(",", ""))), text, flags=re.ASCII)
    if row["indicator"] in OF_LANES and row["subject"] and (way := _way(view, str(row["subject"]))):
        text = renamed(text, re.escape(str(row["subject"])), lambda _: way)
    text = re.sub(r"(?<![\w-])[0-9a-f]{16,}(?![\w-])", lambda code: _short(code[0]), text)
    if row["indicator"] == "channel_concentration" and view.lang == "zh":
        for channel in CHANNELS:
            text = re.sub(rf"(?<=渠道“){channel}(?=”)", word(CHANNELS, channel), text)
    if row["indicator"] in OF_COUNTRIES:
        text = renamed(text, r"(?<![\w-])[A-Z]{2}(?![\w-])", lambda code: _country(view, code))
    return text


def named(view: RunView, firm: str) -> str:
    """Return the name of a firm, or its code where it has none; of a long string of digits and letters a to f its beginning."""
    name = view.firm(firm)
    return _short(name) if re.fullmatch(r"[0-9a-f]{16,}", name) else name


def _short(name: str) -> str:
    return f"{name[:HASH_SHOWN]}…"


def _way(view: RunView, lane: str) -> str:
    """Return a lane with how and whereto it goes; nothing where that is not known."""
    lanes = view.frame("input_lanes")
    lanes = lanes[lanes["lane"] == lane]
    if not len(lanes):
        return ""
    mode, end = word(MODES, lanes["mode"].iloc[0]), view.place(str(lanes["destination"].iloc[0]))
    return f"{lane}（{mode}，{end}）" if view.lang == "zh" else f"{lane} ({mode.lower()}, {end})"


def _country(view: RunView, code: str) -> str:
    return str(view.numbers.locale.territories.get(code, code))


def rows_behind(view: RunView, rows: str) -> str:
    """Return the rows behind a finding as people read them: numbers in groups, tables and words in the reader's language."""
    written = re.sub(r"(?<!year )(?<![\w.-])\d{4,}(?![\w.-])", lambda number: view.numbers.count(int(number[0])), rows)
    if view.lang == "en":
        return written
    for english in sorted(ROWS, key=len, reverse=True):
        written = re.sub(rf"(?<![\w.]){re.escape(english)}(?!\w)", tr(english), written)
    written = re.sub(r"([a-z_]+)\.([a-z_]+)", _column, written)
    return "；".join(map(_in_chinese, written.split("; ")))


def _in_chinese(part: str) -> str:
    """Return what is said of one table with the Chinese names of tables, and of the columns of that table."""
    table = TABLES.get(part.partition(":")[0])
    names = {column.name: column.zh for column in table or ()} | {name: known.zh for name, known in TABLES.items()}
    said, is_, value = part.partition(" = ")  # what a column is stays as it is written there
    tables, colon, told = said.partition(": ")
    said = tables.replace(", ", "、") + ("：" + told.replace(", ", "，").replace(": ", "：") if colon else "")
    said = said.replace(" (", "（").replace(")", "）")
    said = re.sub(r"(?<![\w-])[a-z_]+(?![\w-])", lambda name: names.get(name[0], name[0]), said)
    # Blanks between Chinese words, and behind Chinese marks, are those of the English words there.
    said = re.sub("(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])|(?<=[，：；]) ", "", said)
    return said + is_ + value


def _column(name: re.Match[str]) -> str:
    """Return a column of a table by its Chinese name."""
    table, column = name.groups()
    found = next((c.zh for c in TABLES[table] if c.name == column), None) if table in TABLES else None
    return f"{table}·{found}" if found else name[0]


def help_word(view: RunView, measure: str | None) -> str:
    """Return the measures that would help as people read them."""
    names = [name for name in (measure or "").split(",") if name]
    told = (called([name], view.lang) if name in BY_NAME else word(HELPS, name) for name in names)
    return listed(told) or NONE


def measured(view: RunView, row: Any) -> str:
    """Return the value of a finding with its unit, and its 95 % interval where it has one."""
    value = written(view, row["value"], row["unit"])
    if str(row["indicator"]).endswith("_concentration") and row["unit"] == "count":
        value = tr("effectively {value}", value=value)
    return value if row["comparison"] == "null" else f"{value} {interval(view, row)}".rstrip()


def interval(view: RunView, row: Any) -> str:
    """Return the interval of a finding in brackets; nothing where it has none."""
    if pd.isna(row["low"]) or pd.isna(row["high"]):
        return ""
    # The unit is told with the value.
    return f"[{tr('; ').join(written(view, row[end], row['unit'], bare=True) for end in ('low', 'high'))}]"


def sureness(view: RunView, row: Any) -> str:
    """Return how sure a finding is: its chance, and whether an interval is told."""
    said = [] if pd.isna(row["p_value"]) else [chance_text(view, row["p_value"])]
    if row["comparison"] != "null" and interval(view, row):
        said.append(tr("95 % interval"))
    return listed(said) or NONE


def chance_text(view: RunView, p_value: float) -> str:
    """Return a chance as it is usually written, never as nothing."""
    return "p < 0.001" if p_value < 0.001 else f"p = {view.numbers.number(p_value, 3)}"


def written(view: RunView, value: float | None, unit: str, *, bare: bool = False) -> str:
    """Return a number in its unit as people read it; ``bare``: without the word of the unit."""
    numbers = view.numbers
    if value is None or not known(value):
        return NONE
    match unit:
        case "share":
            return numbers.share(value)
        case "money":
            return numbers.money(value)
        case "count" | "firms" if float(value).is_integer():
            size = numbers.count(value)
        case "weeks" | "days" | "km" | "firms" | "steps" | "markets" | "count":
            size = numbers.number(value)
        case _:
            return numbers.number(value, _digits(value))
    if bare or unit == "count":
        return size
    single = view.lang == "zh" or abs(value) == 1  # Chinese has no plural
    return f"{size} {word(ONE if single and unit in ONE else UNITS, unit)}"


def _digits(value: float) -> int:
    """Return the decimals of a number without a unit: two, and of a small one so many that two of its digits are seen."""
    return 2 if abs(value) >= 0.1 or value == 0 else min(1 - math.floor(math.log10(abs(value))), MOST_DIGITS)


def against(view: RunView, row: Any) -> str:
    """Return what a value is held against; of chance, within what it stays 95 times of a hundred."""
    if not row["comparison"] or pd.isna(row["comparison"]):
        return NONE
    kind = word(COMPARISONS, row["comparison"])
    if pd.isna(row["reference"]):
        return kind
    usual = labelled(kind, written(view, row["reference"], row["unit"]))
    return f"{usual} {interval(view, row)}".rstrip() if row["comparison"] == "null" else usual
