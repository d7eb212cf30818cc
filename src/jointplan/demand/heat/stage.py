"""Heat of every product and family, in each market and over all; how well it told growth; and which side leads."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jointplan.contracts import Progress, silent
from jointplan.demand.heat.indices import scores, sellers_first
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
from jointplan.engine import Tables, run_tasks
from jointplan.schema import TABLES
from jointplan.texts import tr

SHARED = "shared"
RESAMPLES = 99
HOME, FOREIGN = "home", "foreign"
SCOPES = ("product", "family", "market_product", "market_family")
"""What is ranked: products and families over all markets, and in each market."""

OWN_SCOPES = ("product", "market_product")
"""What an owner's own rows are ranked by: few have families enough to rank."""

FAMILIES = 50
"""Families of a task that seeks leads."""

BIG = 1_500_000
"""Series × weeks of all rankings from which a second process is worth its start of some seconds."""

MANY = 200
"""Families from which it is worth it for leads."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scope:
    """One ranking to make: of a basis, over products or families, in each market or over all."""

    basis: str
    name: str
    panel: HeatPanel
    settings: HeatSettings
    start: date
    seed: int


@dataclass(frozen=True)
class Sides:
    """Families whose leads are sought: units of each at home, abroad, and of all others, families × weeks."""

    families: tuple[str, ...]
    home: Array
    foreign: Array
    others: Array
    draws: int
    seed: int


def measure_heat(
    tables: Tables,
    settings: HeatSettings,
    *,
    start: date,
    currency: str,
    seed: int,
    workers: int | None = None,
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
    workers : int or None
        Processes; None takes all cores where there is enough work to pay for starting them, else one.
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
    scopes = [
        Scope(basis, name, panel, settings, start, seed)
        for basis, panel in bases.items()
        for name in (SCOPES if basis == SHARED else OWN_SCOPES)
    ]
    if workers is None and sum(one.panel.units.size for one in scopes) < BIG:
        workers = 1
    for done, (rows, judged) in enumerate(run_tasks(measure_scope, scopes, workers=workers)):
        heat += rows
        accuracy += judged
        progress(tr("Measuring heat"), (done + 1) / (len(scopes) + 1))
    near, far = sides(tables, home_country(tables, settings.home, currency))
    parts = list(split_families(world.shared, near, far, settings.draws, seed))
    if sum(len(part.families) for part in parts) < MANY:
        workers = 1
    leads = [lead for found in run_tasks(find_leads, parts, workers=workers) for lead in found]
    return {
        "heat": pa.concat_tables(heat),
        "heat_accuracy": pa.concat_tables(accuracy),
        "heat_leads": lead_rows(_surviving(leads)),
    }


def _scope(panel: HeatPanel, scope: str) -> HeatPanel:
    if scope == "product":
        return panel.added_up(markets=True, products=False)
    if scope == "family":
        return panel.added_up(markets=True, products=True)
    # What was seen in no market in particular is not heat of a market.
    placed = panel.pick(panel.market != "")
    return placed if scope == "market_product" else placed.added_up(markets=False, products=True)


def measure_scope(one: Scope) -> tuple[list[pa.Table], list[pa.Table]]:
    """Make one ranking: parts of the tables **heat** and **heat_accuracy**."""
    # An owner's own heat is that of the last week alone, by the default index: its course is shown to nobody else.
    panel, settings = _scope(one.panel, one.name), one.settings
    weeks = panel.weeks
    past = look_back(panel, past_cutoffs(weeks, settings.origins, settings.origin_step))
    rng = np.random.default_rng([one.seed, SCOPES.index(one.name)])
    tried = try_indices(past) if one.basis == SHARED else []
    judged = judge_indices(tried, RESAMPLES, rng)
    rows = []
    for known in range(max(weeks - (settings.shown_weeks if one.basis == SHARED else 1), 0) + 1, weeks + 1):
        reading = read_heat(panel, known)
        if len(reading):
            weights, index = learned_by(past, known), best_index(tried, known)
            made = scores(reading, weights)
            score = group_ranks(sellers_first(made[index], reading.idle), reading.group)
            week = last_week(one.start, weeks, known)
            rows.append(heat_rows(one.basis, one.name, panel, reading, week, index, score, weights.expected(reading)))
    return rows, [accuracy_rows(one.basis, one.name, judged, best_index(tried, weeks))] if judged else []


def split_families(
    panel: HeatPanel, near: frozenset[str], far: frozenset[str], draws: int, seed: int
) -> Iterator[Sides]:
    """Yield the families of a panel, some at a time, with what they sold on either side of the border.

    Parameters
    ----------
    panel : HeatPanel
        Everybody's sales.
    near, far : sets of str
        Markets at home and abroad.
    draws, seed : int
        Of the copies that a lead must beat.
    """
    home, abroad = np.isin(panel.market, sorted(near)), np.isin(panel.market, sorted(far))
    names, family = np.unique(panel.family, return_inverse=True)
    units = [np.zeros((len(names), panel.weeks)) for _ in range(3)]
    for total, rows in zip(units, (home, abroad, np.ones(len(panel), dtype=np.bool_)), strict=True):
        np.add.at(total, family[rows], panel.units[rows])
    others = np.maximum(panel.units.sum(axis=0) - units[2], 0.0)
    for begin in range(0, len(names), FAMILIES):
        part = slice(begin, begin + FAMILIES)
        yield Sides(tuple(names[part].tolist()), units[0][part], units[1][part], others[part], draws, seed)


def find_leads(part: Sides) -> list[tuple[str, str, Lead]]:
    """Seek the leads of some families: family, leading side and lead.

    Every family draws by a seed of its own, so that its lead is the same whatever other families there are.
    """
    found = []
    for place, family in enumerate(part.families):
        rng = np.random.default_rng([part.seed, len(SCOPES), zlib.crc32(family.encode())])
        side = {HOME: part.home[place], FOREIGN: part.foreign[place]}
        for leader, follower in ((HOME, FOREIGN), (FOREIGN, HOME)):
            lead = find_lead(side[leader], side[follower], part.others[place], part.draws, rng)
            if lead is not None:
                found.append((family, leader, lead))
    return found


def _surviving(found: list[tuple[str, str, Lead]]) -> Iterator[tuple[str, str, Lead, bool]]:
    # Leads with whether they survive chance, all families and both directions taken together.
    kept = discoveries(np.array([lead.p_value for _, _, lead in found]))
    for (family, leader, lead), survives in zip(found, kept, strict=True):
        yield family, leader, lead, bool(survives) and lead.gain > 0
