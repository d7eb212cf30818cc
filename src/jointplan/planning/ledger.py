"""Every amount of a plan by firm and account, to the cent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

import numpy as np

from jointplan.planning.attributing import Attribution, attribute_goods
from jointplan.planning.plan import ClusterPlan
from jointplan.planning.problem import Bools, Floats, Ints
from jointplan.planning.rows import Rows, added_up, alike, cells, stacked, taken
from jointplan.planning.shares import (
    arc_freight,
    goods_before,
    material_parts,
    purse_firms,
    share_entries,
    share_investments,
    share_links,
    share_loads,
    share_materials,
    share_overtime,
    share_sites,
)
from jointplan.planning.weekly import shift, sum_by
from jointplan.schema.results.worth import LEDGER

HUB = "hub"
_ACCOUNTS = LEDGER["account"].choices
_KEY = ["week", "firm", "account", "counterparty", "sku", "is_cash"]


def ledger_rows(plan: ClusterPlan, name: str, start: date, goods: Attribution | None = None) -> Rows:
    """Return the ledger of a plan; its amounts add up to the plan's value to the cent, and transfers cancel.

    Parameters
    ----------
    plan : ClusterPlan
        The plan.
    name : str
        ``recorded``, ``separate`` or ``joint``.
    start : date
        Monday of week 0.
    goods : Attribution, optional
        Whose goods are where in the plan; None: it is followed here.

    Returns
    -------
    Rows
        Rows of **ledger**; counterparty and sku are None where blank.
    """
    book = _Book(plan, attribute_goods(plan) if goods is None else goods)
    rows, transfers = book.rows(), book.transfers()
    rows["amount"] = _to_cents(rows["amount"], round(round(plan.value, 2) * 100))
    transfers["amount"] = np.rint(transfers["amount"] * 100).astype(np.int64)
    paid = transfers | {
        "firm": transfers["counterparty"],
        "counterparty": transfers["firm"],
        "amount": -transfers["amount"],
    }
    booked = _by_key(stacked([rows, transfers, paid]))
    booked = taken(booked, booked["amount"] != 0)
    p = plan.problem
    firms = np.array([*p.firm, HUB, None], dtype=object)  # −1 is blank
    skus = np.array([*p.sku, None], dtype=object)
    return {
        "plan": np.full(len(booked["amount"]), name, dtype=object),
        "week": np.datetime64(start, "D") + 7 * booked["week"],
        "firm": firms[booked["firm"]],
        "account": np.array(_ACCOUNTS, dtype=object)[booked["account"]],
        "counterparty": firms[booked["counterparty"]],
        "sku": skus[booked["sku"]],
        "amount": booked["amount"] / 100.0,
        "is_cash": booked["is_cash"],
    }


def _by_key(entries: Rows) -> Rows:
    """Add up the amounts of each key."""
    return added_up(entries, *alike(*(entries[name] for name in _KEY)), ["amount"])


def _to_cents(amounts: Floats, total: int) -> Ints:
    """Round to cents so that they add up to a total, moving those that were rounded furthest."""
    exact = amounts * 100
    cents = np.rint(exact).astype(np.int64)
    missing = total - int(cents.sum())
    direction = 1 if missing > 0 else -1
    furthest = np.argsort(-direction * (exact - cents), kind="stable")[: abs(missing)]
    cents[furthest] += direction
    return cents


class _Cost(NamedTuple):
    """Amounts (N, T) of an account, with the firm and the route of each row."""

    account: str
    amount: Floats
    firm: Ints
    route: Ints


class _Book:
    """Collects the entries of a plan, firms and products by number."""

    def __init__(self, plan: ClusterPlan, goods: Attribution) -> None:
        self.plan = plan
        self.goods = goods
        self.entries: list[Rows] = []

    def rows(self) -> Rows:
        """Return everything but transfers, one row a key; amounts with their sign, unrounded."""
        p, net, money = self.plan.problem, self.plan.network, self.plan.accounts
        last = p.weeks - 1
        series = p.series_seller, p.series_product
        self._book("revenue", money.revenue, *series)
        self._book("channel", -money.channel, *series)
        self._book("late", -money.late, *series)
        for purse, firms in enumerate(purse_firms(self.plan)):
            share = np.repeat(-money.interest[[purse]] / len(firms), len(firms), axis=0)
            self._book("interest", share, firms, np.full(len(firms), -1))
        entries = p.entries
        promoted = np.zeros(len(net.entry_market), bool) if entries is None else entries.promotion[net.entry_market]
        for account, which in (("entry", ~promoted), ("promotion", promoted)):
            self._book(account, -share_entries(self.plan, money.entry * which[:, None]), *series)
        self._book("goodwill", -money.goodwill, *series, is_cash=False)
        self._book("protection", money.protection, *series, is_cash=False)

        product = p.route_product[net.supply_route]
        made = (p.maker[product] >= 0)[:, None]
        maker = p.route_holder[net.supply_route]
        whole = ~p.divided[net.supply_route][:, None]
        bins = net.buying.purchase_bin, len(net.buying.bin_material)
        parts = material_parts(self.plan)
        ordered = np.where((p.materials.offer_firm < 0)[net.buying.purchase_offer][:, None], money.purchase, 0.0)
        bought = share_materials(self.plan, sum_by(bins[0], ordered, bins[1]), parts.ordered)
        for account, amount in (("making", money.making * whole), ("material", money.material + bought)):
            self._book(account, -np.where(made, amount, 0.0), maker, product)
            self._book_to_sellers(account, -np.where(made, 0.0, amount), self.goods.made, net.supply_commodity)
        on_hand, holder = self._on_hand()
        worth = on_hand | {"amount": -on_hand["amount"]}
        self.entries.append(self._entry("material", worth, holder, product[on_hand["row"]], is_cash=False))
        self._book("holding", -share_materials(self.plan, money.bin_holding, parts.kept), maker, product)
        left = np.zeros((len(money.end_bin), p.weeks))
        left[:, last] = money.end_bin
        self._book("end_stock", share_materials(self.plan, left, parts.kept), maker, product, is_cash=False)
        for account, amount, firm, route in self._setups():
            self._book(account, -amount, firm, p.route_product[route])
        for account, amount, firm, route in self._steps():
            self._book(account, -amount, firm, p.route_product[route])
        # Who has the order pays for what had to be learned or opened for it.
        self._book("investment", -share_investments(self.plan, money.investment), p.maker[product], product)
        # A shared workshop is nobody's: present makers pay the overtime that their orders take there.
        shared = p.neutral[p.firm_owner[p.resource_firm]][:, None]
        self._book("overtime", np.where(shared, 0.0, -money.overtime), p.resource_firm, np.full(len(p.resource), -1))
        theirs = -share_overtime(self.plan, np.where(shared, money.overtime, 0.0))
        made_of = p.route_product[net.lot_route]
        home = np.where(p.maker[made_of] >= 0, p.maker[made_of], p.route_holder[net.lot_route])
        self._book("overtime", theirs, home, made_of)

        arcs, places = net.arc_commodity, net.place_commodity
        self._book_to_sellers("freight", -arc_freight(self.plan), self.goods.sent, arcs)
        self._book_to_sellers("duty", -money.border - share_loads(self.plan, money.clearing), self.goods.sent, arcs)
        self._book_to_sellers("handling", -money.handling, self.goods.sent, arcs)
        self._book_to_sellers("holding", -money.transit_holding, self.goods.sent, arcs)
        self._book_to_sellers("opening", -share_sites(self.plan, money.opening), self.goods.passed, places)
        self._book_to_sellers("storage", -money.storage, self.goods.kept, places)
        self._book_to_sellers("holding", -money.holding, self.goods.kept, places)
        self._book_to_sellers("holding", -money.shelf_holding, self.goods.shelved, net.sink_commodity)
        for credit, split, commodity in (
            (money.end_stock, self.goods.kept, places),
            (money.end_transit, self.goods.sent, arcs),
            (money.end_shelf, self.goods.shelved, net.sink_commodity),
        ):
            at_end = np.zeros((len(credit), p.weeks))
            at_end[:, last] = credit
            self._book_to_sellers("end_stock", at_end, split, commodity, is_cash=False)
        self._book("hub", -money.hub[None, :], np.array([len(p.firm)]), np.array([-1]))
        return _by_key(stacked(self.entries))

    def transfers(self) -> Rows:
        """Return what makers are paid by sellers, who had goods or material for them, and owners of designs by makers, from the side that is paid."""
        p, net = self.plan.problem, self.plan.network
        product = p.route_product[net.supply_route]
        sold = (p.maker[product] >= 0)[:, None]
        found = self.goods.made(cells(amount=np.where(sold, self.plan.accounts.transfer, 0.0)))
        row = found["row"]
        entry = self._entry("transfer", found, p.route_holder[net.supply_route[row]], product[row], is_cash=True)
        entry["counterparty"] = found["firm"]
        entries = stacked(
            [
                entry, self._paid_for_goods_before(), self._paid_for_material_on_hand(), *self._paid_for_steps(),
                *self._paid_for_designs(),
            ]
        )  # fmt: skip
        return _by_key(taken(entries, entries["firm"] != entries["counterparty"]))

    def _paid_for_goods_before(self) -> Rows:
        """Return what sellers are paid for goods they had before the first week that others sell: what the maker would ask for them."""
        p, net = self.plan.problem, self.plan.network
        home = (p.route_firm == p.maker[p.route_product]) & ~p.divided
        price = np.full(len(p.sku), np.inf)
        np.minimum.at(price, p.route_product[home], p.route_transfer[home])
        price = np.where(np.isfinite(price), price, p.end_value)
        before = goods_before(self.plan)
        product = net.commodity_product[before["commodity"]]
        worth = before["units"] * price[product]
        cell: Rows = {"row": np.arange(len(worth)), "week": before["week"], "amount": worth}
        found = self.goods.came(cell, before["node"])
        others = p.firm_owner[found["firm"]] != p.firm_owner[before["firm"][found["row"]]]
        found = taken(found, others)
        row = found["row"]
        entry = self._entry("transfer", found, before["firm"][row], product[row], is_cash=True)
        entry["counterparty"] = found["firm"]
        return entry

    def _on_hand(self) -> tuple[Rows, Ints]:
        """Return what is taken of material on hand, row the supply that it is for, and the firm that had it."""
        found, buying = material_parts(self.plan).on_hand, self.plan.network.buying
        holder = self.plan.problem.materials.offer_firm[buying.purchase_offer[found["purchase"]]]
        return {"row": buying.need_supply[found["need"]], "week": found["week"], "amount": found["amount"]}, holder

    def _paid_for_material_on_hand(self) -> Rows:
        """Return what firms are paid for material of theirs that makers of other owners use: what it is worth to them."""
        p, net = self.plan.problem, self.plan.network
        found, holder = self._on_hand()
        route = net.supply_route[found["row"]]
        others = p.firm_owner[p.route_holder[route]] != p.firm_owner[holder]
        entry = self._entry(
            "transfer", taken(found, others), holder[others], p.route_product[route[others]], is_cash=True
        )
        entry["counterparty"] = p.route_holder[route[others]]
        return entry

    def _setups(self) -> list[_Cost]:
        """Return the setups, minor ones and the lots' shares of their families', at the firm that changes over."""
        p, net, money = self.plan.problem, self.plan.network, self.plan.accounts
        divided = p.divided[net.lot_route]
        lot, entry = self._pairs(net.lot_route)
        firm = p.group_firm[net.run_group[net.link_run]]
        return [
            _Cost("setup", money.minor * ~divided[:, None], p.route_firm[net.lot_route], net.lot_route),
            _Cost("setup", share_links(self.plan, money.major), firm, net.lot_route[net.link_lot]),
            _Cost(
                "setup", self._set_up(lot, entry) * p.division.setup[entry][:, None], self._firm_of(entry), net.lot_route[lot]
            ),
        ]  # fmt: skip

    def _set_up(self, lot: Ints, entry: Ints) -> Bools:
        """Return whether steps of lots are set up for: those made, but not where their workshop is set up still; (rows, T)."""
        p, net = self.plan.problem, self.plan.network
        kept = {key: x for x, key in enumerate(zip(net.keeper_lot.tolist(), net.keeper_use.tolist(), strict=True))}
        keys = zip(lot.tolist(), p.division.use[entry].tolist(), strict=True)
        keeper = np.array([kept.get(key, -1) for key in keys], dtype=np.int64)
        spared = np.zeros((len(lot), p.weeks))
        spared[keeper >= 0] = self.plan.spared[keeper[keeper >= 0]]
        return np.asarray(self.plan.lots[lot] & (shift(spared, p.division.lag[entry]) == 0))

    def _steps(self) -> list[_Cost]:
        """Return what the steps of divided jobs cost the firms that do them, and moves between these who has the order."""
        net, parts = self.plan.network, self.plan.problem.division
        supply, entry = self._pairs(net.supply_route)
        route = net.supply_route[supply]
        made = self.plan.make[supply]
        return [
            _Cost("making", made * parts.making[entry][:, None], self._firm_of(entry), route),
            _Cost("freight", made * parts.move[entry][:, None], self.plan.problem.route_holder[route], route),
            _Cost("holding", made * parts.waiting[entry][:, None], self.plan.problem.route_holder[route], route),
        ]

    def _paid_for_steps(self) -> list[Rows]:
        """Return what firms are paid for steps by who has the order: what the step and its setups cost, and a margin."""
        p = self.plan.problem
        found = []
        for _, amount, firm, route in [*self._setups(), *self._steps()[:1]]:
            other = p.divided[route] & (firm != p.route_holder[route])
            paid = cells(amount=amount[other] * (1 + p.division.margin))
            row = paid["row"]
            entry = self._entry("transfer", paid, firm[other][row], p.route_product[route[other][row]], is_cash=True)
            entry["counterparty"] = p.route_holder[route[other][row]]
            found.append(entry)
        return found

    def _paid_for_designs(self) -> list[Rows]:
        """Return the royalties that owners of designs are paid by those who make by them under a licence."""
        p, net = self.plan.problem, self.plan.network
        supply = np.flatnonzero(net.supply_granted & (p.route_design[net.supply_route] >= 0))
        route = net.supply_route[supply]
        design = p.route_design[route]
        paid = cells(amount=self.plan.make[supply] * p.designs.royalty[design][:, None])
        row = paid["row"]
        entry = self._entry("royalty", paid, p.designs.firm[design[row]], p.route_product[route[row]], is_cash=True)
        entry["counterparty"] = p.route_holder[route[row]]
        return [entry]

    def _pairs(self, routes: Ints) -> tuple[Ints, Ints]:
        """Return pairs (row, entry of the division) of the rows whose route is divided."""
        p = self.plan.problem
        of_route: dict[int, list[int]] = {}
        for entry, route in enumerate(p.use_route[p.division.use].tolist()):
            of_route.setdefault(route, []).append(entry)
        found = [(row, entry) for row, route in enumerate(routes.tolist()) for entry in of_route.get(route, ())]
        rows, entries = np.array(found, dtype=np.int64).reshape(-1, 2).T
        return rows, entries

    def _firm_of(self, entry: Ints) -> Ints:
        p = self.plan.problem
        return p.resource_firm[p.use_resource[p.division.use[entry]]]

    def _book(self, account: str, amount: Floats, firm: Ints, sku: Ints, *, is_cash: bool = True) -> None:
        """Book amounts (N, T) to the firm of their row."""
        found = cells(amount=amount)
        row = found["row"]
        self.entries.append(self._entry(account, found, firm[row], sku[row], is_cash=is_cash))

    def _book_to_sellers(
        self, account: str, amount: Floats, split: Callable[[Rows], Rows], commodity: Ints, *, is_cash: bool = True
    ) -> None:
        """Book amounts (N, T) to the sellers whose goods they are for; of their rows' commodities."""
        found = split(cells(amount=amount))
        sku = self.plan.network.commodity_product[commodity[found["row"]]]
        self.entries.append(self._entry(account, found, found["firm"], sku, is_cash=is_cash))

    def _entry(self, account: str, found: Rows, firm: Ints, sku: Ints, *, is_cash: bool) -> Rows:
        size = len(found["amount"])
        return {
            "week": found["week"],
            "firm": firm,
            "account": np.full(size, _ACCOUNTS.index(account)),
            "counterparty": np.full(size, -1),
            "sku": sku,
            "is_cash": np.full(size, is_cash),
            "amount": found["amount"],
        }
