"""The money of a plan, account by account."""

from __future__ import annotations

from dataclasses import dataclass

from jointplan.planning.problem import Floats


@dataclass(frozen=True)
class Accounts:
    """The money of a plan, costs positive, each array in the finest detail the ledger needs.

    Shapes: revenue, channel, late, goodwill, protection (S, T); making, material, transfer (K, T); minor (E, T) and major (Q, T) setups,
    less what kept ones spare; overtime (M, T); unit_freight, border, handling (A, T); load, clearing (loads, T); storage, holding (P, T); transit_holding (A, T);
    shelf_holding (D, T); opening (W, T); entry (V, T); investment (J, T); purchase (Y, T); bin_holding (X, T); interest (H, T); end_stock (P,); end_transit (A,);
    end_shelf (D,); end_bin (X,); hub (T,).
    """

    revenue: Floats
    channel: Floats
    making: Floats
    material: Floats
    transfer: Floats
    minor: Floats
    major: Floats
    overtime: Floats
    unit_freight: Floats
    border: Floats
    load: Floats
    clearing: Floats
    handling: Floats
    storage: Floats
    holding: Floats
    transit_holding: Floats
    shelf_holding: Floats
    late: Floats
    goodwill: Floats
    protection: Floats
    opening: Floats
    entry: Floats
    investment: Floats
    purchase: Floats
    bin_holding: Floats
    interest: Floats
    end_stock: Floats
    end_transit: Floats
    end_shelf: Floats
    end_bin: Floats
    hub: Floats

    @property
    def value(self) -> float:
        """Revenue, end stock and what safety stock protects, less every cost; transfers cancel out."""
        costs = (
            self.channel, self.making, self.material, self.minor, self.major, self.overtime, self.unit_freight, self.border, self.load,
            self.clearing, self.handling, self.storage, self.holding, self.transit_holding, self.shelf_holding, self.late,
            self.goodwill, self.opening, self.entry, self.investment, self.purchase, self.bin_holding, self.interest, self.hub,
        )  # fmt: skip
        gained = float(self.revenue.sum()) + float(self.protection.sum()) + self.credit
        return gained - sum(float(cost.sum()) for cost in costs)

    @property
    def credit(self) -> float:
        """What goods and materials left over and under way at the end are worth."""
        return float(self.end_stock.sum() + self.end_transit.sum() + self.end_shelf.sum() + self.end_bin.sum())
