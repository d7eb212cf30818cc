"""Independent tasks on the processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")


def run_tasks(
    task: Callable[[Chunk], Result], chunks: Iterable[Chunk], *, workers: int | None = None
) -> Iterator[Result]:
    """Apply ``task`` to every chunk and yield the results in the order of the chunks.

    When the caller stops early, by an error or Ctrl-C, the tasks still running are ended with it.

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
    others = set(multiprocessing.active_children())
    # A fresh interpreter per worker: threads of the engine do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_interrupts_to_the_parent) as pool:
        try:
            yield from pool.map(task, chunks)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in set(multiprocessing.active_children()) - others:
                worker.terminate()
            raise


def _leave_interrupts_to_the_parent() -> None:
    # Ctrl-C reaches every process at the terminal; a worker would print a traceback of its own.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
