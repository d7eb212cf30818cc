"""The network of the tables: that of the table ties, else a derived one."""

from __future__ import annotations

import pandas as pd

from jointplan.diagnosis.structure.derived import derived_network
from jointplan.diagnosis.structure.network import Network, network_from
from jointplan.engine import Tables


def network_of(tables: Tables, backbone: float, *, currency: str) -> Network:
    """Return the network of the ties of the latest year, or else a derived one.

    Parameters
    ----------
    tables : Tables
        ``firms``, and ``ties`` or what they can be derived from.
    backbone : float
        Level of the disparity filter on what firms share.
    currency : str
        Currency of the run.
    """
    firms = tuple(tables["firms"]["firm"].to_pylist())
    if "ties" in tables and tables["ties"].num_rows:
        frame = tables.frame("ties", "firm_a", "firm_b", "year", "value")
        if frame["year"].notna().any():
            frame = frame[frame["year"].isna() | (frame["year"] == frame["year"].max())]
        return network_from(
            _tied(tables, frame), frame["firm_a"], frame["firm_b"], frame["value"], source=f"ties: {len(frame)}"
        )
    return derived_network(tables, firms, backbone, currency)


def _tied(tables: Tables, ties: pd.DataFrame) -> tuple[str, ...]:
    """Return the firms of the network: all but carriers without ties, whose business with the others is in lanes."""
    rows = tables.frame("firms", "firm", "role")
    named = rows["firm"].isin(ties["firm_a"]) | rows["firm"].isin(ties["firm_b"])
    return tuple(rows.loc[named | (rows["role"] != "carrier"), "firm"])
