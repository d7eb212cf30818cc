"""The topic: how far the cluster and its e-commerce develop together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from jointplan.diagnosis.codevelopment.indicators import SYSTEMS, Panel, Said, panel
from jointplan.diagnosis.codevelopment.indices import (
    Floats,
    band,
    coordination,
    coordination_corrected,
    coupling,
    entropy_weights,
    goalpost_scores,
    synergy,
)
from jointplan.diagnosis.diagnosed import Diagnosed
from jointplan.diagnosis.finding import Finding, unmeasured
from jointplan.diagnosis.settings import CodevelopmentSettings
from jointplan.engine import Tables
from jointplan.schema import TABLES
from jointplan.texts import both, catalogue

LEVEL = 0.005  # of the scale, below which neither system is said to lag
LEAST_QUARTERS, LEAST_YEARS = 5, 3  # from fewer a course is not told from seasons and chance
MOST_AT_ENDS = 0.5  # of the indicators at a goalpost, beyond which levels no longer tell them apart


@dataclass(frozen=True)
class Scored:
    """Indicators between their goalposts.

    Parameters
    ----------
    scores : DataFrame
        Periods × (system, indicator), 0 to 1.
    weights : Series
        Weight of each in its system, the same in every period.
    unfit : tuple of str
        Indicators without goalposts: zero or negative in the first period and none set.
    given : frozenset of str
        Systems whose weights are those of the settings.
    """

    scores: pd.DataFrame
    weights: pd.Series
    unfit: tuple[str, ...]
    given: frozenset[str] = frozenset()

    def levels(self, row: pd.Series) -> Floats:
        """Return the level of each system for one period's scores."""
        return np.array([float((row[system] * self.weights[system]).sum()) for system in SYSTEMS])


def measure_codevelopment(tables: Tables, settings: CodevelopmentSettings) -> Diagnosed:
    """Measure how far the two systems develop together.

    Parameters
    ----------
    tables : Tables
        ``indicators``, or what a default set can be computed from: ``weekly``, ``products``, ``markets``, ``returns``,
        ``promotions``.
    settings : CodevelopmentSettings
        Goalposts and weights.
    """
    found = panel(tables)
    source = (
        "weekly, returns, promotions by quarter" if found.computed else f"indicators: {tables['indicators'].num_rows}"
    )
    scored = _scored(found, settings)
    notes = (*_left_out(found, scored, source), *_weights_unused(scored, settings, source))
    if scored is None or set(SYSTEMS) - set(scored.scores.columns.get_level_values(0)):
        reason = unmeasured(
            "codevelopment", "coordination", "ecosystem",
            "Co-development cannot be told: there is no period with indicators above zero of both cluster and e-commerce. Fill in the table indicators, or bring sales of a whole quarter.",
            source,
        )  # fmt: skip
        return Diagnosed((reason, *notes))
    if len(scored.scores) == 1 and not set(scored.scores.columns.get_level_values(1)) <= set(settings.goalposts):
        reason = unmeasured(
            "codevelopment", "coordination", "ecosystem",
            "Co-development cannot be told from one period: goalposts are taken from first values, in whose middle each indicator then stands. Bring a second period, or set goalposts (diagnosis.codevelopment.goalposts).",
            source,
        )  # fmt: skip
        return Diagnosed((reason, *notes))
    at_ends = scored.scores.iloc[-1].isin((0.0, 1.0)).mean()
    if at_ends > MOST_AT_ENDS:
        reason = unmeasured(
            "codevelopment", "coordination", "ecosystem",
            "Co-development cannot be told: {share} of the indicators have left their goalposts, as they were so small or large in {first}. Set goalposts (diagnosis.codevelopment.goalposts), or bring a table indicators.",
            source, share=f"{at_ends:.0%}", first=str(scored.scores.index[0]),
        )  # fmt: skip
        return Diagnosed((reason, *notes))
    levels = _levels(scored)
    complaint = _complaint(scored, levels, settings)
    findings = [
        *_degree(levels, source, complaint),
        *_by_entropy(scored, levels, settings, source),
        *_parts(scored, levels, complaint, source),
        *notes,
    ]
    details = {
        "diagnosis_coordination": _coordination_table(levels),
        "diagnosis_obstacles": _obstacles_table(scored, found),
    }
    return Diagnosed(tuple(findings), details)


def _levels(scored: Scored) -> pd.DataFrame:
    """Return the level of each system in each period."""
    rows = [scored.levels(row) for _, row in scored.scores.iterrows()]
    return pd.DataFrame(rows, scored.scores.index, list(SYSTEMS))


def _scored(found: Panel, settings: CodevelopmentSettings) -> Scored | None:
    if not len(found.values):
        return None
    scores, unfit = {}, []
    for key in found.values.columns:
        values = found.values[key].to_numpy(float)
        start, posts = values[0], settings.goalposts.get(key[1])
        negative = key in found.negative
        if posts is not None:
            low, high = posts
            scores[key] = goalpost_scores(values, low, high, ratio=False)
        elif start > 0:
            low, high = (
                (start / settings.floor, start / settings.ceiling)
                if negative
                else (start * settings.floor, start * settings.ceiling)
            )
            scores[key] = goalpost_scores(values, low, high, ratio=True)
        else:
            unfit.append(str(key[1]))
    if not scores:
        return None
    table = pd.DataFrame(scores, index=found.values.index)
    table.columns = pd.MultiIndex.from_tuples(table.columns)
    systems = [system for system in SYSTEMS if system in table.columns.get_level_values(0)]
    given = {s: weights for s in systems if (weights := given_weights(table[s].columns, settings)) is not None}
    weights = pd.concat({s: given[s] if s in given else _weights(table[s], settings) for s in systems})
    return Scored(table, weights, tuple(unfit), frozenset(given))


def _weights(scores: pd.DataFrame, settings: CodevelopmentSettings) -> pd.Series:
    k = scores.shape[1]
    return pd.Series(np.full(k, 1 / k), scores.columns) if settings.equal_weights else _entropy(scores, settings)


def _entropy(scores: pd.DataFrame, settings: CodevelopmentSettings) -> pd.Series:
    """Return entropy weights over the periods that are set for them: fixed for the panel, so that a period that comes later moves no degree before it."""
    last = settings.weights_until
    within = scores.index.astype(str).str[: len(last)] <= last  # the quarters of a year that is set too
    return pd.Series(entropy_weights((scores[within] if within.any() else scores).to_numpy()), scores.columns)


def given_weights(indicators: pd.Index, settings: CodevelopmentSettings) -> pd.Series | None:
    """Return the weights of a system's indicators that were given, adding up to 1; None unless each has one and they are not all 0."""
    weights = pd.Series({name: settings.weights.get(name, np.nan) for name in indicators}, dtype=float)
    return weights / weights.sum() if weights.notna().all() and weights.sum() > 0 else None


def _by_entropy(
    scored: Scored, levels: pd.DataFrame, settings: CodevelopmentSettings, source: str
) -> Iterator[Finding]:
    """Say what the degree would be by entropy weights, where others were given: what the choice of weights decides."""
    if not scored.given:
        return
    entropy = pd.concat({s: _entropy(scored.scores[s], settings) for s in SYSTEMS})
    other = coordination(_levels(replace(scored, weights=entropy)).iloc[-1].to_numpy())
    degree = coordination(levels.iloc[-1].to_numpy())
    said = both(
        "By entropy weights the degree would be {other}; by the weights given it is {degree}.",
        other=f"{other:.2f}", degree=f"{degree:.2f}",
    )  # fmt: skip
    yield Finding(
        "codevelopment", "coordination_by_entropy", "ecosystem", *said, source, "", other, "index", "others", degree
    )


def _weights_unused(scored: Scored | None, settings: CodevelopmentSettings, source: str) -> Iterator[Finding]:
    """Say which weights that were given could not be used."""
    used = set() if scored is None else {str(name) for s in scored.given for name in scored.scores[s].columns}
    if unused := sorted(set(settings.weights) - used):
        yield unmeasured(
            "codevelopment", "weights_unused", "data",
            "Weights given are not used: {names}. The indicators of a system need a weight each, not all of them 0, under the names they have (diagnosis.codevelopment.weights).",
            source, names=tuple(unused),
        )  # fmt: skip


def _complaint(scored: Scored, levels: pd.DataFrame, settings: CodevelopmentSettings) -> float | None:
    """Return how bad the degree is: what is missing to 1 between goalposts that are set, else by how much it fell; None where the periods do not tell.

    A quarter fell or rose against the same quarter a year before. Between goalposts taken from first values the degree starts at √½, whatever it is: no complaint can be made of its level.
    """
    degree = coordination(levels.iloc[-1].to_numpy())
    if set(scored.scores.columns.get_level_values(1)) <= set(settings.goalposts):
        return 1 - degree
    quarterly = _quarter(levels.index[-1]) is not None
    if len(levels) < (LEAST_QUARTERS if quarterly else LEAST_YEARS):
        return None
    if quarterly and _season_before(levels.index, -1) is None:
        return None
    return max(0.0, coordination(levels.iloc[_past(levels.index)].to_numpy()) - degree)


def _quarter(period: object) -> tuple[int, int] | None:
    """Return year and quarter of a period such as 2024-Q1; None of a year."""
    year, mark, quarter = str(period).partition("-Q")
    return (int(year), int(quarter)) if mark else None


def _season_before(periods: pd.Index, place: int) -> int | None:
    """Return the place of the same quarter a year before, so that seasons are no change; None where it is not known, or for years."""
    if (now := _quarter(periods[place])) is None:
        return None
    before = f"{now[0] - 1}-Q{now[1]}"
    return int(periods.get_loc(before)) if before in periods else None


def _past(periods: pd.Index) -> int:
    """Return the place of the period that the latest is held against: of quarters the same a year before, else the first."""
    return _season_before(periods, -1) or 0


def _change(levels: pd.DataFrame, place: int) -> Floats | None:
    """Return how the levels moved since the year before, of quarters since the same quarter then; None where that is not known."""
    before = _season_before(levels.index, place) if _quarter(levels.index[place]) else place - 1 if place else None
    return None if before is None else np.asarray(levels.iloc[place] - levels.iloc[before], float)


def _degree(levels: pd.DataFrame, source: str, complaint: float | None) -> Iterator[Finding]:
    past = _past(levels.index)
    first, last = levels.iloc[past].to_numpy(), levels.iloc[-1].to_numpy()
    degree, before = coordination(last), coordination(first)
    name = band(round(degree, 2))
    alone = len(levels) == 1
    values = {
        "degree": f"{degree:.2f}",
        "period": levels.index[-1],
        "first": levels.index[past],
        "before": f"{before:.2f}",
    }
    english, chinese = (
        both("Cluster and e-commerce stand at {degree} of coupling coordination in {period} ({band}).")
        if alone
        else both(
            "Cluster and e-commerce stand at {degree} of coupling coordination in {period} ({band}), {before} in {first}."
        )
    )
    few = ("", "") if complaint is not None else _not_comparable(levels)
    yield Finding(
        "codevelopment", "coordination", "ecosystem",
        f"{english.format(**values, band=name)} {few[0]}".rstrip(), chinese.format(**values, band=catalogue("zh").get(name, name)) + few[1],
        source, "", degree, "index", comparison=None if alone else "past", reference=None if alone else before, severity=complaint or 0.0,
        measure="share_demand_data,enter_market",
    )  # fmt: skip
    corrected = coordination_corrected(last)
    said = (
        both("In the form of Wang and others (2021), which uses the whole scale, it is {degree}.", degree=f"{corrected:.2f}")
        if alone
        else both(
            "In the form of Wang and others (2021), which uses the whole scale, it is {degree}, and {before} in {first}.",
            degree=f"{corrected:.2f}", before=f"{coordination_corrected(first):.2f}", first=levels.index[past],
        )
    )  # fmt: skip
    yield Finding(
        "codevelopment", "coordination_corrected", "ecosystem", *said, source, "", corrected, "index",
        comparison=None if alone else "past", reference=None if alone else coordination_corrected(first),
    )  # fmt: skip
    gap = float(last[0] - last[1])
    level = abs(gap) < LEVEL
    said = (
        both("The cluster and its e-commerce stand level.")
        if level
        else both("The cluster lags its e-commerce by {gap} of the scale.", gap=f"{-gap:.2f}")
        if gap < 0
        else both("E-commerce lags the cluster by {gap} of the scale.", gap=f"{gap:.2f}")
    )
    yield Finding(
        "codevelopment", "lag", "ecosystem", *said, source, "" if level else "cluster" if gap < 0 else "ecommerce", abs(gap), "index",
        severity=0.0 if level or complaint is None else min(1.0, abs(gap)),
        measure="" if level else "add_capability" if gap < 0 else "joint_promotion,enter_market",
    )  # fmt: skip
    change = _change(levels, len(levels) - 1)
    if change is None:
        yield unmeasured(
            "codevelopment", "synergy", "ecosystem",
            "Synergy cannot be told: it compares a year with the one before, and a quarter with the same quarter a year before, which is not among the periods.",
            source,
        )  # fmt: skip
        return
    value = synergy(change) + 0.0  # never a minus before nothing
    told = f"{round(value, 3) + 0.0:.3f}"
    since = levels.index[past] if _quarter(levels.index[-1]) else levels.index[-2]
    said = (
        both("Both systems moved ahead in {period} against {since} (synergy {value}).", period=levels.index[-1], since=since, value=told)
        if value > 0
        else both("In {period} not both systems moved ahead against {since} (synergy {value}).", period=levels.index[-1], since=since, value=told)
    )  # fmt: skip
    yield Finding(
        "codevelopment", "synergy", "ecosystem", *said, source, "", value, "index", "norm", 0.0,
        severity=0.0 if complaint is None else min(1.0, max(0.0, -value) * 5), measure="share_demand_data",
    )  # fmt: skip


def _not_comparable(levels: pd.DataFrame) -> tuple[str, str]:
    """Say why a change is no complaint: too few periods, or no quarter of the same season."""
    if _quarter(levels.index[-1]) and len(levels) >= LEAST_QUARTERS:
        return both(
            "This is no complaint: the same quarter a year before, without which seasons look like a change, is not among the periods."
        )
    return both(
        "Of {n} periods this is no complaint: they are too few to tell a course from seasons and chance ({quarters} quarters or {years} years are needed).",
        n=len(levels), quarters=LEAST_QUARTERS, years=LEAST_YEARS,
    )  # fmt: skip


def _parts(scored: Scored, levels: pd.DataFrame, complaint: float | None, source: str) -> Iterator[Finding]:
    """Say which indicator holds the degree down most, and which has lifted it most."""
    table = _obstacles(scored)
    latest = table[table["period"] == levels.index[-1]].sort_values("obstacle", ascending=False, kind="stable")
    top = latest.iloc[0]
    if top["obstacle"] > 0:
        english, chinese = both(
            "What holds co-development down most is the indicator {indicator}: {share} of what is missing to the goalposts; were it at its goalpost, the degree would be {lift} higher."
        )
        values = {"share": f"{top['obstacle']:.0%}", "lift": f"{top['lift']:.2f}"}
        yield Finding(
            "codevelopment", "obstacle", "ecosystem", english.format(indicator=top["indicator"], **values),
            chinese.format(indicator=_named(top["indicator"]), **values), source, str(top["indicator"]),
            float(top["obstacle"]), "share", severity=float(top["obstacle"]) * (complaint or 0.0), measure=_help(str(top["system"])),
        )  # fmt: skip
    if len(levels) < 2:
        return
    past = _past(levels.index)
    moved = (scored.scores.iloc[-1] - scored.scores.iloc[past]) * scored.weights.reindex(scored.scores.columns)
    best = moved.idxmax()
    if moved[best] > 0:
        english, chinese = both(
            "Since {first} the indicator {indicator} has moved its system ahead most: by {points} of the scale."
        )
        values = {"first": levels.index[past], "points": f"{moved[best]:.2f}"}
        yield Finding(
            "codevelopment", "driver", "ecosystem", english.format(indicator=best[1], **values),
            chinese.format(indicator=_named(best[1]), **values), source, str(best[1]), float(moved[best]), "index",
        )  # fmt: skip


def _named(indicator: str) -> str:
    """Return the Chinese name of an indicator of the default set or of the sample; what users name themselves stays."""
    return catalogue("zh").get(indicator, indicator)


def _help(system: str) -> str:
    return "add_capability,share_capacity" if system == "cluster" else "joint_promotion,enter_market"


def _left_out(found: Panel, scored: Scored | None, source: str) -> Iterator[Finding]:
    """Say which indicators and periods are left out, and where rows had to be made one."""

    def told(indicator: str, message: str, names: Sequence[Said]) -> Iterator[Finding]:
        if names:
            english, chinese = (tuple(name.written(lang) for name in names) for lang in ("en", "zh"))
            yield replace(
                unmeasured("codevelopment", indicator, "data", message, source, names=english),
                sentence_zh=both(message, names=chinese)[1],
            )

    yield from told(
        "indicators_left_out",
        "Left out of co-development: {names}. An indicator needs a value in the latest period, and goalposts (diagnosis.codevelopment.goalposts) where its first value is zero or negative.",
        [*found.left_out, *(Said((name,)) for name in (() if scored is None else scored.unfit))],
    )  # fmt: skip
    yield from told(
        "periods_left_out",
        "Periods left out of co-development: {names}. A period needs a value of every indicator that the latest one has, and is a quarter where most rows are of quarters, else a year; quarters computed from sales must be whole.",
        found.periods,
    )  # fmt: skip
    yield from told(
        "indicators_averaged",
        "Several rows tell of one indicator and period, their mean is taken: {names}. Leave one row of each in the table indicators.",
        found.averaged,
    )
    yield from told(
        "indicators_both_ways",
        "Rows disagree whether more is better, it is assumed that less is: {names}. Write one direction in all rows of an indicator.",
        found.both_ways,
    )


def _obstacles(scored: Scored) -> pd.DataFrame:
    """Return for each period and indicator its share of what is missing, and what the degree would gain without it."""
    rows = []
    weight = scored.weights.reindex(scored.scores.columns)
    for period, row in scored.scores.iterrows():
        missing = weight * (1 - row)
        now = coordination(scored.levels(row))
        for key in scored.scores.columns:
            whole = row.copy()
            whole[key] = 1.0
            rows.append(
                {
                    "period": str(period), "system": key[0], "indicator": str(key[1]), "score": float(row[key]),
                    "weight": float(weight[key]),
                    "obstacle": float(missing[key] / missing.sum()) if missing.sum() > 1e-12 else 0.0,
                    "lift": max(0.0, coordination(scored.levels(whole)) - now),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _obstacles_table(scored: Scored, found: Panel) -> pa.Table:
    rows = _obstacles(scored)
    rows["value"] = [float(found.values.loc[r.period, (r.system, r.indicator)]) for r in rows.itertuples()]
    schema = TABLES["diagnosis_obstacles"].arrow
    return pa.Table.from_pylist(rows[schema.names].to_dict("records"), schema)


def _coordination_table(levels: pd.DataFrame) -> pa.Table:
    rows = []
    for place, (period, row) in enumerate(levels.iterrows()):
        change = _change(levels, place)
        u = np.clip(row.to_numpy(float), 0.0, 1.0)
        rows.append(
            {
                "period": str(period), "cluster": float(u[0]), "ecommerce": float(u[1]),
                "coupling": min(coupling(u), 1.0), "degree": coordination(u), "degree_corrected": coordination_corrected(u),
                "synergy": None if change is None else synergy(change), "band": band(round(coordination(u), 2)),
            }
        )  # fmt: skip
    return pa.Table.from_pylist(rows, TABLES["diagnosis_coordination"].arrow)
