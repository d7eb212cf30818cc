"""How long the cluster lasts when a supplier or maker fails, and what that costs: one linear programme a node.

Simchi-Levi and others, "Identifying risks and mitigating disruptions in the automotive supply chain", Interfaces 45 (2015).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from jointplan.solvers import ModelBuilder, SolveOptions, SolveReport, Status
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
        Money lost while the node is out; NaN where that is not known.
    weeks : ndarray, shape (n,)
        Weeks before the first loss; ∞ for ever, NaN where that is not known.
    base : float
        Money lost in the same weeks although nothing fails; NaN where that is not known, and then nothing is.
    unsolved : mapping
        How the programme of each node ended that has no answer, by its place in ``loss``.
    """

    loss: Floats
    weeks: Floats
    base: float
    unsolved: Mapping[int, Status] = field(default_factory=dict)

    @property
    def index(self) -> Floats:
        """Each loss over the largest (risk exposure index); NaN where the loss is."""
        most = np.nanmax(self.loss, initial=0.0)
        return np.asarray(self.loss / most if most > 0 else self.loss * 0.0)


def exposure(
    supply: Supply, weeks_out: float, nodes: Sequence[int] | None = None, *, options: SolveOptions | None = None
) -> Exposure:
    """Return what each node's failure costs over ``weeks_out`` weeks, and how long one lasts without it.

    Both programmes are built once and kept warm: from node to node only bounds of its activities move. A node whose programme
    ends without an answer has none: no loss would be a claim.

    Parameters
    ----------
    supply : Supply
        The network.
    weeks_out : float
        Weeks until a node that failed works again (TTR).
    nodes : sequence of int or None
        Nodes to look at; None: all.
    options : SolveOptions or None
        Limits of each solve; None: none.
    """
    looked = range(len(supply.nodes)) if nodes is None else nodes
    limits = options or SolveOptions()
    losing, work = _programme(supply, limits, weeks=weeks_out)
    lasting, work_too = _programme(supply, limits, weeks=None)
    base = _solved(losing)
    loss, weeks = np.full(len(looked), np.nan), np.full(len(looked), np.nan)
    unsolved: dict[int, Status] = {}
    for place, node in enumerate(looked):
        mine = supply.node == node
        for programme, columns in ((losing, work), (lasting, work_too)):
            _allow(programme, columns[mine], 0.0)
        out, last = _solved(losing), _solved(lasting)
        if base.objective is None or out.objective is None or last.objective is None:
            unsolved[place] = next(end.status for end in (base, out, last) if end.objective is None)
        else:
            loss[place] = max(out.objective - base.objective, 0.0)
            lasted = -last.objective
            weeks[place] = np.inf if lasted >= FOREVER * 0.999 else max(0.0, lasted)  # not −0.0
        for programme, columns in ((losing, work), (lasting, work_too)):
            _allow(programme, columns[mine], np.inf)
    return Exposure(loss, weeks, np.nan if base.objective is None else base.objective, unsolved)


def _solved(programme: Relaxation) -> SolveReport:
    return programme.solve().report


def _allow(programme: Relaxation, columns: Ints, upper: float) -> None:
    if len(columns):
        programme.set_bounds(columns, np.zeros(len(columns)), np.full(len(columns), upper))


def _programme(supply: Supply, limits: SolveOptions, *, weeks: float | None) -> tuple[Relaxation, Ints]:
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
    return Relaxation(builder.build(), limits), work
