"""How long the cluster lasts when a supplier or maker fails, and what that costs: one linear programme a node.

Simchi-Levi and others, "Identifying risks and mitigating disruptions in the automotive supply chain", Interfaces 45 (2015).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jointplan.solvers import ModelBuilder, SolveOptions
from jointplan.solvers.highs import Relaxation

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
FOREVER = 520.0  # weeks; what lasts ten years lasts


@dataclass(frozen=True)
class Supply:
    """Activities that make things out of things, and the demand they serve.

    An activity is a supplier's delivery of a material or a maker's making of a product. Everyone can be supplied by everyone,
    so that flows need no arcs of their own: of each thing, no more is used than is made or on hand.

    Parameters
    ----------
    makes : ndarray of int, shape (a,)
        The thing each activity makes.
    node : ndarray of int, shape (a,)
        Who does it.
    needs : tuple of ndarray
        Rows of what activities use: activity, thing, amount for one made.
    room : tuple of ndarray
        Rows of what activities take of limits: activity, limit, amount for one made.
    limits : ndarray, shape (l,)
        Limits a week.
    stock : ndarray, shape (t,)
        On hand of each thing.
    demand : ndarray, shape (t,)
        Demand a week for each thing.
    worth : ndarray, shape (t,)
        Money lost with one that is not delivered.
    nodes : tuple of str
        Names of the nodes.
    """

    makes: Ints
    node: Ints
    needs: tuple[Ints, Ints, Floats]
    room: tuple[Ints, Ints, Floats]
    limits: Floats
    stock: Floats
    demand: Floats
    worth: Floats
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class Exposure:
    """What the failure of each node costs, and how long one lasts without it.

    Parameters
    ----------
    loss : ndarray, shape (n,)
        Money lost while the node is out.
    weeks : ndarray, shape (n,)
        Weeks before the first loss; ∞ for ever.
    base : float
        Money lost in the same weeks although nothing fails.
    """

    loss: Floats
    weeks: Floats
    base: float

    @property
    def index(self) -> Floats:
        """Each loss over the largest (risk exposure index)."""
        most = self.loss.max() if len(self.loss) else 0.0
        return self.loss / most if most > 0 else np.zeros(len(self.loss))


def exposure(supply: Supply, weeks_out: float, nodes: Sequence[int] | None = None) -> Exposure:
    """Return what each node's failure costs over ``weeks_out`` weeks, and how long one lasts without it.

    Both programmes are built once and kept warm: from node to node only bounds of its activities move.

    Parameters
    ----------
    supply : Supply
        The network.
    weeks_out : float
        Weeks until a node that failed works again (TTR).
    nodes : sequence of int or None
        Nodes to look at; None: all.
    """
    looked = range(len(supply.nodes)) if nodes is None else nodes
    losing, work, _ = _programme(supply, weeks=weeks_out)
    lasting, work_too, time = _programme(supply, weeks=None)
    base = _solved(losing) or 0.0
    loss, weeks = [], []
    for node in looked:
        mine = supply.node == node
        for programme, columns in ((losing, work), (lasting, work_too)):
            _allow(programme, columns[mine], 0.0)
        loss.append(max((_solved(losing) or 0.0) - base, 0.0))
        lasted = lasting.solve().values
        weeks.append(np.inf if lasted is None or lasted[time] >= FOREVER * 0.999 else max(float(lasted[time]), 0.0))
        for programme, columns in ((losing, work), (lasting, work_too)):
            _allow(programme, columns[mine], np.inf)
    return Exposure(np.array(loss), np.array(weeks), base)


def _solved(programme: Relaxation) -> float | None:
    return programme.solve().report.objective


def _allow(programme: Relaxation, columns: Ints, upper: float) -> None:
    if len(columns):
        programme.set_bounds(columns, np.zeros(len(columns)), np.full(len(columns), upper))


def _programme(supply: Supply, weeks: float | None) -> tuple[Relaxation, Ints, int]:
    """Build the programme; with ``weeks`` it loses least money in them, without it lasts longest with no loss."""
    builder = ModelBuilder()
    things = len(supply.stock)
    work = builder.columns((len(supply.makes),))
    wanted = np.flatnonzero(supply.demand > 0)
    # Time is a column even where it is fixed, so that demand and limits are written once: both grow with it.
    time = builder.columns(
        (1,),
        lower=0.0 if weeks is None else weeks,
        upper=FOREVER if weeks is None else weeks,
        cost=-1.0 if weeks is None else 0.0,
    )
    lost = builder.columns((len(wanted),), cost=supply.worth[wanted]) if weeks is not None else np.full(len(wanted), -1)
    activity, used, amount = supply.needs
    builder.rows(
        -supply.stock,
        np.inf,
        [
            (supply.makes, work, 1.0),
            (used, work[activity], -amount),
            (np.arange(things), np.full(things, time[0]), -supply.demand),
            (wanted, lost, 1.0),
        ],
    )
    taking, limit, taken = supply.room
    builder.rows(
        np.full(len(supply.limits), -np.inf),
        0.0,
        [
            (limit, work[taking], taken),
            (np.arange(len(supply.limits)), np.full(len(supply.limits), time[0]), -supply.limits),
        ],
    )
    return Relaxation(builder.build(), SolveOptions()), work, int(time[0])
