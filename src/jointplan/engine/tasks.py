"""Independent tasks on the processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import chain, islice
from typing import TypeVar

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")

AHEAD = 2
"""Tasks of each process that are begun or wait for it."""


def run_tasks(
    task: Callable[[Chunk], Result], chunks: Iterable[Chunk], *, workers: int | None = None
) -> Iterator[Result]:
    """Apply ``task`` to every chunk and yield the results in the order of the chunks.

    When the caller stops early, by an error or Ctrl-C, the tasks still running are ended with it. Chunks are taken as processes come free, so
    that those of a generator do not all have to be held at once.

    Parameters
    ----------
    task : callable
        A module-level function: it is sent to other processes.
    chunks : iterable
        What it is applied to.
    workers : int or None
        Processes; None takes all cores, 1 runs everything in this one.
    """
    workers = workers or os.cpu_count() or 1
    chunks = iter(chunks)
    begun = list(islice(chunks, workers))
    chunks = chain(begun, chunks)
    workers = min(workers, max(len(begun), 1))
    if workers == 1:
        yield from map(task, chunks)
        return
    others = set(multiprocessing.active_children())
    # A fresh interpreter per worker: threads of the engine do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_leave_interrupts_to_the_parent) as pool:
        try:
            yield from _in_order(pool, task, chunks, AHEAD * workers)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in set(multiprocessing.active_children()) - others:
                worker.terminate()
            raise


def _in_order(
    pool: ProcessPoolExecutor, task: Callable[[Chunk], Result], chunks: Iterable[Chunk], most: int
) -> Iterator[Result]:
    # At most so many tasks wait or run at a time; one that takes long holds up what is yielded, not what is begun.
    chunks = iter(chunks)
    made: deque[Future[Result]] = deque()
    running: set[Future[Result]] = set()
    while True:
        for chunk in islice(chunks, most - len(running)):
            made.append(pool.submit(task, chunk))
            running.add(made[-1])
        if not made:
            return
        running = wait(running, return_when=FIRST_COMPLETED).not_done
        while made and made[0].done():
            yield made.popleft().result()


def _leave_interrupts_to_the_parent() -> None:
    # Ctrl-C reaches every process at the terminal; a worker would print a traceback of its own.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
