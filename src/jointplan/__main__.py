"""``python -m jointplan`` is the command ``jointplan``."""

from __future__ import annotations

import signal
from types import FrameType


def main() -> None:
    """Run the command line.

    Ctrl-C is held back for the second in which the commands are loaded: they know how to answer it.
    """
    pressed: list[int] = []

    def hold(number: int, _: FrameType | None) -> None:
        pressed.append(number)

    usual = signal.signal(signal.SIGINT, hold)
    from jointplan.cli import main as run

    signal.signal(signal.SIGINT, usual)
    run(interrupted=bool(pressed))


if __name__ == "__main__":
    main()
