"""What was really made and shipped, read as a plan that is judged by the same rules as every other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from jointplan.planning.network import Network, build_network
from jointplan.planning.plan import TINY, ClusterPlan, Violation
from jointplan.planning.problem import NO_CERTIFICATES, NO_TERMS, ClusterProblem, Floats, Opening
from jointplan.planning.rights import separate_rights
from jointplan.planning.weekly import shift, sum_by

NOT_CAPABLE = "made by a firm that is not capable"
NOT_MAKEABLE = "made, but nobody is known to be able to make it"
NO_LANE = "shipped on a lane that does not lead there"
NOT_PLANNED = "recorded for a product or seller that is not planned"


def recorded_opening(problem: ClusterProblem, recorded: pd.DataFrame, weekly: pd.DataFrame, start: date) -> Opening:
    """Return what the activities recorded before the first week left: goods at each place, under way, and unsold.

    At a market what was sold meanwhile is taken off what arrived. A balance that would fall below zero, because the
    records begin with goods they do not know of, is nothing.

    Parameters
    ----------
    problem : ClusterProblem
        The cluster.
    recorded, weekly : DataFrame
        Rows of **recorded**, and weekly sales (week, sku, market, seller, quantity).
    start : date
        Monday of week 0.
    """
    begins = (pd.to_datetime(recorded["date"]) - pd.Timestamp(start)).dt.days // 7
    reader = _read(problem, recorded.assign(week=begins)[begins < 0])
    moves: list[tuple[int, int, int, int, int, float]] = []
    for owner, route, t, units in reader.made:
        moves.append((owner, int(problem.route_product[route]), int(problem.route_firm[route]), -1, t, units))
    for owner, product, firm, t, units in reader.unmakeable:
        moves.append((owner, product, firm, -1, t, units))
    for owner, product, lane, t, units in reader.sent:
        end = int(problem.lane_node[lane]), int(problem.lane_market[lane])
        moves.append((owner, product, int(problem.lane_origin[lane]), -1, t, -units))
        moves.append((owner, product, *end, t + int(problem.lane_weeks[lane]), units))
    place = ["owner", "product", "node", "market"]
    moved = pd.DataFrame(np.array(moves, dtype=float).reshape(-1, 6), columns=[*place, "week", "units"])
    coming = moved[moved["week"] >= 0]
    past = moved[moved["week"] < 0]
    sold = _sold(problem, weekly, start)
    sold = sold[sold["week"] >= begins.min()].merge(past.loc[past["market"] >= 0, place].drop_duplicates(), on=place)
    past = pd.concat([past, sold], ignore_index=True).groupby([*place, "week"], as_index=False)["units"].sum()
    total = past.sort_values("week").groupby(place)["units"].cumsum().groupby([past[name] for name in place])
    # Where the running total was lowest, nothing was left; what came since is there.
    left = (total.last() - total.min().clip(upper=0.0)).rename("units").reset_index().assign(week=0)
    found = pd.concat([left, coming], ignore_index=True).groupby([*place, "week"], as_index=False)["units"].sum()
    found = found[(found["units"] > TINY) & (found["week"] < problem.weeks)]
    node, market, week, product, owner = (
        found[name].to_numpy(np.int64) for name in ("node", "market", "week", "product", "owner")
    )
    return Opening(node, market, week, product, owner, found["units"].to_numpy(float))


def _sold(problem: ClusterProblem, weekly: pd.DataFrame, start: date) -> pd.DataFrame:
    """Return sales before the first week, as units that left their market."""
    numbers = [{name: n for n, name in enumerate(names)} for names in (problem.firm, problem.sku, problem.market)]
    firm, product, market = (
        weekly[column].map(number) for column, number in zip(("seller", "sku", "market"), numbers, strict=True)
    )
    week = (pd.to_datetime(weekly["week"]) - pd.Timestamp(start)).dt.days // 7
    known = firm.notna() & product.notna() & market.notna() & (week < 0)
    return pd.DataFrame(
        {
            "owner": problem.firm_owner[firm[known].astype(np.int64)],
            "product": product[known].astype(np.int64),
            "node": -1,
            "market": market[known].astype(np.int64),
            "week": week[known],
            "units": -weekly.loc[known, "quantity"].astype(float),
        }
    )


def recorded_plan(problem: ClusterProblem, recorded: pd.DataFrame, start: date) -> ClusterPlan:
    """Read recorded activities as a plan of owners who share nothing.

    A lot of a firm that is not capable is counted as made by the product's present maker, and what leaves the firm of
    such lots as leaving the maker. What reaches a market serves the oldest order that still waits, and waits itself if
    there is none; orders are given up when customers have waited too long, and at the end.

    Parameters
    ----------
    problem : ClusterProblem
        The cluster.
    recorded : DataFrame
        Rows of the **recorded** table; those outside the weeks planned are left out.
    start : date
        Monday of week 0.

    Returns
    -------
    ClusterPlan
        Rules broken are in its ``violations()``; rows that fit nothing in the problem are among its ``notes``.
    """
    week = (pd.to_datetime(recorded["date"]) - pd.Timestamp(start)).dt.days // 7
    reader = _read(problem, recorded.assign(week=week)[(week >= 0) & (week < problem.weeks)])
    rights = separate_rights(problem)
    network = build_network(
        replace(
            problem, certificates=NO_CERTIFICATES, terms=NO_TERMS
        ),  # what was done is counted whether it was allowed or not
        rights,
        made=[(owner, route) for owner, route, _, _ in reader.made],
        sent=[(owner, product, lane) for owner, product, lane, _, _ in reader.sent],
    )
    make, ship = _place(problem, network, reader)
    arrived = sum_by(network.arc_sink, shift(ship, problem.lane_weeks[network.arc_lane]), len(network.sink_market))
    serve, unmet = hand_over(problem, network, network.sink_opening + arrived)
    return ClusterPlan(problem, rights, network, make, ship, serve, unmet, notes=reader.notes)


def _read(problem: ClusterProblem, recorded: pd.DataFrame) -> _Reader:
    """Read rows with their week number."""
    reader = _Reader(problem)
    keys = ["activity", "week", "firm", "sku", "seller", "lane", "market"]
    recorded = recorded.assign(lane=recorded["lane"].fillna(""), market=recorded["market"].fillna(""))
    rows = recorded.groupby(keys)[["quantity"]].sum().reset_index()
    for row in rows[rows["activity"] == "make"].itertuples():
        reader.read_making(row)
    for row in rows[rows["activity"] == "ship"].itertuples():
        reader.read_shipment(row)
    return reader


class _Reader:
    """Finds the route or lane of each recorded row, and keeps a note of what does not fit."""

    def __init__(self, problem: ClusterProblem) -> None:
        self.p = problem
        self.firm = {name: f for f, name in enumerate(problem.firm)}
        self.node = {name: n for n, name in enumerate(problem.node)}
        self.product = {name: i for i, name in enumerate(problem.sku)}
        self.lane = {name: number for number, name in enumerate(problem.lane)}
        # What was made is recorded as a whole, where it came out.
        self.route = {
            (int(problem.route_product[r]), int(problem.route_firm[r])): r
            for r in np.flatnonzero(~problem.divided).tolist()
        }
        self.any_route: dict[int, int] = {}
        for (product, _), r in self.route.items():
            self.any_route.setdefault(product, r)
        self.made: list[tuple[int, int, int, float]] = []
        self.sent: list[tuple[int, int, int, int, float]] = []
        # What no route makes any more, by the firm that did: it has no cost, but what was made before the first week is there.
        self.unmakeable: list[tuple[int, int, int, int, float]] = []
        self.instead: dict[tuple[int, int, str], int] = {}
        self._notes: dict[tuple[str, str, int], float] = {}

    @property
    def notes(self) -> tuple[Violation, ...]:
        """What did not fit."""
        return tuple(Violation(rule, place, t, units, "units") for (rule, place, t), units in self._notes.items())

    def read_making(self, row: Any) -> None:
        """Read what a firm made."""
        known = self._owner_and_product(row)
        if known is None:
            return
        owner, product = known
        present = int(self.p.maker[product])
        route = self.route.get((product, self.firm.get(row.firm, -1)))
        if route is None:
            # Goods bought in come from firms outside: they enter at the seller, which breaks no rule.
            stand_in = present if present >= 0 else self.firm[row.seller]
            route = self.route.get((product, stand_in), self.any_route.get(product))
            if route is None:
                self._note(NOT_MAKEABLE, row)
                if row.firm in self.firm:
                    self.unmakeable.append((owner, product, self.firm[row.firm], int(row.week), float(row.quantity)))
                return
            self.instead[owner, product, row.firm] = int(self.p.route_firm[route])
            if present >= 0:
                self._note(NOT_CAPABLE, row)
        self.made.append((owner, route, int(row.week), float(row.quantity)))

    def read_shipment(self, row: Any) -> None:
        """Read what left a place; after all that was made has been read."""
        known = self._owner_and_product(row)
        if known is None:
            return
        owner, product = known
        origin = self.node.get(row.firm, -1)
        if (owner, product, row.firm) in self.instead:
            origin = self.instead[owner, product, row.firm]
        lane = self._find_lane(row.lane, origin, row.market)
        if lane is None and self.node.get(row.firm, -1) != origin:
            lane = self._find_lane(row.lane, self.node.get(row.firm, -1), row.market)
        if lane is None:
            self._note(NO_LANE, row, f"{row.firm} {row.lane} {row.sku}")
            return
        self.sent.append((owner, product, lane, int(row.week), float(row.quantity)))

    def _find_lane(self, name: str, origin: int, market: str) -> int | None:
        """Return the lane of a name that leaves a place; lanes from every maker are named after their origin too."""
        if origin < 0:
            return None
        for known in (name, f"{name}@{self.p.node[origin]}"):
            lane = self.lane.get(known)
            if lane is not None and self.p.lane_origin[lane] == origin:
                end = int(self.p.lane_market[lane])
                if end < 0 or market in ("", self.p.market[end]):
                    return lane
        return None

    def _owner_and_product(self, row: Any) -> tuple[int, int] | None:
        seller, product = self.firm.get(row.seller), self.product.get(row.sku)
        if seller is None or product is None:
            self._note(NOT_PLANNED, row, f"{row.sku} {row.seller}")
            return None
        return int(self.p.firm_owner[seller]), product

    def _note(self, rule: str, row: Any, place: str | None = None) -> None:
        key = rule, place or f"{row.firm} {row.sku}", int(row.week)
        self._notes[key] = self._notes.get(key, 0.0) + float(row.quantity)


def _place(problem: ClusterProblem, network: Network, reader: _Reader) -> tuple[Floats, Floats]:
    """Return what was made on each supply and sent on each arc."""
    commodity = {
        (int(i), int(o)): c
        for c, (i, o) in enumerate(zip(network.commodity_product, network.commodity_class, strict=True))
    }
    supply = {
        (int(c), int(r)): k for k, (c, r) in enumerate(zip(network.supply_commodity, network.supply_route, strict=True))
    }
    arc = {
        (int(c), int(lane)): a for a, (c, lane) in enumerate(zip(network.arc_commodity, network.arc_lane, strict=True))
    }
    make = np.zeros((len(network.supply_route), problem.weeks))
    ship = np.zeros((len(network.arc_lane), problem.weeks))
    for owner, route, t, units in reader.made:
        make[supply[commodity[int(problem.route_product[route]), owner], route], t] += units
    for owner, product, lane, t, units in reader.sent:
        ship[arc[commodity[product, owner], lane], t] += units
    return make, ship


def hand_over(problem: ClusterProblem, network: Network, arrived: Floats) -> tuple[Floats, Floats]:
    """Hand what reaches each sink, (D, T), to the oldest orders that still wait.

    Series that want units of the same week from the same sink share in proportion to what they want; what nobody wants
    yet waits.

    Returns
    -------
    serve, unmet : (S, T)
        Units handed over; units given up in the week in which their customers stop waiting, or at the end.
    """
    sinks, sink = len(network.sink_market), network.series_sink
    waiting = problem.demand.copy()
    serve, unmet = np.zeros_like(waiting), np.zeros_like(waiting)
    left = np.zeros(sinks)
    for t in range(problem.weeks):
        left = left + arrived[:, t]
        for wanted in range(max(0, t - problem.late_weeks), t + 1):
            need = np.bincount(sink, waiting[:, wanted], minlength=sinks)
            share = np.minimum(1.0, np.divide(left, need, out=np.zeros(sinks), where=need > 0))
            given = waiting[:, wanted] * share[sink]
            serve[:, t] += given
            waiting[:, wanted] -= given
            left = np.maximum(left - np.bincount(sink, given, minlength=sinks), 0.0)
        expired = t - problem.late_weeks
        if expired >= 0:
            unmet[:, t] = waiting[:, expired]
            waiting[:, expired] = 0.0
    unmet[:, -1] += waiting.sum(axis=1)
    return serve, unmet
