"""A finished run, as Python sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from jointplan.store import StoredRun
from jointplan.texts import tr

SAME = 0.5  # money by which two plans are not told to differ: amounts are written in whole units


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

    def sentence(self) -> str:
        """Return what the run found, in one sentence."""
        horizon, verdict = self.manifest["horizon"], self.manifest["verdict"]
        if verdict == "one_owner":
            return tr("There is one owner: nothing to pool, so planning together gains nothing.")
        if self.manifest["verdict"] == "nothing_shared":
            return tr("Nothing is shared between owners, so planning together gains nothing.")
        if self.gain is None:
            return tr("There is no gain to report.")
        if self.manifest.get("ended_early") and self.gain_high is None:
            return tr(
                "The search was ended before anything was proven of the joint plan: what planning together gains is not known."
            )
        size, weeks = f"{abs(self.gain):,.0f} {self.manifest['currency']}", horizon["weeks"]
        low, high = _written(self.gain_low), _written(self.gain_high)
        match verdict:
            case "gain":
                said = tr("Planning together gains {gain} over {weeks} weeks", gain=size, weeks=weeks)
            case "loss":
                said = tr("Planning together loses {gain} over {weeks} weeks", gain=size, weeks=weeks)
                low, high = _written(self.gain_high, -1), _written(self.gain_low, -1)
            case _:
                said = tr("Whether planning together gains over {weeks} weeks is not distinguishable", weeks=weeks)
        between = tr("for exactly this demand, proven to lie between {low} and {high}", low=low, high=high)
        if horizon["replay"]:
            between = tr("{between}; replay of past weeks whose orders were known beforehand", between=between)
        told = tr("{said} ({between}).", said=said, between=between)
        better = self.better(size) if verdict == "not_distinguishable" else ""
        return tr("{told} {more}", told=told, more=better) if better else told

    def better(self, size: str) -> str:
        """Return which of two plans that cannot be told apart to take: the better of those found.

        Parameters
        ----------
        size : str
            By how much, as an amount of money is written.
        """
        if self.gain is None or abs(self.gain) < SAME:
            return ""
        if self.gain > 0:
            return tr("Of the plans found, the joint one is better by {size}.", size=size)
        statuses = {row["plan"]: row["status"] for row in self.tables["values"].to_pylist()}
        if statuses.get("joint") == "feasible":
            return tr(
                "Of the plans found, the separate ones are better by {size}: keep to them, or search longer for the joint plan.",
                size=size,
            )
        return tr("Of the plans found, the separate ones are better by {size}: keep to them.", size=size)

    def _figure(self, name: str) -> float | None:
        value: float | None = self.manifest["figures"][name]
        return value


def _written(value: float | None, sign: int = 1) -> str:
    return "?" if value is None else f"{round(sign * value):,}"
