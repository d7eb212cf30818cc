"""Tasks on several processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from jointplan.engine import run_tasks


def square(number: int) -> int:
    """Return the square; what is below zero is refused."""
    if number < 0:
        raise ValueError("below zero")
    return number * number


def nap(seconds: float) -> float:
    """Take a while, as a stage does."""
    os.write(1, b"asleep\n")  # at once: two processes may print a line in parts, and these mix
    time.sleep(seconds)
    return seconds


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_chunks(workers: int) -> None:
    """One process or several: the same results in the same order."""
    assert list(run_tasks(square, range(10), workers=workers)) == [n * n for n in range(10)]
    assert list(run_tasks(square, [], workers=workers)) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_chunks_are_made_as_they_are_needed(workers: int) -> None:
    """Of many chunks a generator has made only a few more than were answered."""
    made = []

    def chunks() -> Iterator[int]:
        for number in range(40):
            made.append(number)
            yield number

    for done, result in enumerate(run_tasks(square, chunks(), workers=workers)):
        assert result == done * done
        if done == 0:
            assert len(made) < 20
    assert len(made) == 40


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_in_a_task_reaches_the_caller(workers: int) -> None:
    """The error is that of the task, and no worker outlives it."""
    with pytest.raises(ValueError, match="below zero"):
        list(run_tasks(square, [1, -1, 2], workers=workers))


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent as a signal")
def test_ctrl_c_ends_all_processes_at_once_and_quietly() -> None:
    """At the terminal Ctrl-C reaches every process: none goes on, and only the parent tells of it."""
    script = (
        "from jointplan.engine import run_tasks\nfrom tests.engine.test_tasks import nap\n"
        "if __name__ == '__main__':\n"
        "    try: list(run_tasks(nap, [30.0] * 4, workers=2))\n"
        "    except KeyboardInterrupt: print('stopped', flush=True)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert child.stdout is not None
    assert child.stderr is not None
    with child.stdout, child.stderr:
        for _ in range(2):
            assert child.stdout.readline() == "asleep\n"
        began = time.monotonic()
        os.killpg(child.pid, signal.SIGINT)
        child.wait(timeout=20)
        assert time.monotonic() - began < 10
        assert child.stdout.read() == "stopped\n"
        assert child.stderr.read() == ""
