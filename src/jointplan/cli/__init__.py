"""The command line.

Slow libraries are imported by the command that needs them, so that ``--help`` answers at once.
"""

from jointplan.cli import diagnosing, newness, working  # these commands add themselves
from jointplan.cli.commands import app, main

__all__ = ["app", "diagnosing", "main", "newness", "working"]
