"""Heat of every product and family, in each market and over all; how well it told growth; and which side leads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pyarrow as pa

from jointplan.contracts import Progress, silent
from jointplan.demand.heat.indices import EXPECTED, scores, sellers_first
from jointplan.demand.heat.leads import Lead, discoveries, find_lead
from jointplan.demand.heat.panel import HeatPanel
from jointplan.demand.heat.reading import group_ranks, read_heat
from jointplan.demand.heat.settings import HeatSettings
from jointplan.demand.heat.tables import (
    accuracy_rows,
    heat_rows,
    home_country,
    last_week,
    lead_rows,
    read_world,
    sides,
)
from jointplan.demand.heat.trials import best_index, judge_indices, learned_by, look_back, past_cutoffs, try_indices
from jointplan.engine import Tables
from jointplan.schema import TABLES
from jointplan.texts import tr

SHARED = "shared"
RESAMPLES = 99
HOME, FOREIGN = "home", "foreign"
SCOPES = ("product", "family", "market_product", "market_family")
"""What is ranked: products and families over all markets, and in each market."""

OWN_SCOPES = ("product", "market_product")
"""What an owner's own rows are ranked by: few have families enough to rank."""


def measure_heat(
    tables: Tables,
    settings: HeatSettings,
    *,
    start: date,
    currency: str,
    seed: int,
    progress: Progress = silent,
) -> dict[str, pa.Table]:
    """Measure the heat of what was sold before ``start``.

    Parameters
    ----------
    tables : Tables
        **weekly** (week, sku, market, seller, quantity), **products**, **firms**, **markets**, and **signals** where there are.
    settings : HeatSettings
        See there.
    start : date
        Monday after the last week known; nothing from it on is read.
    currency : str
        Currency of the run, by which the home country is told where nothing else does.
    seed : int
        Seed of resamples.
    progress : Progress
        Told how far it is.

    Returns
    -------
    dict
        ``heat``, ``heat_accuracy`` and ``heat_leads``, as the schema declares them; without rows where nothing is known.
    """
    world = read_world(tables, start)
    heat, accuracy = [TABLES["heat"].empty()], [TABLES["heat_accuracy"].empty()]
    bases = {SHARED: world.shared}
    if len(world.own) > 1:
        bases |= {f"own:{owner}": panel for owner, panel in world.own.items()}
    for done, (basis, panel) in enumerate(bases.items()):
        for scope in SCOPES if basis == SHARED else OWN_SCOPES:
            part = _scope(panel, scope)
            rng = np.random.default_rng([seed, SCOPES.index(scope)])
            rows, judged = _measure(basis, scope, part, settings, start, rng)
            heat += rows
            accuracy += judged
        progress(tr("Measuring heat"), (done + 1) / (len(bases) + 1))
    near, far = sides(tables, home_country(tables, settings.home, currency))
    leads = _leads(world.shared, near, far, settings, np.random.default_rng([seed, len(SCOPES)]))
    return {
        "heat": pa.concat_tables(heat),
        "heat_accuracy": pa.concat_tables(accuracy),
        "heat_leads": lead_rows(leads),
    }


def _scope(panel: HeatPanel, scope: str) -> HeatPanel:
    if scope == "product":
        return panel.added_up(markets=True, products=False)
    if scope == "family":
        return panel.added_up(markets=True, products=True)
    # What was seen in no market in particular is not heat of a market.
    placed = panel.pick(panel.market != "")
    return placed if scope == "market_product" else placed.added_up(markets=False, products=True)


def _measure(
    basis: str, scope: str, panel: HeatPanel, settings: HeatSettings, start: date, rng: np.random.Generator
) -> tuple[list[pa.Table], list[pa.Table]]:
    # An owner's own heat is that of the last week alone, by the default index: its course is shown to nobody else.
    weeks = panel.weeks
    past = look_back(panel, past_cutoffs(weeks, settings.origins, settings.origin_step))
    judged = judge_indices(try_indices(past), RESAMPLES, rng) if basis == SHARED else []
    index = best_index(judged)
    rows = []
    for known in range(max(weeks - (settings.shown_weeks if basis == SHARED else 1), 0) + 1, weeks + 1):
        reading = read_heat(panel, known)
        if len(reading):
            made = scores(reading, learned_by(past, known))
            score = group_ranks(sellers_first(made[index], reading.idle), reading.group)
            week = last_week(start, weeks, known)
            rows.append(heat_rows(basis, scope, panel, reading, week, index, score, made[EXPECTED]))
    return rows, [accuracy_rows(basis, scope, judged, index)] if judged else []


def _leads(
    panel: HeatPanel, near: frozenset[str], far: frozenset[str], settings: HeatSettings, rng: np.random.Generator
) -> Iterator[tuple[str, str, Lead, bool]]:
    home, abroad = np.isin(panel.market, sorted(near)), np.isin(panel.market, sorted(far))
    total = panel.units.sum(axis=0)
    found: list[tuple[str, str, Lead]] = []
    for family in np.unique(panel.family).tolist():
        own = panel.family == family
        side = {HOME: panel.units[own & home].sum(axis=0), FOREIGN: panel.units[own & abroad].sum(axis=0)}
        others = np.maximum(total - panel.units[own].sum(axis=0), 0.0)
        for leader, follower in ((HOME, FOREIGN), (FOREIGN, HOME)):
            lead = find_lead(side[leader], side[follower], others, settings.draws, rng)
            if lead is not None:
                found.append((family, leader, lead))
    kept = discoveries(np.array([lead.p_value for _, _, lead in found]))
    for (family, leader, lead), survives in zip(found, kept, strict=True):
        yield family, leader, lead, bool(survives) and lead.gain > 0
