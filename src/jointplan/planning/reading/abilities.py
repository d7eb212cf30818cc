"""Who can do which step of which product, who is looked at for it, and what was decided already."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from jointplan.engine import Tables
from jointplan.planning.problem import Floats, chain_firms
from jointplan.planning.reading.capacity import most_hours
from jointplan.planning.reading.chains import FULL, Offer, find_chains
from jointplan.planning.reading.index import Index, text
from jointplan.planning.reading.lanes import Moves
from jointplan.planning.reading.money import Money
from jointplan.planning.reading.unlocking import Unlocking
from jointplan.planning.settings import MakingSettings

Could = list[dict[str, Any]]  # for each step, the firms that could do it, with the rows of **capabilities** that say so


class Abilities:
    """Routings of products, and the capabilities of firms.

    Attributes
    ----------
    steps_of : list of list of (str, float)
        Processes of each product in their order, with the hours of a unit; none where they are not known.
    unlocking : Unlocking
        What must be learned or opened first.
    hours_of : dict
        The most hours that a workshop (firm, process) has in one of the weeks planned.
    """

    def __init__(self, tables: Tables, index: Index, money: Money, start: date, weeks: int) -> None:
        self.index = index
        products, firms = index.products, index.firms
        self.steps_of = _routings(tables, products)
        capabilities = tables.frame("capabilities")
        rate = capabilities["firm"].map(dict(zip(firms["firm"], firms["currency"].map(money.rate), strict=True)))
        for column in ("cost_per_hour", "major_setup_cost", "minor_setup_cost", "learn_cost"):
            capabilities[column] = capabilities[column] * rate
        self.unlocking = Unlocking(capabilities, firms, money)
        self.rows: dict[tuple[str, str], dict[tuple[str, str], Any]] = {}
        for row in capabilities.rename(columns={"yield": "good"}).itertuples():
            self.rows.setdefault((row.process, row.firm), {})[text(row.family), text(row.sku)] = row
        self.firms_of: dict[str, list[str]] = {}
        for process, firm in self.rows:
            self.firms_of.setdefault(process, []).append(firm)
        self.hours_of = most_hours(tables, index, start, weeks)
        self.owner_of = {f: text(o) or f for f, o in zip(firms["firm"], firms["owner"], strict=True)}

    def row(self, firm: str, process: str, product: int, *, whole: bool = False) -> Any:
        """Return the most specific row of **capabilities**, or the most specific of the whole family; None if there is none."""
        family, sku = self.index.family(product), self.index.products["sku"].iloc[product]
        found = self.rows.get((process, firm), {})
        for key in ((family, sku), ("", sku), (family, ""), ("", ""))[2 * whole :]:
            if key in found:
                return found[key]
        return None

    def could(self, product: int) -> Could:
        """Return who could do each step of a product."""
        return [
            {firm: row for firm in self.firms_of.get(process, []) if (row := self.row(firm, process, product))}
            for process, _ in self.steps_of[product]
        ]

    def busy(self, units: Floats) -> set[tuple[str, str]]:
        """Return the workshops (firm, process) that are full if every present maker does all of what is wanted of it.

        ``units`` (I,) are wanted of each product in a week.
        """
        load: dict[tuple[str, str], float] = {}
        for i in np.flatnonzero(self.index.maker >= 0).tolist():
            firm = self.index.firm(self.index.maker[i])
            for process, hours in self.steps_of[i]:
                row = self.row(firm, process, i)
                if row is not None:
                    key = firm, process
                    load[key] = load.get(key, 0.0) + float(units[i]) * hours * (row.hours_factor / row.good)
        return {key for key, hours in load.items() if hours > FULL * self.hours_of.get(key, 0.0)}


def _routings(tables: Tables, products: pd.DataFrame) -> list[list[tuple[str, float]]]:
    """Return each product's steps, its own or else its family's."""
    operations = tables.frame("operations").sort_values("step")
    own_steps: dict[str, list[tuple[str, float]]] = {}
    family_steps: dict[str, list[tuple[str, float]]] = {}
    for sku, family, process, hours in zip(
        *(operations[c] for c in ("sku", "family", "process", "hours")), strict=True
    ):
        target = own_steps if text(sku) else family_steps
        target.setdefault(text(sku) or text(family), []).append((process, float(hours)))
    return [
        own_steps.get(sku) or family_steps.get(text(family)) or []
        for sku, family in zip(products["sku"], products["family"], strict=True)
    ]


class Decided:
    """Who makes the lots that are decided already: a firm, or several in turn."""

    def __init__(self, tables: Tables) -> None:
        self.firms: dict[str, list[str]] = {}
        self.chains: dict[str, list[tuple[str, ...]]] = {}
        if "approved" in tables:
            for sku, firm, chain in zip(*(tables.frame("approved")[c] for c in ("sku", "firm", "chain")), strict=True):
                if named := chain_firms(text(chain)):
                    self.chains.setdefault(sku, []).append(named)
                else:
                    self.firms.setdefault(sku, []).append(firm)


def _price(hours: float, row: Any, busy: set[tuple[str, str]], settings: MakingSettings) -> float:
    """Return what a step costs by a row of **capabilities**; hours of workshops that their own work fills count as overtime."""
    dear = 1 + settings.overtime_premium * ((row.firm, row.process) in busy)
    return float(hours * row.hours_factor * row.cost_per_hour * dear)


def whole_jobs(
    product: int,
    could: Could,
    abilities: Abilities,
    decided: Decided,
    busy: set[tuple[str, str]],
    settings: MakingSettings,
) -> list[str]:
    """Return the firms considered for a product as a whole.

    Who must learn first, and workshops that must be opened, come besides those who can do it already.
    """
    unlocking = abilities.unlocking
    able = {firm: [found[firm] for found in could] for firm in could[0] if all(firm in found for found in could)}
    likely = []
    for first in (False, True):
        some = {firm: found for firm, found in able.items() if unlocking.any_needed(firm, found) == first}
        likely += _candidates(product, some, abilities, busy, settings)
    sku = abilities.index.products["sku"].iloc[product]
    return list(dict.fromkeys([*likely, *(f for f in decided.firms.get(sku, ()) if f in able)]))


def _candidates(
    product: int,
    able: dict[str, list[Any]],
    abilities: Abilities,
    busy: set[tuple[str, str]],
    settings: MakingSettings,
) -> list[str]:
    """Return the capable firms a product is considered for: its present maker's owner's, and the cheapest few others.

    Others have hours for every step; among equally cheap firms the roomiest come first.
    """
    steps, owner_of = abilities.steps_of[product], abilities.owner_of
    maker = abilities.index.firm(abilities.index.maker[product])
    room = {firm: min(abilities.hours_of.get((firm, process), 0.0) for process, _ in steps) for firm in able}

    def order(firm: str) -> tuple[float, float, str]:
        cost = sum(_price(hours, row, busy, settings) for (_, hours), row in zip(steps, able[firm], strict=True))
        return round(cost, 9), -room[firm], firm

    home = [firm for firm in able if owner_of[firm] == owner_of[maker]]
    others = [firm for firm in able if owner_of[firm] != owner_of[maker] and room[firm] > 0]
    return home + sorted(others, key=order)[: settings.other_makers]


def divided_jobs(
    product: int,
    could: Could,
    abilities: Abilities,
    decided: Decided,
    moves: Moves,
    busy: set[tuple[str, str]],
    settings: MakingSettings,
) -> list[tuple[str, ...]]:
    """Return the ways considered in which several firms do a product's steps in turn, a firm for each step.

    Beside the ways of those who can do their steps already come those in which one step is done by somebody who must learn.
    """
    steps, index, unlocking = abilities.steps_of[product], abilities.index, abilities.unlocking
    if len(steps) < 2:
        return []
    home = abilities.owner_of[index.firm(index.maker[product])]

    def priced(process: str, hours: float, firm: str, row: Any) -> Offer:
        room = abilities.hours_of.get((firm, process), 0.0)
        return Offer(firm, _price(hours, row, busy, settings), row.good, room)

    priced_steps = [
        [
            (unlocking.any_needed(firm, [row]), priced(process, hours, firm, row))
            for firm, row in found.items()
            if abilities.hours_of.get((firm, process), 0.0) > 0
        ]
        for (process, hours), found in zip(steps, could, strict=True)
    ]
    chains = []
    for new in [-1, *(n for n, step in enumerate(priced_steps) if any(first for first, _ in step))]:
        chains += find_chains(
            [[offer for first, offer in step if first == (n == new)] for n, step in enumerate(priced_steps)],
            lambda firm: abilities.owner_of[firm] == home,
            lambda one, other: moves.between(index.firm_of[one], index.firm_of[other], product)[0],
            settings.chains,
        )
    agreed = [
        chain
        for chain in decided.chains.get(index.products["sku"].iloc[product], ())
        if len(chain) == len(steps) and all(map(dict.__contains__, could, chain))
    ]
    return list(dict.fromkeys([*chains, *agreed]))
