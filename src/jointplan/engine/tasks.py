"""Independent tasks on the processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")


def run_tasks(
    task: Callable[[Chunk], Result], chunks: Iterable[Chunk], *, workers: int | None = None
) -> Iterator[Result]:
    """Apply ``task`` to every chunk and yield the results in the order of the chunks.

    Parameters
    ----------
    task : callable
        A module-level function: it is sent to other processes.
    chunks : iterable
        What it is applied to.
    workers : int or None
        Processes; None takes all cores, 1 runs everything in this one.
    """
    chunks = list(chunks)
    workers = min(workers or os.cpu_count() or 1, max(len(chunks), 1))
    if workers == 1:
        yield from map(task, chunks)
        return
    # A fresh interpreter per worker: threads of the engine do not survive a fork.
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(task, chunks)
