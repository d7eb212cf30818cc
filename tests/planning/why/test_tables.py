"""What keeps a product from being made is read from the tables, and written to them by name."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from jointplan.engine import Tables
from jointplan.planning.plans import plan_coalition
from jointplan.planning.rights import separate_rights
from jointplan.planning.why import Explainer, undone_steps
from jointplan.schema import TABLES
from tests.planning.test_elements import Row, read
from tests.planning.why.cases import EXACT


def test_a_step_that_nobody_can_do_is_named() -> None:
    """Pressing and painting are wanted, and nobody paints; a row of the family or of all products would speak for it."""
    names = ("operations", "capabilities", "products")
    steps = [
        {"family": "f", "step": n, "process": process, "hours": 0.5} for n, process in enumerate(("press", "paint"), 1)
    ]
    blank = {name: {column.name: column.default for column in TABLES[name].columns} for name in names}
    product = {"sku": "P", "family": "f", "maker": "M"}

    def undone(*able: Row) -> dict[str, list[str]]:
        rows = dict(zip(names, (steps, [{"firm": "M"} | row for row in able], [product]), strict=True))
        found = {
            name: pa.Table.from_pylist([blank[name] | row for row in rows[name]], schema=TABLES[name].arrow)
            for name in names
        }
        return undone_steps(Tables(found))

    assert undone({"process": "press"}) == {"P": ["paint"]}
    assert undone({"process": "press"}, {"process": "paint", "family": "g"}) == {"P": ["paint"]}
    assert undone({"process": "press"}, {"process": "paint", "family": "f"}) == {}
    assert undone({"process": "press"}, {"process": "paint"}) == {}

    problem = read({0: 10}, 1, operations=steps)
    plan = plan_coalition(problem, separate_rights(problem), EXACT)
    (line,) = Explainer(plan, np.zeros(problem.regular.shape), undone={"P": ["paint"]}).reasons()
    assert (line.cause, line.step) == ("no_process", "paint")
