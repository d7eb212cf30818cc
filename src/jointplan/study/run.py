"""A finished run, as Python sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from jointplan.schema.results.making import ASSUMED_SUPPLIER
from jointplan.store import StoredRun
from jointplan.texts import sentences, tr

SAME = 0.5  # money by which two plans are not told to differ: amounts are written in whole units

_SIDES = {"separate": 1.0, "joint": -1.0}
_NAMED = 3  # materials whose price is assumed that are named


class WholeGain(NamedTuple):
    """How far apart the whole amounts are that two plans are written as, and its interval."""

    found: int | None
    low: int | None
    high: int | None

    @classmethod
    def between(cls, value: float, against: float, low: float | None, high: float | None) -> WholeGain:
        """Return by how much one plan is worth more than another; ends are rounded, and give way where that would lie beyond them."""
        found = round(value) - round(against)
        return cls(
            found, None if low is None else min(round(low), found), None if high is None else max(round(high), found)
        )

    @property
    def nothing(self) -> bool:
        """Whether it is proven to be none."""
        return self == (0, 0, 0)

    @property
    def exact(self) -> bool:
        """Whether it is proven to the whole amount."""
        return self.low is not None and self.low == self.high

    @property
    def loss(self) -> WholeGain:
        """The same told as a loss."""
        return WholeGain(*(None if amount is None else -amount for amount in (self.found, self.high, self.low)))


@dataclass(frozen=True)
class Run:
    """A finished run.

    Money is in the currency of the run, ``manifest["currency"]``.
    """

    stored: StoredRun

    @property
    def id(self) -> str:
        """The name of the run."""
        return self.stored.id

    @property
    def manifest(self) -> dict[str, Any]:
        """Settings, input hashes, versions, timings and figures."""
        return self.stored.manifest

    @property
    def tables(self) -> Mapping[str, pa.Table]:
        """The result tables by name."""
        return self.stored.tables

    @property
    def gain(self) -> float | None:
        """What the joint plan is worth more than the separate plans."""
        return self._figure("gain")

    @property
    def gain_low(self) -> float | None:
        """The gain is at least this."""
        return self._figure("gain_low")

    @property
    def gain_high(self) -> float | None:
        """The gain is at most this."""
        return self._figure("gain_high")

    @property
    def report(self) -> Path | None:
        """The report to open in a browser, if one was written."""
        file = self.stored.folder / "report.html"
        return file if file.exists() else None

    @property
    def whole_gain(self) -> WholeGain:
        """The gain and its interval in whole units of money, as people are told them."""
        joint, separate = (self.manifest["figures"]["value"][plan] for plan in ("joint", "separate"))
        if joint is None or separate is None:
            return WholeGain(None, None, None)
        return WholeGain.between(joint, separate, self.gain_low, self.gain_high)

    def sentence(self) -> str:
        """Return what the run found, in one sentence."""
        horizon, verdict = self.manifest["horizon"], self.manifest["verdict"]
        if verdict == "one_owner":
            return tr("Only one owner takes part: nothing to pool, so planning together gains nothing.")
        if self.manifest["verdict"] == "nothing_shared":
            return tr("Nothing is shared between owners, so planning together gains nothing.")
        if self.gain is None:
            return tr("There is no gain to report.")
        if (unsearched := self.unsearched()) and verdict not in ("gain", "loss"):
            return unsearched
        if self.manifest.get("ended_early") and self.gain_high is None:
            return tr(
                "The search was ended before anything was proven of the joint plan: what planning together gains is not known."
            )
        found = self.whole_gain.loss if verdict == "loss" else self.whole_gain
        size, weeks = f"{abs(found.found or 0):,} {self.manifest['currency']}", horizon["weeks"]
        low, high = ("?" if end is None else f"{end:,}" for end in (found.low, found.high))
        match verdict:
            case "gain":
                said = tr("Planning together gains {gain} over {weeks} {weeks:week|weeks}", gain=size, weeks=weeks)
            case "loss":
                said = tr("Planning together loses {gain} over {weeks} {weeks:week|weeks}", gain=size, weeks=weeks)
            case _ if found.nothing:
                said = tr("Planning together gains nothing over {weeks} {weeks:week|weeks}", weeks=weeks)
            case _:
                said = tr(
                    "Whether planning together gains over {weeks} {weeks:week|weeks} is not distinguishable",
                    weeks=weeks,
                )
        between = (
            tr("for exactly this demand, proven to be neither more nor less")
            if found.exact
            else tr("for exactly this demand, proven to lie between {low} and {high}", low=low, high=high)
        )
        if horizon["replay"]:
            between = tr("{between}; replay of past weeks whose orders were known beforehand", between=between)
        told = tr("{said} ({between}).", said=said, between=between)
        better = self.better(size) if verdict == "not_distinguishable" else ""

        def money(amount: float) -> str:
            return f"{amount:,.0f} {self.manifest['currency']}"

        return sentences((told, better, self.before_hub(money), self.still_open(), self.resting(money)))

    def unsearched(self) -> str:
        """Return that the joint plan was not looked for; nothing where it was."""
        if self.stored.joint_searched:
            return ""
        return tr(
            "The search was ended before that of the joint plan began: the joint plan is only what it would have begun from, the separate plans or, "
            "in a plan made again, the earlier joint plan. What planning together gains is not known. Where the latest run is asked for, another is "
            "taken if there is one."
        )

    def better(self, size: str) -> str:
        """Return which of two plans that cannot be told apart to take: the better of those found.

        Parameters
        ----------
        size : str
            By how much, as an amount of money is written.
        """
        gain = self.whole_gain.found
        if not gain:
            return ""
        if gain > 0:
            return tr("Of the plans found, the joint one is better by {size}.", size=size)
        statuses = {row["plan"]: row["status"] for row in self.tables["values"].to_pylist()}
        if statuses.get("joint") == "feasible":
            return tr(
                "Of the plans found, the separate ones are better by {size}: keep to them, or search longer for the joint plan.",
                size=size,
            )
        return tr("Of the plans found, the separate ones are better by {size}: keep to them.", size=size)

    def before_hub(self, write: Callable[[float], str]) -> str:
        """Return that a joint plan worth less than the separate plans loses what the hub costs; nothing where it loses more.

        Parameters
        ----------
        write : callable
            Writes an amount of money.
        """
        found = self.whole_gain.found
        hub = round((self.manifest.get("hub") or {}).get("weekly_cost", 0.0) * self.manifest["horizon"]["weeks"])
        if found is None or found >= 0 or found + hub < 0 or not self.stored.joint_searched:
            return ""
        if found + hub == 0:
            return tr("What the joint plan found loses is what the hub costs.")
        return tr(
            "Before the hub, which costs {hub} in these weeks, the joint plan found is better by {gain}: it pays only with a hub that costs less than that.",
            hub=write(hub),
            gain=write(found + hub),
        )

    def still_open(self) -> str:
        """Return what the gain is of where lots are decided already, or that all of them lie outside the weeks planned; nothing where none are."""
        rows = self.tables["assumptions"].to_pylist() if "assumptions" in self.tables else []
        items = {row["item"] for row in rows}
        if "approved lots" in items:
            said = tr("Lots that are decided are made in both plans: the difference is that of what is still open.")
            return sentences((said, self.frozen()))
        if items & {"approved", "approved lots in work"}:  # inside those weeks, yet left out or begun
            return ""
        outside = ("approved lots of past weeks", "approved lots of later weeks")
        if units := sum(float(row["value"]) for row in rows if row["item"] in outside):
            return tr(
                "All lots that are decided lie outside the weeks planned and are not planned ({units} {units:unit|units}).",
                units=f"{units:,.0f}",
            )
        return ""

    def frozen(self) -> str:
        """Return what lots frozen from an earlier joint plan do to the separate plans, and so to the gain; nothing where none are."""
        frozen = self.manifest.get("frozen")
        if not frozen or not frozen["lots"]:
            return ""
        return tr(
            "{n} of these lots {n:is|are} frozen from the joint plan of run {run}: separate plans that must make {n:it|them} may be worth less "
            "for it, so this difference cannot be held against that run's.",
            n=frozen["lots"],
            run=frozen["run"],
        )

    def resting(self, write: Callable[[float], str]) -> str:
        """Return how much of the gain rests on prices of materials that are assumed; nothing where none does.

        Parameters
        ----------
        write : callable
            Writes an amount of money.
        """
        saved: dict[str, float] = {}
        elsewhere: set[str] = set()
        for row in self.tables["purchases"].to_pylist() if "purchases" in self.tables else ():
            material, plan = row["material"], row["plan"]
            if row["supplier"] == ASSUMED_SUPPLIER:
                saved[material] = saved.get(material, 0.0) + _SIDES.get(plan, 0.0) * row["cost"]
            elif plan == "joint":
                elsewhere.add(material)
        names = tuple(sorted((m for m in elsewhere if saved.get(m, 0.0) >= SAME), key=lambda m: -saved[m]))
        if not names:
            return ""
        more = (tr("{n} more", n=len(names) - _NAMED),) if len(names) > _NAMED else ()
        return tr(
            "The difference rests in part on an assumed price of {materials}: the joint plan spends {amount} less at it, as it buys from new sources; "
            "give today's price in the table sources.",
            materials=(*names[:_NAMED], *more),
            amount=write(sum(saved[name] for name in names)),
        )

    def _figure(self, name: str) -> float | None:
        value: float | None = self.manifest["figures"][name]
        return value
