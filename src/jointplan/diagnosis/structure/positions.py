"""What firms' positions tell: whether they gather, and which are written the wrong way round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jointplan.diagnosis.finding import Finding, unmeasured
from jointplan.diagnosis.home import home_country
from jointplan.diagnosis.structure.network import Ints
from jointplan.diagnosis.structure.places import LEAST_FIRMS, dense, exchanged, flat, nearness
from jointplan.engine import Tables
from jointplan.schema.countries import countries
from jointplan.texts import both, some


@dataclass(frozen=True)
class Positions:
    """What was found of positions, and the dense cluster from 0 of each firm that is in one."""

    findings: tuple[Finding, ...]
    dense: dict[str, int]

    def of(self, firms: tuple[str, ...]) -> Ints:
        """Return the dense cluster of each firm, −1 for none."""
        return np.array([self.dense.get(firm, -1) for firm in firms], np.int64)


def positions(tables: Tables, near_km: float) -> Positions:
    """Measure whether firms gather on the map."""
    frame = tables.frame("firms", "firm", "lat", "lon")
    lat, lon = frame["lat"].to_numpy(float, copy=True), frame["lon"].to_numpy(float, copy=True)
    known = np.isfinite(lat) & np.isfinite(lon)
    findings: list[Finding] = []
    wrong = exchanged(lat, lon, _fixed(tables), countries().get(home_country(tables) or ""))
    if wrong.any():
        lat[wrong], lon[wrong] = lon[wrong], lat[wrong]
        names = some(frame["firm"][wrong])
        said = both(
            "Latitude and longitude of {n} {n:firm|firms} seem exchanged ({names}); they were turned round here. Correct the table firms.",
            n=int(wrong.sum()),
            names=names,
        )
        findings.append(
            Finding(
                "structure",
                "exchanged_positions",
                "data",
                *said,
                f"firms: {', '.join(names)}",
                "",
                float(wrong.sum()),
                "count",
            )
        )
    if known.sum() < LEAST_FIRMS:
        reason = unmeasured(
            "structure", "nearness", "production",
            "Whether firms gather on the map cannot be told: {n} have a position, {least} are needed. Fill in lat and lon of the table firms.",
            f"firms: {known.sum()}", n=int(known.sum()), least=LEAST_FIRMS,
        )  # fmt: skip
        return Positions((*findings, reason), {})
    points = flat(lat[known], lon[known])
    groups = dense(points, near_km)
    of_firm = {str(firm): int(group) for firm, group in zip(frame["firm"][known], groups, strict=True) if group >= 0}
    found = nearness(points)
    rows = f"firms: {int(known.sum())}"
    if found is None:
        reason = unmeasured(
            "structure", "nearness", "production",
            "Whether firms gather on the map cannot be told: their positions are all the same or lie on one line.", rows,
        )  # fmt: skip
        return Positions((*findings, reason), of_firm)
    inside = int((groups >= 0).sum())
    values = {
        "km": f"{found.km:.2f}",
        "usual": f"{found.expected:.2f}",
        "inside": inside,
        "groups": int(groups.max()) + 1,
    }
    if found.p_value <= 0.05:
        said = both(
            "Firms gather: the nearest neighbour is {km} km away, against {usual} km if they lay at random; {inside} {inside:firm lies|firms lie} in {groups} dense {groups:cluster|clusters}.",
            **values,
        )
    else:
        said = both(
            "Firms do not gather within their area: the nearest neighbour is {km} km away, against {usual} km if they lay at random; {inside} {inside:firm lies|firms lie} in {groups} dense {groups:cluster|clusters}.",
            **values,
        )
    findings.append(
        Finding(
            "structure",
            "nearness",
            "production",
            *said,
            rows,
            "",
            found.index,
            "ratio",
            "null",
            1.0,
            p_value=found.p_value,
        )
    )
    return Positions(tuple(findings), of_firm)


def _fixed(tables: Tables) -> tuple[float, float] | None:
    """Return where the cluster's hub or port lies, if a table says it."""
    if "sites" not in tables:
        return None
    sites = tables.frame("sites", "kind", "lat", "lon").dropna()
    for kind in ("hub", "port"):
        here = sites[sites["kind"] == kind]
        if len(here):
            return float(here["lat"].iloc[0]), float(here["lon"].iloc[0])
    return None
