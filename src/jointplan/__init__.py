"""Jointplan plans an industrial cluster and its cross-border sellers as one system."""

from __future__ import annotations

TYPE_CHECKING = (
    False  # of one's own, as typing takes long to load and Ctrl-C would be answered with a traceback meanwhile
)
if TYPE_CHECKING:
    from typing import Any

    from jointplan.study import Run, Study

__version__ = "0.1.0"
__all__ = ["Run", "Study", "__version__"]


def __getattr__(name: str) -> Any:
    # Imported when asked for: `jointplan --help` need not load the solver.
    if name in ("Run", "Study"):
        from jointplan import study

        return getattr(study, name)
    raise AttributeError(f"module 'jointplan' has no attribute {name!r}")
