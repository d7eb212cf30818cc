"""``python -m jointplan`` is the command ``jointplan``."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from types import FrameType


def main() -> None:
    """Run the command line.

    Ctrl-C is held back for the second in which the commands are loaded: they know how to answer it.
    """
    press_again_where_swallowed()
    pressed: list[int] = []

    def hold(number: int, _: FrameType | None) -> None:
        pressed.append(number)

    usual = signal.signal(signal.SIGINT, hold)
    from jointplan.cli import main as run

    try:
        signal.signal(signal.SIGINT, usual)
        run(interrupted=bool(pressed))
    except KeyboardInterrupt:  # between two lines of ours
        run(interrupted=True)


def press_again_where_swallowed() -> None:
    """Press Ctrl-C again for the user where it met code that nothing can be raised from.

    An exception that a finaliser or the callback of a weak reference raises is printed and dropped, and each module that
    is imported calls one. A moment later the program is most likely somewhere else.
    """
    usual = sys.unraisablehook

    def hook(dropped: sys.UnraisableHookArgs) -> None:
        if issubclass(dropped.exc_type, KeyboardInterrupt):
            again = threading.Timer(0.05, _thread.interrupt_main)
            again.daemon = True
            again.start()
        else:
            usual(dropped)

    sys.unraisablehook = hook


if __name__ == "__main__":
    main()
